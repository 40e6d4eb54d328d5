//! Any value that must not be shown: [`Private`].

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::{MASK, serialize_private};
use crate::{Choice, Reask, Speak, answers::Answer};

/// A value that is stored and spoken as it is, and shown to nobody else.
///
/// ```
/// use flow_core::privacy::Private;
///
/// let diagnosis = Private::new("hay fever".to_owned());
/// assert_eq!(format!("{diagnosis:?}"), "***");
/// assert_eq!(diagnosis.reveal(), "hay fever");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Makes a value private.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for who has reason to see it.
    pub fn reveal(&self) -> &T {
        &self.0
    }

    /// The value, taken out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T: Serialize> Serialize for Private<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_private(&self.0, || MASK.to_owned(), serializer)
    }
}

impl<T: Speak> Speak for Private<T> {
    fn speak(&self) -> String {
        self.0.speak()
    }
}

impl<T: Answer> Answer for Private<T> {
    fn parse(said: &str) -> Result<Self, Reask> {
        T::parse(said).map(Self)
    }

    fn choices() -> Vec<Choice> {
        T::choices()
    }
}
