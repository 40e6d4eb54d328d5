//! Where the visitor can be called: [`Phone`].

use super::{calling_codes::from_abroad, private_text::private_text};
use crate::{Contact, privacy::MASK};

/// No number has more bytes, however it is spaced.
const LONGEST: usize = 40;

private_text! {
    /// A phone number with its country's code, kept as `+1234567890`; `Debug` and every log show `***7890`.
    ///
    /// ```
    /// use flow_core::answers::Phone;
    ///
    /// let phone: Phone = "+49 (0)30 123-4567".parse()?;
    /// assert_eq!((phone.as_str(), format!("{phone:?}").as_str()), ("+49301234567", "***4567"));
    /// # Ok::<(), flow_core::answers::NotA>(())
    /// ```
    Phone, "a phone number", "Please write the phone number with its country's code, as in +1 234 567 890.", check, stored, mask, Contact::phones
}

/// The number as E.164 writes it.
///
/// The country must exist. Whether the number is assigned is not asked: plans change faster than releases, and its owner
/// would be locked out.
fn check(text: &str) -> Option<String> {
    // A number copied from an address book comes wrapped in marks of direction.
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || is_direction(letter));
    // The country that a visitor calls from is not known: a number without its code may be a number of any of them.
    let dialled = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?.trim_start_matches('+');
    if text.len() > LONGEST || !dialled.chars().all(is_dialled) {
        return None;
    }
    let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
    stored(&format!("+{}", from_abroad(&digits)?))
}

/// What was stored is checked by its form alone: it was a number when it was said, whatever became of the countries' codes.
fn stored(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+')?;
    // 7 digits are the least that can be called from abroad, and 15 the most, by E.164.
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.to_owned())
}

fn is_dialled(letter: char) -> bool {
    letter.is_ascii_digit() || letter.is_whitespace() || matches!(letter, '-' | '.' | '/' | '(' | ')' | '‐'..='―')
}

fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn mask(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    // Four digits of seven are most of it.
    let shown = if digits.len() > 7 { &digits[digits.len() - 4..] } else { &[] };
    MASK.to_owned() + &shown.iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_spaced_and_masked() {
        let copied = "\u{202a}+1\u{a0}234\u{2011}567\u{2011}890\u{202c}";
        for given in ["+1 234 567 890", "+1-234-567-890", "001234567890", "+1 (234) 567 890", copied] {
            let phone: Phone = given.parse().expect("a number");
            assert_eq!((phone.as_str(), format!("{phone:?}").as_str()), ("+1234567890", "***7890"), "{given}");
            assert_eq!(phone.as_str().parse(), Ok(phone.clone()), "what is stored reads back");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_without_an_echo() {
        let long = format!("+1{}", "2".repeat(1 << 20));
        let given = ["", "hello", "234 567 890", "+", "+1 234", "+999 123 4567", "+49 30 123456 ext. 7", "1e10", &long];
        for given in given.into_iter().chain(["+1 234 567 890 call me", "+1 234 567 890 / +1 234 567 891"]) {
            let refused = given.parse::<Phone>().map_err(|error| error.to_string());
            assert_eq!(refused, Err("not a phone number".to_owned()));
        }
    }

    #[test]
    fn what_is_dialled_only_inside_a_country_is_left_out() {
        for (given, stored) in [
            ("+49 (0)30 1234567", "+49301234567"),
            ("+44 (0) 20 7946 0958", "+442079460958"),
            ("+39 06 1234 5678", "+390612345678"),
            ("+36 06 1 234 5678", "+3612345678"),
            ("+370 8 612 34567", "+37061234567"),
            ("+54 011 15 2345-6789", "+5491123456789"),
            ("+54 0351 15 234 5678", "+5493512345678"),
            ("+54 9 11 2345 6789", "+5491123456789"),
            ("+7 800 123-45-67", "+78001234567"),
        ] {
            assert_eq!(given.parse::<Phone>().expect("a number").as_str(), stored, "{given}");
        }
    }

    #[test]
    fn what_was_stored_is_read_by_its_form_alone() {
        for stored in ["+1234567", "+999123456789012", "+490301234567"] {
            let phone: Phone = serde_json::from_value(stored.into()).expect("a stored number");
            assert_eq!(phone.as_str(), stored);
        }
        for other in ["", "+", "+123456", "+1234567890123456", "1234567890", "+49 30 1234567", "+١٢٣٤٥٦٧"] {
            assert!(serde_json::from_value::<Phone>(other.into()).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_stored_reads_back_as_it_is(given in "\\+[1-9][0-9]{0,2}0{0,3}[0-9]{3,12}") {
            if let Ok(phone) = given.parse::<Phone>() {
                assert_eq!(phone.as_str().parse(), Ok(phone));
            }
        }

        #[test]
        fn no_text_is_a_trouble(given in "(\\+|00)[0-9 ()x;=#\\-./ß１\u{202e}]{0,30}") {
            let _ = given.parse::<Phone>();
        }
    }
}
