//! A request that a platform makes: a [`Delivery`], and what it is signed with.

use std::{fmt, time::Duration};

use flow_http::axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header::CONTENT_TYPE, request::Parts,
};
use serde_json::Value;

/// A request that a platform makes of a bot.
///
/// ```
/// use flow_testkit::conformance::platform::Delivery;
/// use serde_json::json;
///
/// let delivery = Delivery::json(&json!({"id": "7", "text": "hello"})).with_header("x-kind", "message");
/// assert_eq!((delivery.body(), delivery.header("x-kind")), (&br#"{"id":"7","text":"hello"}"#[..], Some("message")));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Delivery {
    /// A `POST` of these bytes.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        Self { method: Method::POST, uri: Uri::from_static("/hook"), headers: HeaderMap::new(), body: body.into() }
    }

    /// A `POST` of this, as JSON.
    pub fn json(body: &Value) -> Self {
        Self::post(body.to_string()).with_header(CONTENT_TYPE.as_str(), "application/json")
    }

    /// A `GET` with this query, as a platform makes one to see whether a webhook is ours.
    ///
    /// Panics if no address has such a query.
    pub fn get(query: &str) -> Self {
        let uri = format!("/hook?{query}").parse().expect("a query");
        Self { method: Method::GET, uri, ..Self::post([]) }
    }

    /// With this header, in the place of any of this name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.set_header(name, value);
        self
    }

    /// With these bytes as its body.
    #[must_use]
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sets this header, in the place of any of this name.
    ///
    /// Panics if no header has this name or this value.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.insert(name_of(name), HeaderValue::from_str(value).expect("the value of a header"));
    }

    /// How it asks.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What it asks for.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The header of this name, if there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    pub(super) fn head(&self) -> Parts {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.into_parts().0
    }
}

/// How it asks, and how much it brings.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({}, {} headers, {} bytes)", self.method, self.headers.len(), self.body.len())
    }
}

fn name_of(name: &str) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).expect("the name of a header")
}

/// Under which secret a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signer {
    /// The one that the bot has.
    Present,
    /// The one before it, which the bot still knows.
    Previous,
    /// One that the bot has never known.
    Another,
}

/// What a platform's signature covers.
///
/// ```
/// use std::time::Duration;
///
/// use flow_testkit::conformance::platform::Signature;
///
/// const SIGNATURE: Signature = Signature::of_body().within(Duration::from_secs(300));
/// # let _ = SIGNATURE;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(super) is_of_body: bool,
    pub(super) window: Option<Duration>,
    pub(super) has_previous: bool,
}

impl Signature {
    /// The body, byte for byte.
    pub const fn of_body() -> Self {
        Self { is_of_body: true, window: None, has_previous: true }
    }

    /// Nothing: it is a secret that each request brings along.
    pub const fn of_nothing() -> Self {
        Self { is_of_body: false, ..Self::of_body() }
    }

    /// And the time, which may be so far from ours.
    #[must_use]
    pub const fn within(self, window: Duration) -> Self {
        Self { window: Some(window), ..self }
    }

    /// There is one key, and none before it: one that the platform alone has the other half of.
    #[must_use]
    pub const fn under_one_key(self) -> Self {
        Self { has_previous: false, ..self }
    }
}
