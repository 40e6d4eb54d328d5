//! A request of a platform as it arrives: a [`Hook`], and what can be wrong with it.

use std::fmt;

use axum::http::{HeaderMap, Method, Uri, request::Parts};
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A request that claims to come from a platform: as it arrived, to the last byte.
#[derive(Clone, Copy)]
pub struct Hook<'r> {
    parts: &'r Parts,
    body: &'r [u8],
    now: DateTime<Utc>,
}

impl<'r> Hook<'r> {
    /// A request with this head and this body, that arrived now.
    pub fn new(parts: &'r Parts, body: &'r [u8], now: DateTime<Utc>) -> Self {
        Self { parts, body, now }
    }

    /// How it asks.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// What it asks for.
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The one header of this name. None if there is none, if there are several, or if it is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.parts.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// Its body, as it was signed.
    pub fn body(&self) -> &'r [u8] {
        self.body
    }

    /// Its body, read as JSON.
    ///
    /// Fails if it is none, or of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        serde_json::from_slice(self.body).map_err(|error| Unreadable::at(&error))
    }

    /// When it arrived.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Whether this time, which its signature covers, is so near to now that the request is no old one that is played again.
    ///
    /// Fails if it is further away, in the past or in the future.
    ///
    /// ```
    /// # use axum::{body::Bytes, http::Request};
    /// # use chrono::{TimeDelta, Utc};
    /// # use flow_http::{axum, platform::{Forged, Hook}};
    /// # let ((parts, ()), body) = (Request::new(()).into_parts(), Bytes::new());
    /// let now = Utc::now();
    /// let hook = Hook::new(&parts, &body, now);
    /// assert_eq!(hook.is_within(TimeDelta::minutes(5), now - TimeDelta::minutes(4)), Ok(()));
    /// assert_eq!(hook.is_within(TimeDelta::minutes(5), now - TimeDelta::minutes(6)), Err(Forged::Late));
    /// ```
    pub fn is_within(&self, window: TimeDelta, signed_at: DateTime<Utc>) -> Result<(), Forged> {
        let apart = self.now.signed_duration_since(signed_at).abs();
        if apart <= window { Ok(()) } else { Err(Forged::Late) }
    }
}

/// How it asks, and how much it brings: a path may have a secret in it, and the body is a visitor's.
impl fmt::Debug for Hook<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({}, {} bytes)", self.parts.method, self.body.len())
    }
}

/// A request does not come from the platform, or not now. It is answered with 401, and nothing of it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Forged {
    /// It is not signed.
    #[error("the request is not signed")]
    Unsigned,
    /// Its signature is not that of these bytes under our secret.
    #[error("the request is signed by somebody else, or was changed on its way")]
    Wrong,
    /// It was signed at another time.
    #[error("the request was signed long ago, or by a clock that is wrong")]
    Late,
}

/// What a platform sent cannot be read. It is answered with 400. Tells where it is wrong, and not what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("what the platform sent cannot be read: {place}")]
pub struct Unreadable {
    place: String,
}

impl Unreadable {
    /// It is wrong at this place: the name of a field, say.
    pub fn because(place: impl Into<String>) -> Self {
        Self { place: place.into() }
    }

    /// Without what serde quotes.
    fn at(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Data => "it is JSON of another shape",
            serde_json::error::Category::Eof => "it ends too early",
            _ => "it is no JSON",
        };
        Self::because(format!("{what}, at line {} column {}", error.line(), error.column()))
    }
}
