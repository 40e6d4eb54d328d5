//! Platforms are called: a [`Client`], the [`Call`] that it makes, and the [`Answer`].

mod answer;
mod call;
mod no_answer;

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use axum::http::{
    Request, Uri,
    uri::{Authority, Scheme},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client as Pool,
        connect::{HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::time::timeout;

pub use answer::{Answer, UnreadableAnswer};
pub use call::Call;
pub use no_answer::NoAnswer;

/// How long a connection may lie unused. Servers close one after a minute or so, and a message that is sent into a closing connection
/// is in doubt.
const UNUSED: Duration = Duration::from_secs(20);

/// Calls platforms over HTTP, encrypted, by the authorities that this machine trusts. Clones share their connections.
///
/// What it sends goes in the clear to this machine alone, as to a stub in a test, and to [a host that is named](Self::plaintext_host).
///
/// ```no_run
/// use flow_core::Fate;
/// use flow_http::client::{Call, Client};
///
/// # async fn example(token: &str) -> Result<(), Fate> {
/// let client = Client::new();
/// let call = Call::post("https://api.example.com/messages").bearer(token).json(&serde_json::json!({ "text": "Hello!" }));
/// let answer = client.call(call).await?;
/// if answer.status() == 403 {
///     return Err(Fate::never("the visitor has blocked the bot"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
    plaintext_hosts: Arc<[String]>,
}

impl Client {
    /// A client that waits ten seconds for an answer.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        // A machine without any says so at the first call, as an authority that is not trusted.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let encryption = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions that are the default")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        // Before a call's own patience, so that a host which is not there is told from one that does not answer.
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(encryption)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_idle_timeout(UNUSED)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { pool, patience: Duration::from_secs(10), plaintext_hosts: Arc::default() }
    }

    /// Waits so long for an answer, unless a call says otherwise.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Calls this host in the clear, too, where a call's address says `http`: one in a network of one's own.
    #[must_use]
    pub fn plaintext_host(self, host: impl Into<String>) -> Self {
        let hosts = self.plaintext_hosts.iter().cloned().chain([host.into()]).collect();
        Self { plaintext_hosts: hosts, ..self }
    }

    /// Makes a call. Whatever the status of its answer is, that is an answer.
    ///
    /// Fails if there is none, and tells whether the call may have arrived all the same.
    pub async fn call(&self, call: Call) -> Result<Answer, NoAnswer> {
        let Call { request, largest_answer, patience } = call;
        let mut request = request?;
        self.may_call(request.uri())?;
        let connection = capture_connection(&mut request);
        match timeout(patience.unwrap_or(self.patience), self.answered(request, largest_answer)).await {
            Ok(answered) => answered,
            // Nothing is sent before there is a connection, nor once the call was given up.
            Err(_) if connection.connection_metadata().is_none() => {
                Err(NoAnswer::not_reached("it cannot be reached in time"))
            }
            Err(_) => Err(NoAnswer::in_doubt("there was no answer in time")),
        }
    }

    async fn answered(&self, request: Request<Full<Bytes>>, largest: usize) -> Result<Answer, NoAnswer> {
        let response = self.pool.request(request).await.map_err(|error| {
            if error.is_connect() {
                NoAnswer::not_reached(why_not_connected(&error))
            } else {
                NoAnswer::in_doubt("the connection ended before there was an answer")
            }
        })?;
        let (head, body) = response.into_parts();
        match Limited::new(body, largest).collect().await {
            Ok(body) => Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() }),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(NoAnswer::in_doubt("the answer is larger than it may be"))
            }
            Err(_) => Err(NoAnswer::in_doubt("the connection ended in the middle of the answer")),
        }
    }

    /// What a call says is its platform's alone, and often the platform's key to the bot.
    fn may_call(&self, uri: &Uri) -> Result<(), NoAnswer> {
        let host = uri.authority().map(Authority::host).ok_or(NoAnswer::not_reached("the address names no host"))?;
        let is_allowed = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => {
                is_this_machine(host) || self.plaintext_hosts.iter().any(|named| named == host)
            }
            _ => return Err(NoAnswer::not_reached("the address begins with neither `https` nor `http`")),
        };
        if is_allowed {
            Ok(())
        } else {
            Err(NoAnswer::not_reached("the address would be called in the clear, which is for this machine alone"))
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// Whether this is an address of this machine, as it stands: a name is looked up elsewhere, but for the one that is reserved.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Without the address, in which a token may stand.
fn why_not_connected(error: &hyper_util::client::legacy::Error) -> &'static str {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if is_of_encryption(error) {
            return "its certificate is not one that this machine trusts, or it does not encrypt";
        }
        let refused = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if refused == Some(std::io::ErrorKind::ConnectionRefused) {
            return "nobody listens at its address";
        }
        cause = error.source();
    }
    "it cannot be reached"
}

/// Whether this is what went wrong with encryption, which is wrapped as an error of input and output, more than once.
fn is_of_encryption(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_of_encryption(inner))
}
