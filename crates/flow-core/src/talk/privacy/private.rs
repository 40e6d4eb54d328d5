//! Any value that must not be shown: [`Private`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{MASK, serialize_private};
use crate::Speak;

/// A value that is stored and spoken as it is, and masked in `Debug`, in logs and in every masked view.
///
/// ```
/// use flow_core::privacy::Private;
///
/// let diagnosis = Private::new("hay fever".to_owned());
/// assert_eq!(format!("{diagnosis:?}"), "***");
/// assert_eq!(diagnosis.reveal(), "hay fever");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Makes a value private.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for code that has a reason to see it.
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Private<T> {
    /// Fails with an error that does not repeat what is stored, as those of serde do.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self).map_err(|_| D::Error::custom("not the private value that was expected"))
    }
}

impl<T: Speak> Speak for Private<T> {
    fn speak(&self) -> String {
        self.0.speak()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{Email, Name};

    #[test]
    fn what_cannot_be_read_back_is_refused_without_an_echo() {
        let errors = [
            serde_json::from_str::<Name>("4711").err(),
            serde_json::from_str::<Email>(r#""4711 canary""#).err(),
            serde_json::from_str::<Private<u8>>(r#""4711 canary""#).err(),
            serde_json::from_str::<Private<Result<u8, u8>>>(r#"{"4711 canary":1}"#).err(),
        ];
        for error in errors {
            let error = error.expect("refused").to_string();
            assert!(!error.contains("4711") && !error.contains("canary"), "{error}");
        }
    }
}
