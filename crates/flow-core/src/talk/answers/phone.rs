//! Where somebody can be called: [`Phone`].

use std::ops::RangeInclusive;

use phonenumber::Mode;

use super::private_text::private_text;
use crate::privacy::MASK;

/// No number has more bytes, however it is spaced.
const LONGEST: usize = 40;

/// What a plus and the digits of a number that can be called from abroad may take: 7 digits at least, and 15 by E.164.
const STORED: RangeInclusive<usize> = 8..=16;

private_text! {
    /// A phone number with its country's code, kept as `+1234567890`; `Debug` and every log show `***7890`.
    Phone, "a phone number", "Please write the phone number with its country's code, as in +1 234 567 890.", check, mask
}

fn check(text: &str) -> Option<String> {
    // A number copied from an address book comes wrapped in marks of direction.
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || is_direction(letter));
    // The country a visitor calls from is not known, so a number without its code could be anybody's.
    let international = match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text.to_owned(),
    };
    // The library would take the letters of "call me" for digits.
    if !international.starts_with('+') || international.len() > LONGEST || !international.chars().all(is_dialled) {
        return None;
    }
    let stored = stored(&international)?;
    // Of a few numbers the library drops a zero each time it reads them: they would not survive being stored.
    (STORED.contains(&stored.len()) && self::stored(&stored).as_ref() == Some(&stored)).then_some(stored)
}

/// The number as E.164 writes it.
///
/// The library knows the countries' codes. That it knows no such number is no reason to lock its owner out: plans
/// change faster than releases.
fn stored(international: &str) -> Option<String> {
    let number = phonenumber::parse(None, international).ok()?;
    Some(number.format().mode(Mode::E164).to_string())
}

fn is_dialled(letter: char) -> bool {
    letter.is_ascii_digit() || letter.is_whitespace() || matches!(letter, '+' | '-' | '.' | '/' | '(' | ')' | '‐'..='―')
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
