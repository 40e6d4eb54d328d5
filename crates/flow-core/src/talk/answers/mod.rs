//! What answers are read as: [`Answer`], for the types of the standard library and of chrono, and for [`Name`],
//! [`Email`] and `Phone`, which are private by type. `Phone` is a feature. More than words is read as [`Media`](crate::Media),
//! [`Image`], [`Video`], [`Audio`], [`Document`], [`Place`](crate::Place) and [`Contact`](crate::Contact).

#[cfg(feature = "phone")]
mod calling_codes;
mod dates;
mod email;
mod files;
mod name;
mod numbers;
#[cfg(feature = "phone")]
mod phone;
mod private_text;
mod reading;
mod shared;
mod words;

use crate::{Choice, Input, Reask, privacy::Private, talk::choice::choose};

pub use crate::talk::choice::Words;

pub use email::Email;
pub use files::{Audio, Document, Image, Video};
pub use name::Name;
#[cfg(feature = "phone")]
pub use phone::Phone;
pub use private_text::NotA;

pub(crate) use reading::nothing_said;

/// A type that an answer can be read as.
///
/// ```
/// use flow_core::{Reask, answers::Answer};
///
/// struct Table(u8);
///
/// impl Answer for Table {
///     fn parse(said: &str) -> Result<Self, Reask> {
///         match u8::parse(said)? {
///             table @ 1..=20 => Ok(Self(table)),
///             _ => Err(Reask::because("We have the tables 1 to 20.")),
///         }
///     }
/// }
/// # assert_eq!(Table::parse(" 7 ").map(|table| table.0), Ok(7));
/// ```
///
/// For an enum of unit variants, derive it: an answer is then a label, a number or a button.
#[diagnostic::on_unimplemented(
    message = "no answer can be read as `{Self}`",
    label = "this is where the answer goes",
    note = "implement or derive `Answer` for it, or write `handled` on the state that asks and take the answer yourself"
)]
pub trait Answer: Sized {
    /// Reads what was said.
    ///
    /// Fails with how to ask again.
    fn parse(said: &str) -> Result<Self, Reask>;

    /// Reads whatever came in: by its words, unless the type is one of files, places or cards.
    ///
    /// The words are a text, a button's payload or else its label, what stands under a picture. A command is read where it names
    /// one of the [`choices`](Self::choices). Fails with how to ask again: where nothing was written at all, as
    /// [`parse`](Self::parse) has it of an empty text.
    ///
    /// ```
    /// use flow_core::{Input, Place, Reask, answers::Answer};
    ///
    /// /// How far north somebody is: on the map, or in degrees.
    /// struct North(f64);
    ///
    /// impl Answer for North {
    ///     fn parse(said: &str) -> Result<Self, Reask> {
    ///         f64::parse(said).map(Self).map_err(|_| Reask::because("Please send the place, or its latitude."))
    ///     }
    ///
    ///     fn read(input: &Input) -> Result<Self, Reask> {
    ///         match input {
    ///             Input::Place(place) => Ok(Self(place.latitude())),
    ///             input => Self::parse(input.said().unwrap_or_default()),
    ///         }
    ///     }
    /// }
    /// # let place = Place::new(52.5, 13.4).unwrap();
    /// # assert_eq!(North::read(&place.into()).map(|north| north.0), Ok(52.5));
    /// # assert_eq!(North::read(&Input::text("48.1")).map(|north| north.0), Ok(48.1));
    /// ```
    fn read(input: &Input) -> Result<Self, Reask> {
        reading::in_words(input)
    }

    /// What to offer with the question; nothing if any words will do.
    fn choices() -> Vec<Choice> {
        Vec::new()
    }
}

/// A closed set of answers, each with its name and its words. Derive [`Answer`](macro@crate::Answer) on an enum of unit
/// variants, which is then what `#[state(choices = …)]` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of choices",
    label = "an enum that derives `Answer` belongs here",
    note = "for an enum of yours, write `#[derive(Answer)]` on it; for what is read from words, write `answer = {Self}`"
)]
pub trait Choices: Answer {
    /// The choices, in the order in which they are offered.
    const CHOICES: &'static [Words];
}

/// The index of the choice of `T` that was named.
///
/// Fails with a request to take one of them.
pub(crate) fn chosen<T: Choices>(said: &str) -> Result<usize, Reask> {
    choose(T::CHOICES, said).ok_or_else(please_choose)
}

/// The choices of `T` as they are offered.
#[doc(hidden)]
pub fn offered<T: Choices>() -> Vec<Choice> {
    T::CHOICES.iter().map(|choice| Choice::new(choice.label(), choice.name)).collect()
}

/// Asks for one of what is offered.
pub(crate) fn please_choose() -> Reask {
    Reask::because("Please take one of these:")
}

/// What is asked for may be private as a whole.
impl<T: Answer> Answer for Private<T> {
    fn parse(said: &str) -> Result<Self, Reask> {
        T::parse(said).map(Self::new)
    }

    fn read(input: &Input) -> Result<Self, Reask> {
        T::read(input).map(Self::new)
    }

    fn choices() -> Vec<Choice> {
        T::choices()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
    use proptest::prelude::*;

    use super::*;

    /// Reads it as everything; to panic would be the only mistake.
    fn read(said: &str) {
        let _ = (String::parse(said), bool::parse(said), i128::parse(said), u8::parse(said), f64::parse(said));
        let _ = (NaiveDate::parse(said), NaiveTime::parse(said), NaiveDateTime::parse(said));
        let _ = (Private::<Name>::parse(said), Option::<Email>::parse(said));
        #[cfg(feature = "phone")]
        let _ = Phone::parse(said);
    }

    #[test]
    fn a_megabyte_of_anything_is_no_trouble() {
        for piece in ["a", "9", " ", "+", "@", "a.", "-1,", "😀", "İ", "\u{301}", "4 March 2026 "] {
            read(&piece.repeat((1 << 20) / piece.len()));
        }
    }

    proptest! {
        #[test]
        fn no_words_are_a_trouble(words in r"\PC{0,90}", figures in r"[0-9 .,:+\-hTapm٣\u{202f}é]{0,45}") {
            read(&words);
            read(&figures);
        }
    }
}
