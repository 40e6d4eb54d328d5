//! A server on this machine: [`Server`].

use std::{convert::Infallible, fmt, future::Future, io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited, combinators::UnsyncBoxBody};
use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::{Answer, Request};

pub(super) type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// Files are uploaded, of 50 MB at most on each of the platforms that are spoken here.
const LARGEST: usize = 64 << 20;

/// What answers a server's requests.
pub(in super::super) trait Service: Send + Sync + 'static {
    /// Whether a request for this path is read now, or its connection closed.
    fn takes(&self, path: &str) -> bool;

    /// The answer to a request.
    fn answer(self: Arc<Self>, request: Request) -> impl Future<Output = Answer> + Send;
}

/// Listens on a port of `127.0.0.1` that was free. All its connections end with it.
pub(in super::super) struct Server {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    pub(in super::super) async fn start(service: Arc<impl Service>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, serving: tokio::spawn(serve(listener, service)) })
    }

    /// `http://127.0.0.1:` and the port.
    pub(in super::super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, service: Arc<impl Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            taken = listener.accept() => {
                // Out of descriptors: a connection that ends gives one back.
                let Ok((stream, _)) = taken else { tokio::task::yield_now().await; continue };
                connections.spawn(connection(stream, Arc::clone(&service)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<impl Service>) {
    // An answer that waits for more to send with it is one that comes 40 ms late.
    let _ = stream.set_nodelay(true);
    let answers = service_fn(move |request| answer(Arc::clone(&service), request));
    // Whatever ends a connection, the next one is as good.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answers).await;
}

async fn answer(service: Arc<impl Service>, request: hyper::Request<Incoming>) -> Result<Response<Body>, Unanswered> {
    let (head, body) = request.into_parts();
    if !service.takes(head.uri.path()) {
        return Err(Unanswered);
    }
    let body = Limited::new(body, LARGEST).collect().await.map_err(|_| Unanswered)?.to_bytes();
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    match service.answer(request).await {
        Answer::Given(given) => Ok(given.into_response()),
        Answer::Closed => Err(Unanswered),
        Answer::Stalled => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

/// The connection is closed instead of an answer.
#[derive(Debug)]
struct Unanswered;

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed without an answer")
    }
}

impl std::error::Error for Unanswered {}
