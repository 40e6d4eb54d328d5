//! What is read from a card that the visitor shares where a number or an address is asked for: [`the_one_of`].

use super::Answer;
use crate::{Reask, Reply, Speak};

/// The one of these that can be read. One that is written twice is one.
///
/// Fails with a request to take one if several can, and with how to ask again if none can.
pub(super) fn the_one_of<T: Answer + Speak + PartialEq>(written: &[String]) -> Result<T, Reask> {
    let mut read: Vec<T> = Vec::new();
    for answer in written.iter().filter_map(|written| T::parse(written).ok()) {
        if !read.contains(&answer) {
            read.push(answer);
        }
    }
    match (read.pop(), &*read) {
        (Some(only), []) => Ok(only),
        (Some(last), first) => {
            let choices = first.iter().chain([&last]).map(Speak::speak);
            Err(Reask::because(Reply::new("Which one of these?").with_choices(choices)))
        }
        // Nothing that can be read is as good as nothing written.
        (None, _) => T::parse(""),
    }
}

#[cfg(all(test, feature = "phone"))]
mod tests {
    use super::*;
    use crate::{
        Contact, Input,
        answers::{Email, Name, Phone},
    };

    fn card(phones: &[&str]) -> Input {
        phones.iter().fold(Contact::new("Ana"), |card, phone| card.with_phone(*phone)).into()
    }

    #[test]
    fn a_card_answers_with_what_is_asked_for() {
        let said =
            |answer: Result<Phone, Reask>| answer.map(|phone| phone.as_str().to_owned()).map_err(Reask::into_hint);
        for phones in [&["+49 30 1234567"][..], &["030 1234567", "+49 30 1234567", "0049 30 1234567"]] {
            assert_eq!(said(Phone::read(&card(phones))), Ok("+49301234567".to_owned()), "{phones:?}");
        }
        let several = Phone::read(&card(&["+49 30 1234567", "+1 234 567 890"])).expect_err("two");
        let payloads: Vec<_> = several.hint().choices().iter().map(|choice| choice.payload.as_str()).collect();
        assert_eq!(payloads, ["+49301234567", "+1234567890"]);
        for none in [&[][..], &["030 1234567"]] {
            let again = Phone::read(&card(none)).expect_err("none");
            assert_eq!(again, Phone::parse("").expect_err("nothing"), "{none:?}");
        }
        assert!(Email::read(&card(&["+49 30 1234567"])).is_err() && Name::read(&card(&[])).is_err());
    }
}
