//! The floor: a bare actix-web server that sends the same headers and the same body as another
//! server's answer, from memory. What Pharos does on top of that is what separates the two.
//!
//! `floor 127.0.0.1:8081 127.0.0.1:8080 / br` asks the second address for `/` in brotli once, and
//! answers everything at the first address with it.
//!
//! `floor 127.0.0.1:8081` answers `/events` there with a stream that says one thing and stays open.

use std::{
    convert::Infallible,
    future::ready,
    io::{Error, Read, Result, Write},
    net::TcpStream,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    http::header::{HeaderName, HeaderValue},
    web::{self, Bytes, Data},
};
use futures_util::{StreamExt, stream};

/// Headers that the server writes itself, whatever the handler says.
const WRITTEN_BY_SERVER: [&str; 3] = ["content-length", "date", "connection"];

struct Answer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

#[actix_web::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [listen] => {
            HttpServer::new(|| App::new().route("/events", web::get().to(stream))).bind(listen)?.run().await
        }
        [listen, of, path, coding] => {
            let answer = Data::new(copy(of, path, coding)?);
            HttpServer::new(move || App::new().app_data(answer.clone()).default_service(web::to(send)))
                .bind(listen)?
                .run()
                .await
        }
        _ => Err(Error::other("usage: floor LISTEN-ADDRESS [OTHER-ADDRESS PATH CODING]")),
    }
}

async fn stream() -> HttpResponse {
    let begin = stream::once(ready(Ok::<Bytes, Infallible>(Bytes::from_static(b"data: {}\n\n"))));
    HttpResponse::Ok().content_type("text/event-stream").streaming(begin.chain(stream::pending()))
}

async fn send(answer: Data<Answer>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in &answer.headers {
        response.insert_header((name.clone(), value.clone()));
    }
    response.body(answer.body.clone())
}

fn copy(address: &str, path: &str, coding: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    let ask = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(ask.as_bytes())?;
    let mut answer = vec![];
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| Error::other("the other server's answer has no end of headers"))?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = lines.filter(|(name, _)| !WRITTEN_BY_SERVER.contains(&name.to_ascii_lowercase().as_str()));
    let headers = headers.filter_map(|(name, value)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    });
    Ok(Answer { headers: headers.collect(), body: Bytes::copy_from_slice(&answer[end + 4..]) })
}
