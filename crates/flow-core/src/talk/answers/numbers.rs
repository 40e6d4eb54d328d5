//! Answers that are numbers.

use std::num::IntErrorKind;

use super::Answer;
use crate::Reask;

/// No number that is told in a chat has more digits.
const LONGEST: usize = 40;

macro_rules! integers {
    ($($kind:ty),*) => {
        $(impl Answer for $kind {
            fn parse(said: &str) -> Result<Self, Reask> {
                said.trim().parse::<$kind>().map_err(|error| match error.kind() {
                    IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                        Reask::because(format!("Please take a number between {} and {}.", <$kind>::MIN, <$kind>::MAX))
                    }
                    _ if <$kind>::MIN == 0 => Reask::because("Please answer with a whole number, 0 or more, in digits."),
                    _ => Reask::because("Please answer with a whole number, in digits."),
                })
            }
        })*
    };
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! decimals {
    ($($kind:ty),*) => {
        $(impl Answer for $kind {
            fn parse(said: &str) -> Result<Self, Reask> {
                let number = decimal(said.trim())?.parse::<$kind>().map_err(|_| not_a_number())?;
                if number.is_finite() { Ok(number) } else { Err(not_a_number()) }
            }
        })*
    };
}

decimals!(f32, f64);

/// The number with a decimal point, whichever way it was written.
///
/// Fails on what could mean two things: `1,234` and `1.234` are a thousand to some and one and a bit to others.
fn decimal(said: &str) -> Result<String, Reask> {
    let digits = said.strip_prefix(['-', '+']).unwrap_or(said);
    let mut parts = digits.split([',', '.']);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.len() > LONGEST || !parts.clone().all(is_number) {
        return Err(not_a_number());
    }
    let (whole, part) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let looks_grouped = part.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    if looks_grouped || parts.next().is_some() {
        let hint = "That could be read in two ways. Please write it as 1234, as 1234.5 or as 1.2340.";
        return Err(Reask::because(hint));
    }
    Ok(said.replace(',', "."))
}

fn not_a_number() -> Reask {
    Reask::because("Please answer with a number, such as 12 or 12.5.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_within_their_range() {
        assert_eq!(u8::parse(" 42 "), Ok(42));
        assert_eq!(i64::parse("-7"), Ok(-7));
        let hint = u8::parse("300").expect_err("out of range");
        assert_eq!(hint.hint().text(), "Please take a number between 0 and 255.");
        assert!(["", "seven", "1.5", "0x10", "４２"].iter().all(|said| u8::parse(said).is_err()));
    }

    #[test]
    fn decimal_numbers_take_a_point_or_a_comma() {
        for (said, number) in [("2.5", 2.5), ("2,5", 2.5), ("-3", -3.0), ("+0,125", 0.125), ("1.2340", 1.234)] {
            assert_eq!(f64::parse(said), Ok(number), "{said}");
        }
    }

    #[test]
    fn what_could_mean_two_numbers_or_none_is_not_guessed() {
        for said in ["1,234", "1.234", "1,234.5", "1.234,5", "1,234,567"] {
            let hint = f64::parse(said).expect_err("ambiguous").into_hint();
            assert!(hint.text().contains("two ways"), "{said}");
        }
        for said in ["inf", "NaN", "1e5", ".5", "5.", "", "--1", "1 000"] {
            assert!(f64::parse(said).is_err(), "{said}");
        }
        assert!(f32::parse(&"9".repeat(40)).is_err());
    }
}
