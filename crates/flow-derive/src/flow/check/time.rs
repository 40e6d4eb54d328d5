//! The times of `after("24h", …)`.

/// The longest time in days. A session's calendar ends with the year 262142, which is later than that from today.
const LONGEST: u64 = 90_000_000;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The seconds of `90s`, `15m`, `24h` or `7d`.
///
/// Fails with what to write instead.
pub(in crate::flow) fn seconds(time: &str) -> Result<u64, String> {
    let plain = time.find(|letter: char| !letter.is_ascii_digit()).map(|end| time.split_at(end));
    let unit = match plain {
        Some((_, "s")) => 1,
        Some((_, "m")) => MINUTE,
        Some((_, "h")) => HOUR,
        Some((_, "d")) => DAY,
        _ => return Err(otherwise(time)),
    };
    let (number, _) = plain.unwrap_or_default();
    if number.is_empty() {
        return Err(otherwise(time));
    }
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(0) => Err(format!("`{time}` is over at once: write `\"1s\"` or longer")),
        Some(seconds) if seconds <= LONGEST * DAY => Ok(seconds),
        _ => Err(format!("`{time}` ends beyond the calendar: write `\"{LONGEST}d\"` or shorter")),
    }
}

/// What is wrong with a time that is not written as one, and how it is written if it can be understood.
fn otherwise(time: &str) -> String {
    let number = time.trim();
    if number.parse().is_ok_and(|number: u64| (1..=LONGEST).contains(&number)) {
        return format!(
            "`{time}` has no unit: write `\"{number}s\"`, `\"{number}m\"`, `\"{number}h\"` or `\"{number}d\"`"
        );
    }
    match understood(time) {
        Some(seconds) => format!("a time is one number and s, m, h or d: write `\"{}\"`", written(seconds)),
        None => format!("`{time}` is no time: write a number and s, m, h or d, as in `\"24h\"`"),
    }
}

/// The seconds that are meant by `1h 30m`, `24 hours`, `1.5h`, `2 weeks` and their like.
fn understood(time: &str) -> Option<u64> {
    let mut rest = time.trim().trim_start_matches('+');
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '_')?;
        let number: f64 = rest[..end].replace('_', "").parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len());
        seconds += number * unit(&rest[..end])?;
        rest = rest[end..].trim_start_matches([' ', ',']);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within these bounds")]
    #[allow(clippy::cast_precision_loss, reason = "the longest time is far below what a float holds")]
    (1.0..=LONGEST as f64 * unit("d")?).contains(&seconds).then_some(seconds.ceil() as u64)
}

fn unit(name: &str) -> Option<f64> {
    let seconds = match name.to_lowercase().as_str() {
        "ms" | "millis" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 7.0 * 86_400.0,
        "month" | "months" => 30.0 * 86_400.0,
        "y" | "year" | "years" => 365.0 * 86_400.0,
        _ => return None,
    };
    Some(seconds)
}

/// In the longest unit that leaves no rest; a day is `24h`, as most would write it.
fn written(seconds: u64) -> String {
    let units = [("d", DAY), ("h", HOUR), ("m", MINUTE)];
    let mut fitting = units.into_iter().skip(usize::from(seconds == DAY));
    let (unit, length) = fitting.find(|(_, unit)| seconds.is_multiple_of(*unit)).unwrap_or(("s", 1));
    format!("{}{unit}", seconds / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (time, expected) in [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("007d", 604_800)] {
            assert_eq!(seconds(time), Ok(expected), "{time}");
        }
        assert_eq!(seconds("90000000d"), Ok(LONGEST * DAY));
    }

    #[test]
    fn the_longest_time_from_now_is_within_the_calendar() {
        // A thousand years on, it still is.
        let from_now = chrono::TimeDelta::seconds((LONGEST * DAY).cast_signed()) + chrono::TimeDelta::days(365_000);
        assert!(chrono::Utc::now().checked_add_signed(from_now).is_some());
    }

    #[test]
    fn a_time_that_is_written_otherwise_is_told_as_it_is_written() {
        for (time, hint) in [
            ("24", "write `\"24s\"`, `\"24m\"`, `\"24h\"` or `\"24d\"`"),
            ("24 h", "write `\"24h\"`"),
            ("+24h", "write `\"24h\"`"),
            ("24H", "write `\"24h\"`"),
            ("24hours", "write `\"24h\"`"),
            ("1 day", "write `\"24h\"`"),
            ("2 weeks", "write `\"14d\"`"),
            ("1h30m", "write `\"90m\"`"),
            ("1 hour, 30 minutes", "write `\"90m\"`"),
            ("1.5h", "write `\"90m\"`"),
            ("3_600s", "write `\"1h\"`"),
            ("500ms", "is no time"),
            ("1500ms", "write `\"2s\"`"),
            ("0h", "write `\"1s\"`"),
            ("90000001d", "write `\"90000000d\"`"),
            ("99999999999999999999d", "write `\"90000000d\"`"),
            ("", "as in `\"24h\"`"),
            ("h", "as in `\"24h\"`"),
            ("-1h", "as in `\"24h\"`"),
            ("24ħ", "as in `\"24h\"`"),
            ("1h 5", "as in `\"24h\"`"),
            ("soon", "as in `\"24h\"`"),
            ("0", "as in `\"24h\"`"),
            ("9999999999999", "as in `\"24h\"`"),
        ] {
            let told = seconds(time).expect_err(time);
            assert!(told.contains(hint), "{time}: {told}");
            let written: Vec<_> =
                told.split("`\"").skip(1).map(|text| text.split("\"`").next().unwrap_or("")).collect();
            assert!(!written.is_empty(), "{time}: {told}");
            for time in written {
                assert!(seconds(time).is_ok(), "{time}");
            }
        }
    }
}
