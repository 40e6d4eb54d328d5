//! Why a record cannot be read: [`Unreadable`].

use serde_json::error::Category;
use thiserror::Error;

/// Why a stored record cannot be read. It stays where it is, byte for byte.
///
/// What is broken ([`is_damage`](Self::is_damage)) is told from what this code merely does not know: a later release may
/// well read that.
///
/// ```
/// use flow_core::{Record, Stamp, Unreadable};
///
/// let mut bytes = Record::compose(Stamp::first(), b"{}").bytes().to_vec();
/// bytes[101] ^= 1;
/// assert!(Record::read(bytes.clone()).is_err_and(|error| error.is_damage()));
/// bytes[1] = 7;
/// assert_eq!(Record::read(bytes), Err(Unreadable::LaterEdition(7)));
/// assert!(!Unreadable::LaterEdition(7).is_damage());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It begins as no record does.
    #[error("what is stored does not begin as a record does")]
    NotARecord,
    /// It is of an edition of the format that this code does not know.
    #[error("the record is of edition {0} of the format, which this release does not know")]
    LaterEdition(u8),
    /// Its end is missing.
    #[error("the record is cut off")]
    Truncated,
    /// Something stands behind its end.
    #[error("the record is longer than it says")]
    Longer,
    /// Its checksum is not that of its bytes, or its header says what no header does.
    #[error("the record is damaged: its bytes are not those that were written")]
    Damaged,
    /// Its version or write id are not those that the store keeps beside it.
    #[error("the record is not the one that the store says it is: its version or write id differ")]
    OtherStamp,
    /// It was written for another session.
    #[error("the record belongs to another session")]
    AnothersRecord,
    /// Its header has options that this code does not know.
    #[error("the record has the option bits {0:#010b}, which this release does not know")]
    UnknownOption(u8),
    /// Its body is packed or sealed in a way that this code does not know.
    #[error("the body of the record is packed or sealed in a way that this release does not know ({0:#04x})")]
    UnknownCodec(u8),
    /// It was packed with a dictionary that this code does not have.
    #[error("the record was packed with dictionary {0}, which is not there")]
    NoDictionary(u16),
    /// It was sealed with a key that this code does not have.
    #[error("the record was sealed with key {0}, which is not there")]
    NoKey(u16),
    /// Its body has a section that this code does not know, and must not do without.
    #[error("the record has section {0}, which this release does not know and cannot do without")]
    LaterSection(u8),
    /// Its body is not as one is written. Tells where, and not what stands there.
    #[error("the record is corrupt: {what} at line {line}, column {column}")]
    Corrupt {
        /// What kind of fault it is.
        what: &'static str,
        /// The line of the fault, from 1; 0 if unknown.
        line: usize,
        /// The column of the fault, from 1; 0 if unknown.
        column: usize,
    },
    /// It holds a value of another type than this code reads, or lacks one. Tells where, and not what stands there.
    #[error("the record holds a value of another type than expected at line {line}, column {column}")]
    OtherType {
        /// The line of the value, from 1; 0 if unknown.
        line: usize,
        /// The column of the value, from 1; 0 if unknown.
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
    /// It stands in a flow that the state before it does not run.
    #[error("the record stands in a flow that is not run there by this release")]
    NoInnerFlow,
}

impl Unreadable {
    /// Whether the record is broken: no release can read it.
    ///
    /// What is whole and merely unknown here is no damage: a later edition, another codec, key or flow, a later version of
    /// the flow, a type that has changed.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::NotARecord
            | Self::Truncated
            | Self::Longer
            | Self::Damaged
            | Self::OtherStamp
            | Self::AnothersRecord
            | Self::Corrupt { .. } => true,
            Self::LaterEdition(_)
            | Self::UnknownOption(_)
            | Self::UnknownCodec(_)
            | Self::NoDictionary(_)
            | Self::NoKey(_)
            | Self::LaterSection(_)
            | Self::OtherType { .. }
            | Self::UnsupportedVersion { .. }
            | Self::OtherFlow
            | Self::NoInnerFlow
            | Self::UnknownState => false,
        }
    }

    /// The fault without its text, which may quote what is stored.
    #[allow(clippy::needless_pass_by_value, reason = "reads as `map_err(Unreadable::corrupt)`")]
    pub(crate) fn corrupt(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => Self::OtherType { line, column },
            Category::Io => Self::Corrupt { what: "an unreadable byte", line, column },
            Category::Syntax => Self::Corrupt { what: "broken JSON", line, column },
            Category::Eof => Self::Corrupt { what: "an early end", line, column },
        }
    }
}
