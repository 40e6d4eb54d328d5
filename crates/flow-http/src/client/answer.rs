//! What a platform answers: an [`Answer`].

use std::{fmt, time::Duration};

use axum::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// What a platform answered. `Debug` shows nothing of what it says.
#[derive(Clone)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The header of this name, if there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Its body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its body, read as JSON.
    ///
    /// Fails if it is none, or of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, UnreadableAnswer> {
        serde_json::from_slice(&self.body).map_err(|_| UnreadableAnswer { status: self.status })
    }

    /// How long the platform wants to be left alone, by `Retry-After`: in seconds, or until a time.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header(RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = DateTime::parse_from_rfc2822(value).ok()?;
        Some(until.signed_duration_since(Utc::now()).to_std().unwrap_or_default())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

/// An answer is not what the platform's documentation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the answer, of status {}, is not what the platform's documentation says", status.as_u16())]
pub struct UnreadableAnswer {
    status: StatusCode,
}
