//! Who does something to a session, and why: [`By`].

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An operator's name, and the reason for what is done.
///
/// Both stand in the session's history, in masked views, in the log and in exports, as they are given: a name and a reason, or
/// the number of a ticket, and no word of the visitor's. Each is one line that is not empty, the name of at most 100
/// letters and the reason of at most 500; with others nothing is done ([`EngineError::By`](crate::EngineError::By)).
///
/// ```
/// use flow_core::By;
///
/// let by = By::new("ana", "ticket 4711: the wrong date");
/// assert_eq!((by.name(), by.reason()), ("ana", "ticket 4711: the wrong date"));
/// assert_eq!(by.to_string(), "ana: ticket 4711: the wrong date");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct By {
    name: String,
    reason: String,
}

/// How many letters a name has at most.
const LONGEST_NAME: usize = 100;

/// How many letters a reason has at most.
const LONGEST_REASON: usize = 500;

impl By {
    /// This person, for this reason.
    pub fn new(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into() }
    }

    /// The bot itself, for a reason that its handler gives.
    pub(crate) fn bot(reason: &'static str) -> Self {
        Self::new("bot", reason)
    }

    /// Who.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Fails if the name or the reason is empty, too long, or more than a line.
    pub(crate) fn check(&self) -> Result<(), InvalidBy> {
        for (part, text, limit) in [("name", &self.name, LONGEST_NAME), ("reason", &self.reason, LONGEST_REASON)] {
            if text.trim().is_empty() {
                return Err(InvalidBy { part, fault: "is empty" });
            }
            if text.chars().count() > limit {
                return Err(InvalidBy { part, fault: "is too long" });
            }
            // It would pass for lines of its own in a log.
            if text.chars().any(is_unprinted) {
                return Err(InvalidBy { part, fault: "has a line break, or another sign that is not printed" });
            }
        }
        Ok(())
    }
}

/// Whether a letter begins another line, or turns those behind it round, as some that are no control characters do too.
fn is_unprinted(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)
    }
}

/// What is wrong with an operator's name or reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operator's {part} {fault}")]
pub struct InvalidBy {
    part: &'static str,
    fault: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_reason_are_one_line_each_within_their_bounds() {
        for (name, reason, fault) in [
            ("ana", "she called", None),
            ("ä".repeat(100).as_str(), "€".repeat(500).as_str(), None),
            ("", "she called", Some("the operator's name is empty")),
            ("ana", " ", Some("the operator's reason is empty")),
            ("a".repeat(101).as_str(), "she called", Some("the operator's name is too long")),
            ("ana", "a".repeat(501).as_str(), Some("the operator's reason is too long")),
            (
                "ana",
                "she called\n2026 ERROR",
                Some("the operator's reason has a line break, or another sign that is not printed"),
            ),
            (
                "ana\u{2028}ERROR",
                "she called",
                Some("the operator's name has a line break, or another sign that is not printed"),
            ),
            (
                "ana\u{202e}toor",
                "she called",
                Some("the operator's name has a line break, or another sign that is not printed"),
            ),
        ] {
            let checked = By::new(name, reason).check().map_err(|error| error.to_string());
            assert_eq!(checked.err().as_deref(), fault);
        }
    }
}
