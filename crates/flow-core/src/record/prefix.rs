//! How a record begins, byte for byte: [`Prefix`].

use uuid::Uuid;

use super::Stamp;

/// The first bytes of a record as they are stored, which tell this writing of it from every other one.
///
/// A store that knows nothing of stamps compares these bytes: no other record begins with them. They are 26 in every edition
/// of the format, and longer in the JSON of before the first edition; so as many are compared as the prefix has.
///
/// ```
/// use flow_core::{Prefix, Record, Stamp};
///
/// let record = Record::compose(Stamp::first(), b"{}");
/// let prefix = record.prefix();
/// assert!(record.bytes().starts_with(&prefix.bytes()));
/// assert_eq!((prefix, prefix.stamp()), (Prefix::from(record.stamp()), record.stamp()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    stamp: Stamp,
    form: Form,
}

/// In which form a record is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// JSON that begins with its version and write id. It is read for good, and written no more.
    Json,
    /// A binary header, a body, a checksum.
    Edition1,
}

/// How the record of an edition begins that is written with this stamp.
impl From<Stamp> for Prefix {
    fn from(stamp: Stamp) -> Self {
        Self { stamp, form: Form::Edition1 }
    }
}

impl Prefix {
    /// No prefix has more bytes than this.
    pub const LONGEST: usize = 96;

    /// How the JSON of before the first edition begins.
    pub fn of_json(stamp: Stamp) -> Self {
        Self { stamp, form: Form::Json }
    }

    pub(crate) fn in_form(form: Form, stamp: Stamp) -> Self {
        Self { stamp, form }
    }

    /// In which form the record is stored that begins with it.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// The stamp that stands in it.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> Vec<u8> {
        let Stamp { version, write_id } = self.stamp;
        match self.form {
            Form::Json => format!("{VERSION}{version}{WRITE_ID}{}\"", write_id.as_hyphenated()).into_bytes(),
            Form::Edition1 => [&[MARK, EDITION][..], &version.to_be_bytes(), write_id.as_bytes()].concat(),
        }
    }

    /// Reads the version and the write id off a record that is JSON; none if it is none.
    pub(super) fn read_json(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(VERSION.as_bytes())?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let version: u64 = str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let rest = rest[digits..].strip_prefix(WRITE_ID.as_bytes())?;
        let write_id = Uuid::try_parse_ascii(rest.get(..36)?).ok()?;
        let prefix = Self::of_json(Stamp { version, write_id });
        // Only the one canonical spelling is taken: stores compare bytes.
        (version > 0 && bytes.starts_with(&prefix.bytes())).then_some(prefix)
    }
}

/// The first byte of every edition. It never stands in UTF-8, so that no JSON and no text can be taken for a record.
pub(super) const MARK: u8 = 0xf5;

/// The edition that is written.
pub(super) const EDITION: u8 = 1;

const VERSION: &str = "{\"version\":";
const WRITE_ID: &str = ",\"writeId\":\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_prefix_is_longer_than_the_longest() {
        let stamp = Stamp { version: u64::MAX, write_id: Uuid::new_v4() };
        assert_eq!(Prefix::from(stamp).bytes().len(), 26);
        assert!(Prefix::of_json(stamp).bytes().len() <= Prefix::LONGEST);
    }
}
