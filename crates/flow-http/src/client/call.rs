//! What a platform is asked: a [`Call`].

use std::{fmt, time::Duration};

use axum::http::{
    HeaderName, HeaderValue, Method, Request, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use bytes::Bytes;
use http_body_util::Full;
use serde::Serialize;

use super::NoAnswer;

/// A mebibyte: what platforms say is small.
const LARGEST_ANSWER: usize = 1 << 20;

/// One call of a platform. What cannot be written fails when the call is made, and reaches nobody.
///
/// `Debug` shows neither its address, in which some platforms have their token, nor what it says.
#[must_use = "a call is made by a client"]
pub struct Call {
    pub(super) request: Result<Request<Full<Bytes>>, NoAnswer>,
    pub(super) largest_answer: usize,
    pub(super) patience: Option<Duration>,
}

impl Call {
    /// A `GET` of this address.
    pub fn get(address: impl AsRef<str>) -> Self {
        Self::new(Method::GET, address)
    }

    /// A `POST` to this address.
    pub fn post(address: impl AsRef<str>) -> Self {
        Self::new(Method::POST, address)
    }

    /// This method, at this address.
    pub fn new(method: Method, address: impl AsRef<str>) -> Self {
        let request =
            address.as_ref().parse::<Uri>().map_err(|_| NoAnswer::not_reached("its address is none")).map(|uri| {
                let mut request = Request::new(Full::default());
                *request.method_mut() = method;
                *request.uri_mut() = uri;
                request
            });
        Self { request, largest_answer: LARGEST_ANSWER, patience: None }
    }

    /// With this token, as `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        self.hidden_header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// With this header.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.with(|request| {
            request.headers_mut().insert(name, value_of(value)?);
            Ok(())
        })
    }

    /// With this header, whose value no log of the connection shows.
    pub fn hidden_header(self, name: HeaderName, value: &str) -> Self {
        self.with(|request| {
            let mut value = value_of(value)?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
            Ok(())
        })
    }

    /// With this body, as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body("application/json", body),
            Err(_) => self.with(|_| Err(NoAnswer::not_reached("what is to be sent cannot be written as JSON"))),
        }
    }

    /// With these bytes, of this media type, as its body.
    pub fn body(self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.with(|request| {
            request.headers_mut().insert(CONTENT_TYPE, value_of(media_type)?);
            *request.body_mut() = Full::new(body.into());
            Ok(())
        })
    }

    /// An answer of more bytes than this is none. A mebibyte unless set.
    pub fn largest_answer(self, bytes: usize) -> Self {
        Self { largest_answer: bytes, ..self }
    }

    /// Waits so long for its answer: for a platform that is asked for messages, and answers when there are some.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    fn with(self, change: impl FnOnce(&mut Request<Full<Bytes>>) -> Result<(), NoAnswer>) -> Self {
        let request = self.request.and_then(|mut request| change(&mut request).map(|()| request));
        Self { request, ..self }
    }
}

fn value_of(text: &str) -> Result<HeaderValue, NoAnswer> {
    HeaderValue::from_str(text).map_err(|_| NoAnswer::not_reached("a header has a character that none may have"))
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.request {
            Ok(request) => write!(f, "Call({})", request.method()),
            Err(error) => write!(f, "Call({error})"),
        }
    }
}
