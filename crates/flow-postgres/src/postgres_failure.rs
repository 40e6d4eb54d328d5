//! What went wrong, as a caller may know it: [`PostgresFailure`].

use std::{error::Error as _, io, time::Duration};

use deadpool_postgres::{HookError, PoolError};
use flow_core::StoreError;
use thiserror::Error;
use tokio_postgres::Error;

/// Why a call has no answer. Never the words of the server: some of them print rows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PostgresFailure {
    #[error("the server refuses the user or the password")]
    Login,
    #[error("the server answered with SQLSTATE {0}")]
    Answer(String),
    #[error("the server cannot be reached: {0}")]
    Unreachable(io::ErrorKind),
    #[error("there was no connection within {0:?}")]
    NoConnection(Duration),
    #[error("the connection broke")]
    Broken,
    #[error("the connection cannot be trusted: {0}")]
    Untrusted(&'static str),
    #[error("there was no answer within {0:?}")]
    NoAnswer(Duration),
    #[error("the client refuses: {0}")]
    Client(String),
    #[error("a row is not as this store writes it")]
    Unexpected,
}

impl PostgresFailure {
    /// What went wrong before there was a connection.
    pub(crate) fn of_connecting(error: PoolError, deadline: Duration) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Self::of_dialling(&error)
            }
            _ => Self::NoConnection(deadline),
        }
    }

    /// The same, of a connection that is not the pool's.
    pub(crate) fn of_dialling(error: &Error) -> Self {
        match Self::of_asking(error) {
            // The host and the port are known, so what else the client may miss is a user or a password.
            Self::Client(words) if words == TLS => Self::Untrusted("the server does not encrypt"),
            Self::Client(_) => Self::Login,
            Self::Broken => Self::Unreachable(io_kind(error)),
            other => other,
        }
    }

    /// What went wrong on a connection.
    pub(crate) fn of_asking(error: &Error) -> Self {
        if let Some(state) = error.code() {
            let is_of_login = state.code().starts_with("28");
            return if is_of_login { Self::Login } else { Self::Answer(state.code().to_owned()) };
        }
        if let Some(refusal) = crate::link::refusal(error) {
            return Self::Untrusted(refusal);
        }
        let is_of_transport = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).is_some();
        if is_of_transport || error.is_closed() {
            return Self::Broken;
        }
        // The client's own words are fixed.
        Self::Client(error.to_string())
    }

    /// Whether a row of the same key is there.
    pub(crate) fn is_there_already(&self) -> bool {
        matches!(self, Self::Answer(state) if state == "23505")
    }

    /// Whether the connection is of no use any more.
    pub(crate) fn ends_the_connection(&self) -> bool {
        match self {
            Self::Answer(state) => !is_of_the_statement(state),
            Self::Client(_) => false,
            _ => true,
        }
    }

    /// Whether the request may have been carried out all the same.
    fn leaves_doubt(&self) -> bool {
        match self {
            Self::Broken | Self::NoAnswer(_) | Self::Unexpected | Self::Untrusted(_) => true,
            Self::Answer(state) => !is_of_the_statement(state) && !is_of_the_session(state),
            _ => false,
        }
    }

    /// The error of a call that was to change nothing, or has certainly changed nothing.
    pub(crate) fn of_reading(self) -> StoreError {
        match &self {
            Self::Login | Self::Untrusted(_) => StoreError::Denied(Box::new(self)),
            Self::Client(_) => StoreError::Refused(Box::new(self)),
            Self::Answer(state) => match (state.as_str(), class(state)) {
                ("53100", _) => StoreError::Full,
                ("42501", _) => StoreError::Denied(Box::new(self)),
                (_, class) if OF_VALUES.contains(&class) => StoreError::Refused(Box::new(self)),
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

/// What the client says of encryption, whatever it was.
const TLS: &str = "error performing TLS handshake";

/// Classes of states that say something of what was sent: two of a kind, data, constraints, limits.
const OF_VALUES: [&str; 4] = ["21", "22", "23", "54"];

/// Whether the statement was undone, and another may succeed on the same connection.
fn is_of_the_statement(state: &str) -> bool {
    // Canceled by its own deadline, or by an operator.
    state == "57014" || OF_VALUES.contains(&class(state)) || ["40", "42", "53", "55"].contains(&class(state))
}

/// Whether the statement was not begun: the server is a standby now, or has forgotten what was prepared.
fn is_of_the_session(state: &str) -> bool {
    ["0A", "25", "26"].contains(&class(state))
}

fn class(state: &str) -> &str {
    state.get(..2).unwrap_or_default()
}

fn io_kind(error: &Error) -> io::ErrorKind {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.map_or(io::ErrorKind::ConnectionReset, io::Error::kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_server_tells_what_became_of_a_write() {
        let of_writing = |state: &str| PostgresFailure::Answer(state.to_owned()).of_writing();
        assert!(matches!(of_writing("53100"), StoreError::Full));
        assert!(matches!(of_writing("42501"), StoreError::Denied(_)));
        for state in ["21000", "22P05", "23502", "54000"] {
            assert!(matches!(of_writing(state), StoreError::Refused(_)), "{state}");
        }
        for state in ["40P01", "42P01", "53300", "55P03", "57014", "25006", "0A000", "26000"] {
            assert!(matches!(of_writing(state), StoreError::Unavailable(_)), "{state}");
        }
        for state in ["57P01", "57P02", "58030", "XX000", "08006", "", "Ü"] {
            assert!(matches!(of_writing(state), StoreError::Unknown(_)), "{state}");
        }
    }
}
