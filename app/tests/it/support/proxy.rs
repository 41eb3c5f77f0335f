use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
};

/// What becomes of what is sent through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Connections are closed, and new ones at once.
    Cut,
    /// Connections stand, new ones are accepted, and nothing comes through.
    BlackHole,
    /// Everything comes through later.
    Slow(Duration),
}

/// A way to a server that can be cut, slowed down, or made to swallow everything.
pub struct Proxy {
    pub address: SocketAddr,
    fault: watch::Sender<Fault>,
}

impl Proxy {
    /// A way to a server at `HOST:PORT`.
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fault = watch::Sender::new(Fault::None);
        let (server, faults) = (server.to_owned(), fault.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), faults.subscribe()));
            }
        });
        Self { address, fault }
    }

    /// The same for the server of a URL, and the URL through it.
    pub async fn before(url: &str) -> (Self, String) {
        let mut parsed = url::Url::parse(url).unwrap();
        let port = parsed.port().unwrap_or(if parsed.scheme() == "redis" { 6379 } else { 5432 });
        let proxy = Self::to(&format!("{}:{port}", parsed.host_str().unwrap())).await;
        parsed.set_host(Some("127.0.0.1")).unwrap();
        parsed.set_port(Some(proxy.address.port())).unwrap();
        (proxy, parsed.to_string())
    }

    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

async fn carry(client: TcpStream, server: String, mut faults: watch::Receiver<Fault>) {
    // Who comes while nothing goes through waits, or is sent away.
    loop {
        let fault = *faults.borrow_and_update();
        match fault {
            Fault::Cut => return,
            Fault::BlackHole => drop(faults.changed().await),
            Fault::None | Fault::Slow(_) => break,
        }
    }
    let Ok(upstream) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), upstream.into_split());
    let cut = {
        let mut faults = faults.clone();
        async move { drop(faults.wait_for(|fault| *fault == Fault::Cut).await) }
    };
    tokio::select! {
        () = pump(from_client, to_server, faults.clone()) => {}
        () = pump(from_server, to_client, faults) => {}
        () = cut => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut faults: watch::Receiver<Fault>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count) = from.read(&mut bytes).await {
        if count == 0 {
            return;
        }
        let fault = *faults.borrow_and_update();
        match fault {
            Fault::BlackHole => {
                // What was sent into it is lost with the connection; it ends when the hole does.
                drop(faults.wait_for(|fault| *fault != Fault::BlackHole).await);
                return;
            }
            Fault::Slow(delay) => tokio::time::sleep(delay).await,
            Fault::None | Fault::Cut => {}
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
