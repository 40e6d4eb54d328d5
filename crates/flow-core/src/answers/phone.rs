//! Where somebody can be called: [`Phone`].

use phonenumber::Mode;

use super::private_text::private_text;
use crate::privacy::MASK;

/// No number has more letters, however it is spaced.
const LONGEST: usize = 40;

/// No number that can be called from abroad has fewer digits.
const SHORTEST: usize = 7;

private_text! {
    /// A phone number with its country's code, kept as `+1234567890`; `Debug` and every log show `***7890`.
    Phone, "a phone number", "Please write the phone number with its country's code, as in +1 234 567 890.", check, mask
}

fn check(text: &str) -> Option<String> {
    let text = text.trim();
    // The country a visitor calls from is not known, so a number without its code could be anybody's.
    let international = match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text.to_owned(),
    };
    if !international.starts_with('+') || international.len() > LONGEST {
        return None;
    }
    // The library knows the countries' codes. That it knows no such number is no reason to lock its owner out: plans
    // change faster than releases. An extension would be lost in the stored form.
    let number = phonenumber::parse(None, &international).ok().filter(|number| number.extension().is_none())?;
    let stored = number.format().mode(Mode::E164).to_string();
    (stored.len() > SHORTEST).then_some(stored)
}

fn mask(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    // Four digits of seven are most of it.
    let shown = if digits.len() > 7 { &digits[digits.len() - 4..] } else { &[] };
    MASK.to_owned() + &shown.iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_spaced_and_masked() {
        for given in ["+1 234 567 890", "+1-234-567-890", "001234567890", "+1 (234) 567 890"] {
            let phone: Phone = given.parse().expect("a number");
            assert_eq!((phone.as_str(), format!("{phone:?}").as_str()), ("+1234567890", "***7890"), "{given}");
            assert_eq!(phone.as_str().parse(), Ok(phone.clone()), "what is stored reads back");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_without_an_echo() {
        let long = format!("+1{}", "2".repeat(1 << 20));
        for given in ["", "hello", "234 567 890", "+", "+1 234", "+999 123 4567", "+49 30 123456 ext. 7", "1e10", &long]
        {
            let refused = given.parse::<Phone>().map_err(|error| error.to_string());
            assert_eq!(refused, Err("not a phone number".to_owned()));
        }
    }
}
