//! As much of HTTP as a browser needs: one request for each connection.

use std::collections::HashMap;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

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
pub async fn answer(stream: &mut TcpStream, status: u16, kind: &str, more: &[(&str, &str)], body: &[u8]) {
    let more: Vec<_> = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        body.len(),
        more.concat()
    );
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    let _ = stream.shutdown().await;
}

pub async fn begin_stream(stream: &mut TcpStream) {
    let head = "HTTP/1.1 200 Said\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
                Connection: close\r\n\r\n";
    let _ = stream.write_all(head.as_bytes()).await;
}

/// Whether the bytes could be written.
pub async fn write(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok()
}
