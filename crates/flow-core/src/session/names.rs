//! Names that are said once, and by their place after that: [`Names`].

use super::laid::{
    reading::{Broken, Read, Reader},
    writing,
};

/// A list of names, as it is stored: each with its length before it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    laid: Vec<u8>,
    count: usize,
}

impl Names {
    /// Fails if the bytes are no such list.
    pub(super) fn read(laid: &[u8]) -> Read<Self> {
        let (mut reader, mut count) = (Reader(laid), 0);
        while !reader.is_done() {
            reader.text()?;
            count += 1;
        }
        Ok(Self { laid: laid.to_vec(), count })
    }

    pub(super) fn laid(&self) -> &[u8] {
        &self.laid
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The place of this name, at the end if it was not there.
    pub(super) fn place_of(&mut self, name: &str) -> usize {
        let mut reader = Reader(&self.laid);
        let mut laid = std::iter::from_fn(|| reader.bytes().ok());
        match laid.position(|other| other == name.as_bytes()) {
            Some(place) => place,
            None => {
                writing::bytes(&mut self.laid, name.as_bytes());
                self.count += 1;
                self.count - 1
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut reader = Reader(&self.laid);
        std::iter::from_fn(move || reader.text().ok())
    }

    /// Fails if there is no such place.
    pub(super) fn check(&self, place: usize) -> Read<()> {
        if place < self.count { Ok(()) } else { Err(Broken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_its_place() {
        let mut names = Names::default();
        assert_eq!(["A", "B/C", "A", "", "B/C"].map(|name| names.place_of(name)), [0, 1, 0, 2, 1]);
        assert_eq!(names.iter().collect::<Vec<_>>(), ["A", "B/C", ""]);
        let again = Names::read(names.laid()).expect("names");
        assert!(again == names && again.check(2).is_ok() && again.check(3).is_err());
        assert!(Names::read(&names.laid()[..2 + 3]).is_err());
    }
}
