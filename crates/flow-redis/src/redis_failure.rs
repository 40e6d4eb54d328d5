//! What went wrong with a call to the server, as a caller may know it: [`RedisFailure`].

use std::{io, time::Duration};

use flow_core::StoreError;
use redis::{ErrorKind, RedisError};
use thiserror::Error;

/// Why a call to the server has no answer. Never the words of the server: some of them repeat what they were sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum RedisFailure {
    #[error("the server refuses the user or the password")]
    Login,
    #[error("the server answered {0}")]
    Answer(String),
    #[error("the server cannot be reached: {0}")]
    Unreachable(io::ErrorKind),
    #[error("the sentinels know of no master by this name")]
    NoMaster,
    #[error("there was no connection within {0:?}")]
    NoConnection(Duration),
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
    #[error("the connection cannot be trusted: {0}")]
    Untrusted(&'static str),
    #[error("there was no answer within {0:?}")]
    NoAnswer(Duration),
    #[error("applied, not replicated: {confirmed} of {wanted} replicas have confirmed it in time")]
    Unreplicated { confirmed: i64, wanted: u32 },
    #[error("the client refuses: {0}")]
    Client(String),
    #[error("the server answered in a way that this store does not know")]
    Unexpected,
    #[error("the server gives up live sessions when its memory is full (maxmemory-policy {0})")]
    Evicting(String),
}

impl From<RedisError> for RedisFailure {
    fn from(error: RedisError) -> Self {
        if let Some(refusal) = crate::connection::refusal(&error) {
            return Self::Untrusted(refusal);
        }
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Login,
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::Unexpected,
            ErrorKind::Io => Self::Broken(io_kind(&error)),
            _ => match error.code() {
                Some("WRONGPASS" | "NOAUTH") => Self::Login,
                Some("ERR") if error.detail().is_some_and(is_of_rights) => Self::Answer("NOPERM".to_owned()),
                Some(code) => Self::Answer(code.to_owned()),
                None => Self::Client(error.category().to_owned()),
            },
        }
    }
}

/// Whether the server says that a script did what its user has no right to: the words of Redis 7.0, and of later releases.
fn is_of_rights(detail: &str) -> bool {
    ["The user executing the script", "ACL failure in script"].iter().any(|text| detail.starts_with(text))
}

/// The kind of an input or output error, as far as the client lets it be told.
fn io_kind(error: &RedisError) -> io::ErrorKind {
    if error.is_connection_refusal() {
        io::ErrorKind::ConnectionRefused
    } else if error.is_timeout() {
        io::ErrorKind::TimedOut
    } else {
        io::ErrorKind::ConnectionReset
    }
}

impl RedisFailure {
    /// What went wrong before there was a connection.
    pub(crate) fn of_connecting(error: RedisError) -> Self {
        match Self::from(error) {
            Self::Broken(kind) => Self::Unreachable(kind),
            other => other,
        }
    }

    /// Whether the connection is of no use any more.
    pub(crate) fn ends_the_connection(&self) -> bool {
        match self {
            Self::Login | Self::Untrusted(_) | Self::Broken(_) | Self::Unexpected => true,
            // It was a master when we connected, and is a replica now.
            Self::Answer(code) => code == "READONLY",
            _ => false,
        }
    }

    /// Whether no server was reached.
    pub(crate) fn is_of_reaching(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoConnection(_))
    }

    /// Whether the call may have been carried out all the same.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::NoAnswer(_) | Self::Unexpected | Self::Unreplicated { .. })
    }

    /// The error of a call that was to change nothing.
    pub(crate) fn of_reading(self) -> StoreError {
        match &self {
            Self::Login | Self::Untrusted(_) => StoreError::Denied(Box::new(self)),
            Self::Evicting(_) => StoreError::Refused(Box::new(self)),
            Self::Answer(code) => match code.as_str() {
                "OOM" => StoreError::Full,
                "NOPERM" => StoreError::Denied(Box::new(self)),
                "WRONGTYPE" => StoreError::Corrupt(Box::new(self)),
                _ => StoreError::Unavailable(Box::new(self)),
            },
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }

    /// The error of a call that was to change something.
    pub(crate) fn of_writing(self) -> StoreError {
        if self.leaves_doubt() { StoreError::Unknown(Box::new(self)) } else { self.of_reading() }
    }
}
