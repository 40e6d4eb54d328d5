//! Why there is no answer: [`NoAnswer`].

use std::fmt;

use flow_core::Fate;

/// A call was not answered: it reached nobody, or it may have.
///
/// By `?` it becomes the [`Fate`] of the reply that was to be sent: tried again if it reached nobody, and else in doubt. It is no
/// [`Error`](std::error::Error), of which every one becomes a reply that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    why: &'static str,
    may_have_arrived: bool,
}

impl NoAnswer {
    pub(super) fn not_reached(why: &'static str) -> Self {
        Self { why, may_have_arrived: false }
    }

    pub(super) fn in_doubt(why: &'static str) -> Self {
        Self { why, may_have_arrived: true }
    }

    /// Whether the platform may have had the call, and done what it asks for.
    pub fn may_have_arrived(&self) -> bool {
        self.may_have_arrived
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)
    }
}

impl From<NoAnswer> for Fate {
    fn from(no_answer: NoAnswer) -> Self {
        if no_answer.may_have_arrived {
            Self::in_doubt(no_answer.why)
        } else {
            std::io::Error::other(no_answer.why).into()
        }
    }
}
