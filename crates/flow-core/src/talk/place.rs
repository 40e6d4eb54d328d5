//! A place on the map: [`Place`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Speak, answers::NotA, privacy::Private};

/// A place on the map, that the visitor sent or that is to be shown.
///
/// ```
/// use flow_core::{Place, Speak};
///
/// let museum = Place::new(52.5208, 13.4094)?.with_name("Museum").with_address("Main Street 5");
/// assert_eq!((museum.latitude(), museum.speak().as_str()), (52.5208, "Museum, Main Street 5"));
/// assert!(Place::new(91.0, 0.0).is_err());
/// # Ok::<(), flow_core::answers::NotA>(())
/// ```
///
/// It is private by type: stored and spoken as it is, and masked in `Debug`, in logs and in every masked view.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(Private<Parts>);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
struct Parts {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

/// The same as it is read, before anybody has looked whether there is such a place.
#[derive(Deserialize)]
struct Unchecked {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

/// Its numbers are never NaN.
impl Eq for Place {}

impl Place {
    /// The place at these degrees, north and east of where they are 0.
    ///
    /// Fails if there is no such place: beyond the poles, or more than half around the globe.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, NotA> {
        let unchecked = Unchecked { latitude, longitude, name: None, address: None };
        Parts::try_from(unchecked).map(|parts| Self(Private::new(parts)))
    }

    /// With what it is called.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with(|parts| parts.name = Some(name.into()))
    }

    /// With its address in words.
    #[must_use]
    pub fn with_address(self, address: impl Into<String>) -> Self {
        self.with(|parts| parts.address = Some(address.into()))
    }

    /// Degrees to the north.
    pub fn latitude(&self) -> f64 {
        self.0.reveal().latitude
    }

    /// Degrees to the east.
    pub fn longitude(&self) -> f64 {
        self.0.reveal().longitude
    }

    /// What it is called, if that was told.
    pub fn name(&self) -> Option<&str> {
        self.0.reveal().name.as_deref()
    }

    /// Its address in words, if that was told.
    pub fn address(&self) -> Option<&str> {
        self.0.reveal().address.as_deref()
    }

    /// How many bytes the words of it have.
    pub(crate) fn len(&self) -> usize {
        [self.name(), self.address()].into_iter().flatten().map(str::len).sum()
    }

    fn with(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = self.0.into_inner();
        change(&mut parts);
        Self(Private::new(parts))
    }
}

impl TryFrom<Unchecked> for Parts {
    type Error = NotA;

    fn try_from(Unchecked { latitude, longitude, name, address }: Unchecked) -> Result<Self, NotA> {
        // What is no number is in no range.
        let is_there = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        is_there.then_some(Self { latitude, longitude, name, address }).ok_or(NotA("a place on earth"))
    }
}

/// Its name and address; its degrees if it has neither.
impl Speak for Place {
    fn speak(&self) -> String {
        match (self.name(), self.address()) {
            (Some(name), Some(address)) => format!("{name}, {address}"),
            (Some(words), None) | (None, Some(words)) => words.to_owned(),
            (None, None) => format!("{:.5}, {:.5}", self.latitude(), self.longitude()),
        }
    }
}

/// Without where it is.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_nowhere_is_no_place_however_it_comes() {
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            let refused = Place::new(latitude, longitude).map_err(|error| error.to_string());
            assert_eq!(refused, Err("not a place on earth".to_owned()), "{latitude} {longitude}");
        }
        for stored in [r#"{"latitude":99.5,"longitude":0}"#, r#"{"latitude":null,"longitude":0}"#, "{}"] {
            let error = serde_json::from_str::<Place>(stored).expect_err("no place").to_string();
            assert!(!error.contains("99"), "{error}");
        }
        assert!(Place::new(-90.0, 180.0).is_ok());
    }
}
