//! Somebody who talks to the bot: [`Visitor`].

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use flow_core::SessionId;
use flow_http::axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, request::Builder},
};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::{
    bot,
    ear::Ear,
    line::{Broken, Line},
};

/// How long a visitor waits for an answer before it asks again.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it comes again after a connection that broke: up to twice that.
const PAUSE: Duration = Duration::from_millis(100);

/// A visitor with a session, and what it has heard.
#[derive(Clone)]
pub struct Visitor {
    pub id: SessionId,
    pub ear: Arc<Ear>,
    token: String,
    server: SocketAddr,
    from: Ipv4Addr,
}

/// What became of what a visitor has said.
#[derive(Debug, Default)]
pub struct Said {
    /// When each message was to be said, the first at its beginning.
    pub due: Vec<Instant>,
    /// How long after that it was acknowledged.
    pub acknowledged: Vec<Duration>,
    /// How many were acknowledged before they were handled.
    pub waiting: usize,
    /// How often what was not acknowledged was sent again, by the reason.
    pub again: BTreeMap<String, usize>,
}

/// When a visitor says something.
#[derive(Clone, Copy)]
pub struct Plan {
    pub begins: Instant,
    pub each: Duration,
    pub count: u32,
}

impl Visitor {
    /// One of many: each comes from an address of its own.
    pub fn new(server: SocketAddr, number: u32) -> Self {
        let (id, token) = bot::tokens().issue();
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number);
        Self { id, ear: Arc::default(), token, server, from }
    }

    /// Opens the conversation.
    pub async fn greets(&self) {
        self.says(&mut None, 0, &mut Said::default()).await;
    }

    /// Says numbers by this plan, each until it is acknowledged.
    pub async fn talks(self, plan: Plan) -> Said {
        let (mut line, mut said) = (None, Said::default());
        for number in 0..plan.count {
            let due = plan.begins + plan.each * number;
            said.due.push(due);
            sleep_until(due).await;
            self.says(&mut line, number + 1, &mut said).await;
            said.acknowledged.push(due.elapsed());
        }
        said
    }

    async fn says(&self, line: &mut Option<Line>, number: u32, said: &mut Said) {
        loop {
            let answer = timeout(PATIENCE, self.posts(line, number)).await.unwrap_or_else(|_| Err("no answer".into()));
            let (why, pause) = match answer {
                Ok((StatusCode::OK, _)) => return,
                Ok((StatusCode::ACCEPTED, _)) => {
                    said.waiting += 1;
                    return;
                }
                Ok((status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE), pause)) => {
                    (status.as_str().to_owned(), pause)
                }
                Ok((status, _)) => panic!("{status}"),
                Err(_) => {
                    *line = None;
                    ("broken".to_owned(), PAUSE)
                }
            };
            *said.again.entry(why).or_default() += 1;
            sleep(pause).await;
        }
    }

    /// Sends a message once; gives the status of the answer, and after how long to come again.
    async fn posts(&self, line: &mut Option<Line>, number: u32) -> Result<(StatusCode, Duration), Broken> {
        let line = match line {
            Some(line) => line,
            None => line.insert(Line::open(self.server, self.from).await?),
        };
        let seen = self.ear.heard().last.clone();
        let body = json!({"id": number.to_string(), "text": number.to_string(), "seen": seen});
        let request = self.request("POST", "/chat/messages").header("content-type", "application/json");
        let answer = line.ask(request.body(Body::from(body.to_string()))?).await?;
        let after = answer.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
        let status = answer.status();
        to_bytes(Body::new(answer.into_body()), 64 * 1024).await?;
        Ok((status, Duration::from_secs(after.unwrap_or(1))))
    }

    /// Hears what is said, for good: it comes again wherever its stream ends.
    pub async fn listens(self) {
        loop {
            let _ = self.hears().await;
            sleep(PAUSE + PAUSE.mul_f64(fastrand::f64())).await;
        }
    }

    /// Hears what is said until the stream ends.
    async fn hears(&self) -> Result<(), Broken> {
        let last = {
            let mut heard = self.ear.heard();
            heard.streams += 1;
            heard.last.clone()
        };
        let mut line = Line::open(self.server, self.from).await?;
        let mut request = self.request("GET", "/chat/replies").header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = line.ask(request.body(Body::empty())?).await?;
        if answer.status() != StatusCode::OK {
            return Err(answer.status().as_str().into());
        }
        let (mut read, mut body) = (Vec::new(), Body::new(answer.into_body()).into_data_stream());
        while let Some(chunk) = body.next().await {
            read.extend_from_slice(&chunk?);
            while let Some(end) = read.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<_> = read.drain(..end + 2).collect();
                self.ear.hear(&String::from_utf8(event)?);
            }
        }
        Ok(())
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        let token = format!("Bearer {}", self.token);
        Request::builder().method(method).uri(path).header("host", "127.0.0.1").header("authorization", token)
    }
}
