//! A site that is served at a port of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use flow_core::Flow;
use flow_http::{Ended, Site};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// A site that is served, until it is ended.
pub struct Served {
    pub address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<Ended>,
}

impl Served {
    pub async fn with<F: Flow>(site: &Site<F>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let site = site.clone();
        let task = tokio::spawn(async move {
            let end = async {
                let _ = ended.await;
            };
            site.serve_at(listener, end, Duration::from_secs(3)).await
        });
        Self { address, end, task }
    }

    pub async fn connects(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// A connection from another address of this machine.
    pub async fn connects_from(&self, last: u8) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).expect("an address");
        socket.connect(self.address).await.expect("a connection")
    }

    /// What is answered to this request, on a connection of its own.
    pub async fn asks(&self, request: &Asked<'_>) -> Answered {
        request.over(&mut self.connects().await).await
    }

    /// A token for a conversation.
    pub async fn token(&self) -> String {
        let opened = self.asks(&Asked::post("/chat/sessions", &json!({}))).await;
        opened.json()["token"].as_str().expect("a token").to_owned()
    }

    /// The figures, as an operator is told them.
    pub async fn figures(&self) -> String {
        self.asks(&Asked::get("/metrics").with("x-key", "")).await.body
    }

    /// How often a limit was met.
    pub async fn met(&self, limit: &str) -> u64 {
        let line = format!("flow_http_limits_met_total{{limit=\"{limit}\"}} ");
        let figures = self.figures().await;
        figures.lines().find_map(|other| other.strip_prefix(&line)).map_or(0, |count| count.parse().expect("a number"))
    }

    pub async fn ends(self) -> Ended {
        self.end.send(()).expect("it serves");
        self.task.await.expect("it ends")
    }
}

/// A request, as it goes over a socket.
pub struct Asked<'r> {
    pub method: &'r str,
    pub path: &'r str,
    headers: String,
    body: String,
}

impl<'r> Asked<'r> {
    pub fn get(path: &'r str) -> Self {
        Self::by("GET", path)
    }

    pub fn post(path: &'r str, body: &Value) -> Self {
        let body = body.to_string();
        let asked = Self::by("POST", path).with("content-length", &body.len().to_string());
        Self { body, ..asked.with("content-type", "application/json") }
    }

    pub fn by(method: &'r str, path: &'r str) -> Self {
        Self { method, path, headers: String::new(), body: String::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// With this header line instead of that one.
    pub fn instead(mut self, line: &str, other: &str) -> Self {
        assert!(self.headers.contains(line), "{line}");
        self.headers = self.headers.replace(line, other);
        self
    }

    pub fn by_token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// As it is written, but for the end of the connection.
    pub fn written(&self) -> String {
        format!("{} {} HTTP/1.1\r\nhost: salon\r\n{}\r\n{}", self.method, self.path, self.headers, self.body)
    }

    /// Asks it as the last request of a connection.
    pub async fn over(&self, connection: &mut TcpStream) -> Answered {
        let last = self.written().replacen("\r\nhost:", "\r\nconnection: close\r\nhost:", 1);
        Answered::of(&answer_within(connection, last.as_bytes(), Duration::from_secs(10)).await)
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answered {
    pub fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Self { status: status.unwrap_or_default(), head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(other, value)| (other == name).then_some(value))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// What comes back until the server closes the connection, or says nothing for a while.
pub async fn answer(connection: &mut TcpStream, request: &[u8]) -> String {
    answer_within(connection, request, Duration::from_millis(700)).await
}

async fn answer_within(connection: &mut TcpStream, request: &[u8], silence: Duration) -> String {
    // It may be answered, and closed, before all of it is sent.
    let _ = connection.write_all(request).await;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(Ok(count @ 1..)) = timeout(silence, connection.read(&mut chunk)).await {
        answer.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
