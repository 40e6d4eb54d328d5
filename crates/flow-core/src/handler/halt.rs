//! Why a handler did not come to a decision: [`Halt`].

use std::{any::type_name, error::Error as StdError, fmt};

use crate::Reask;

/// What `?` in a handler ends with.
///
/// A [`Reask`] asks again. Any other error is a [`Failure`]: nothing is stored, and the visitor hears an apology.
/// `Halt` is no error itself, so that `?` can turn every error into one.
#[derive(Debug)]
pub enum Halt {
    /// The answer was not understood.
    Reask(Reask),
    /// Something went wrong.
    Failed(Failure),
}

impl Halt {
    /// A failure out of what is no `Error` type of its own, such as a boxed one.
    pub fn failed(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Failed(Failure { kind: "an error", cause: cause.into() })
    }
}

impl From<Reask> for Halt {
    fn from(reask: Reask) -> Self {
        Self::Reask(reask)
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(Failure::from_error(error))
    }
}

/// What went wrong in a handler.
///
/// Its `Debug` and `Display` name the type of the error alone, since an error's text may quote the visitor; the
/// engine's log has the text too, with everything private in it struck out.
pub struct Failure {
    kind: &'static str,
    cause: Box<dyn StdError + Send + Sync>,
}

impl Failure {
    /// The failure that this error is.
    pub(crate) fn from_error<E: StdError + Send + Sync + 'static>(error: E) -> Self {
        Self { kind: type_name::<E>(), cause: Box::new(error) }
    }

    /// The type of the error.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The error itself. Its text may hold what the visitor said.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.cause
    }

    /// The error itself, taken out.
    pub(crate) fn into_cause(self) -> Box<dyn StdError + Send + Sync> {
        self.cause
    }

    /// The texts of the error and of all its causes.
    pub(crate) fn chain(&self) -> String {
        let mut chain = self.cause.to_string();
        let mut cause = self.cause.source();
        while let Some(error) = cause {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        chain
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handler failed with {}", self.kind)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.kind)
    }
}
