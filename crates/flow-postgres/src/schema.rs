//! Where in a database our tables are: [`Schema`].

use std::fmt;

use thiserror::Error;

/// The name of a schema, which needs no quotes.
#[derive(Clone, Debug)]
pub(crate) struct Schema(String);

/// Why a schema cannot be used. It is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Its name is not one that the store can use.
    #[error("the name of a schema is made of up to 63 small letters, digits and `_`, and begins with a letter")]
    Name,
    /// It holds tables of something else.
    #[error("the schema holds tables of something else")]
    Foreign,
    /// A newer release has written it.
    #[error("the schema has version {found}, and this release knows none above {known}")]
    Newer {
        /// The version of the schema.
        found: i32,
        /// The newest version that this release can read.
        known: i32,
    },
    /// An older release has made it, and this role may not bring it forward.
    #[error(
        "the schema has version {found}, and a role that owns it must bring it forward to {needed}: connect once as that role"
    )]
    Older {
        /// The version of the schema.
        found: i32,
        /// The version that this release needs.
        needed: i32,
    },
}

impl Schema {
    pub(crate) fn new(name: &str) -> Result<Self, SchemaError> {
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let begins_well = name.starts_with(|letter: char| letter.is_ascii_lowercase()) && !name.starts_with("pg_");
        if name.len() > 63 || !begins_well || !name.chars().all(is_plain) {
            return Err(SchemaError::Name);
        }
        Ok(Self(name.to_owned()))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

/// In quotes, since it may be a word of SQL.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_need_quotes_is_refused() {
        for name in ["", "Salon", "1st", "_a", "pg_salon", "a b", "a\"b", "ä", &"a".repeat(64)] {
            assert_eq!(Schema::new(name).err(), Some(SchemaError::Name), "{name}");
        }
        assert_eq!(Schema::new("salon_2").expect("a name").to_string(), "\"salon_2\"");
    }
}
