//! As much of HTTP as a browser needs: one request for each connection.

use std::collections::HashMap;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection, and the origin whose pages may read what is answered on it.
pub struct Line {
    pub stream: TcpStream,
    pub allowed: Option<String>,
}

impl Line {
    /// What an answer says besides.
    fn more(&self) -> String {
        let allow =
            |origin| format!("Access-Control-Allow-Origin: {origin}\r\nAccess-Control-Expose-Headers: Retry-After\r\n");
        self.allowed.as_ref().map(allow).unwrap_or_default()
    }

    /// Answers the question that a browser asks before a request of another origin's page.
    pub async fn permit(&mut self) {
        let asked = [("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")];
        let status = if self.allowed.is_some() { 204 } else { 403 };
        answer(self, status, "text/plain", &asked, b"").await;
    }
}

pub struct Request {
    pub method: String,
    pub path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// The request that comes; none if the connection ends before it is whole.
    pub async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: HashMap<_, _> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = bytes.split_off(head + 4);
        while body.len() < length {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        Some(Self { method: first.next()?.to_owned(), path: first.next()?.to_owned(), headers, body })
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }

    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the chat sends JSON")
    }
}

/// Answers, and so ends the connection.
pub async fn answer(line: &mut Line, status: u16, kind: &str, more: &[(&str, &str)], body: &[u8]) {
    let mut more: Vec<_> = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    more.push(line.more());
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        body.len(),
        more.concat()
    );
    let _ = line.stream.write_all(&[head.as_bytes(), body].concat()).await;
    let _ = line.stream.shutdown().await;
}

pub async fn begin_stream(line: &mut Line) {
    let head = "HTTP/1.1 200 Said\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
                Connection: close\r\n";
    let _ = line.stream.write_all(format!("{head}{}\r\n", line.more()).as_bytes()).await;
}

/// Whether the bytes could be written.
pub async fn write(line: &mut Line, bytes: &[u8]) -> bool {
    line.stream.write_all(bytes).await.is_ok()
}
