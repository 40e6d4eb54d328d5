//! How spans go to the collector: a [`Client`] with a connection for each batch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::{net::TcpStream, runtime::Handle, time::timeout};
use tracing::subscriber::NoSubscriber;

use super::endpoint::Endpoint;

/// How much of an answer is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends on the runtime in which it was made: the one who asks is a thread of its own.
#[derive(Clone, Debug)]
pub(super) struct Client {
    endpoint: Endpoint,
    patience: Duration,
    runtime: Handle,
    /// Whether the collector did not take the last batch, so that this is told once.
    is_away: Arc<AtomicBool>,
}

impl Client {
    pub(super) fn new(endpoint: Endpoint, patience: Duration) -> Self {
        Self { endpoint, patience, runtime: Handle::current(), is_away: Arc::default() }
    }

    async fn send(endpoint: Endpoint, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let connection = TcpStream::connect(endpoint.address()).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(connection)).await?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(of_origin(request)?).await?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
        connection.abort();
        Ok(Response::from_parts(head, body))
    }

    /// Tells that the collector is away, or is there again.
    fn tell(&self, fault: Option<String>) {
        let was_away = self.is_away.swap(fault.is_some(), Ordering::Relaxed);
        if let Some(fault) = fault.filter(|_| !was_away) {
            tracing::warn!(fault, "spans are not taken by the collector, and given up");
        } else if was_away && !self.is_away.load(Ordering::Relaxed) {
            tracing::info!("the collector takes spans again");
        }
    }
}

/// The request as it is sent to the server itself: with its path, and the host in a header.
fn of_origin(request: Request<Bytes>) -> Result<Request<Full<Bytes>>, HttpError> {
    let (mut head, body) = request.into_parts();
    let host = head.uri.authority().ok_or("an address without a host")?.as_str().parse()?;
    head.headers.insert(header::HOST, host);
    head.uri = head.uri.path().parse()?;
    Ok(Request::from_parts(head, Full::new(body)))
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (endpoint, patience) = (self.endpoint.clone(), self.patience);
        let sending = async move { timeout(patience, Self::send(endpoint, request)).await? };
        // What is done to send spans makes none.
        let sending = tracing::instrument::WithSubscriber::with_subscriber(sending, NoSubscriber::default());
        let answer = self.runtime.spawn(sending).await.unwrap_or_else(|gone| Err(gone.into()));
        let fault = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        self.tell(fault);
        answer
    }
}
