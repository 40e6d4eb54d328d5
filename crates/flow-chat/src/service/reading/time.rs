//! Lengths of time as a person writes them: `90s`, `1h 30m`.

use std::time::Duration;

/// The units, and how many milliseconds each is.
const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 7 * 86_400_000)];

/// The longest that a setting may be: beyond it a time can often not be told as a date.
const LONGEST: u64 = 100 * 365 * 86_400_000;

/// Reads numbers with units, such as `300ms`, `24h` or `1h 30m`.
///
/// Fails with what is wrong.
pub(super) fn read(text: &str) -> Result<Duration, &'static str> {
    let mut rest = text.trim();
    if !rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Err("not a time");
    }
    let mut milliseconds = 0_u64;
    while !rest.is_empty() {
        let (number, behind) = split(rest, |letter| !letter.is_ascii_digit());
        let (unit, behind) = split(behind.trim_start(), |letter| !letter.is_ascii_alphabetic());
        let unit = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, unit)) => *unit,
            None if unit.is_empty() && behind.is_empty() => return Err("a number without a unit"),
            None => return Err("not a time"),
        };
        let part = number.parse().ok().and_then(|number: u64| number.checked_mul(unit));
        let sum = part.and_then(|part| milliseconds.checked_add(part)).filter(|sum| *sum <= LONGEST);
        milliseconds = sum.ok_or("more than a hundred years")?;
        rest = behind.trim_start();
    }
    Ok(Duration::from_millis(milliseconds))
}

fn split(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_others_read() {
        for text in ["0s", "300ms", "90s", "24h", "30d", "2w", "1h 30m", "1h30m", " 5 m ", "1d 1h 1m 1s 1ms", "36500d"]
        {
            assert_eq!(read(text).ok(), humantime::parse_duration(text.trim()).ok(), "{text}");
            assert!(read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told() {
        for (text, wrong) in [
            ("", "not a time"),
            ("soon", "not a time"),
            ("-1s", "not a time"),
            ("1.5h", "not a time"),
            ("24 hours", "not a time"),
            ("s", "not a time"),
            ("24", "a number without a unit"),
            ("1h 30", "a number without a unit"),
            ("36501d", "more than a hundred years"),
            ("99999999999999999999s", "more than a hundred years"),
            ("18446744073709551615w", "more than a hundred years"),
        ] {
            assert_eq!(read(text), Err(wrong), "{text}");
        }
    }
}
