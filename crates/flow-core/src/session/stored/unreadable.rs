//! Why a record cannot be read: [`Unreadable`].

use serde_json::error::Category;
use thiserror::Error;

/// Why a stored record cannot be read. It stays where it is, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is not the JSON that a record is made of. Tells where, and not what stands there.
    #[error("the record is corrupt: {what} at line {line}, column {column}")]
    Corrupt {
        /// What kind of fault it is.
        what: &'static str,
        /// The line of the fault, from 1; 0 if unknown.
        line: usize,
        /// The column of the fault, from 1; 0 if unknown.
        column: usize,
    },
    /// It was written by a later version of the flow than this code speaks.
    #[error("the record is of version {found} of the flow, and this code speaks {spoken}")]
    UnsupportedVersion {
        /// The version that wrote it.
        found: u32,
        /// The version of this code.
        spoken: u32,
    },
    /// It belongs to a flow of another name.
    #[error("the record belongs to another flow")]
    OtherFlow,
    /// It stands in a state that this flow does not have, under its name or as an alias.
    #[error("the record stands in a state that the flow does not have")]
    UnknownState,
}

impl Unreadable {
    /// The fault without its text, which may quote what is stored.
    #[allow(clippy::needless_pass_by_value, reason = "reads as `map_err(Unreadable::corrupt)`")]
    pub(crate) fn corrupt(error: serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Io => "an unreadable byte",
            Category::Syntax => "broken JSON",
            Category::Data => "a value of another type than expected",
            Category::Eof => "an early end",
        };
        Self::Corrupt { what, line: error.line(), column: error.column() }
    }
}
