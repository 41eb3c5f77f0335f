use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What somebody else's server answers: a status, header lines and a body.
pub type Answer = (u16, &'static str, String);

/// Somebody else's server, which answers as a test says and counts what it is asked for.
pub struct Elsewhere {
    pub base: String,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Elsewhere {
    /// Answers each path by what `answer` says of it and of how often it was asked for before.
    pub async fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(HashMap::new()));
        let (counts, answer) = (asked.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counts, answer) = (counts.clone(), answer.clone());
                tokio::spawn(async move { serve(stream, &counts, &*answer).await });
            }
        });
        Self { base, asked }
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().get(path).copied().unwrap_or(0)
    }
}

async fn serve(
    stream: TcpStream,
    counts: &Mutex<HashMap<String, usize>>,
    answer: &(dyn Fn(&str, usize) -> Answer + Send + Sync),
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let path = request.split_whitespace().nth(1)?.to_owned();
    let before = {
        let mut counts = counts.lock().unwrap();
        let count = counts.entry(path.clone()).or_insert(0);
        *count += 1;
        *count - 1
    };
    let (status, headers, body) = answer(&path, before);
    let head = format!(
        "HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()
}
