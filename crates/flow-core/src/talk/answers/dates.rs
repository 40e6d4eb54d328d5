//! Answers that are dates and times. What could mean two days is not guessed.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use super::Answer;
use crate::Reask;

/// No date or time has more letters.
const LONGEST: usize = 40;

impl Answer for NaiveDate {
    fn parse(said: &str) -> Result<Self, Reask> {
        let date = short(said, LONGEST).and_then(date);
        date.ok_or_else(|| Reask::because("Please write the date as 2026-03-04 or 4 March 2026."))
    }
}

impl Answer for NaiveTime {
    fn parse(said: &str) -> Result<Self, Reask> {
        let time = short(said, LONGEST).and_then(time);
        time.ok_or_else(|| Reask::because("Please write the time as 14:30 or 2:30 pm."))
    }
}

impl Answer for NaiveDateTime {
    fn parse(said: &str) -> Result<Self, Reask> {
        let both = short(said, 2 * LONGEST).and_then(date_and_time);
        both.ok_or_else(|| Reask::because("Please write date and time as 2026-03-04 14:30."))
    }
}

/// What was said, unless it is an essay.
fn short(said: &str, longest: usize) -> Option<&str> {
    Some(said.trim()).filter(|said| said.len() <= longest)
}

/// `2026-03-04`, `4.3.2026`, `4 March 2026`, `March 4, 2026`, and these with `Mar.` and `4th`
fn date(said: &str) -> Option<NaiveDate> {
    let words = said.split(|letter: char| letter.is_whitespace() || letter == ',' || letter == '.');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).map(plain).collect();
    let worded = words.join(" ");
    let forms = [("%Y-%m-%d", said), ("%d.%m.%Y", said), ("%d %B %Y", worded.as_str()), ("%B %d %Y", worded.as_str())];
    let mut dates = forms.iter().filter_map(|(form, said)| NaiveDate::parse_from_str(said, form).ok());
    // A year of two digits would be one of the first century.
    dates.find(|date| (1000..=9999).contains(&date.year()))
}

/// `4th` as `4`, and `Sept` as `sep`
fn plain(word: &str) -> String {
    let word = word.to_lowercase();
    let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending));
    match ordinal.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(number) => number.to_owned(),
        None if word == "sept" => "sep".to_owned(),
        None => word,
    }
}

/// `14:30`, `14:30:05`, `14h30`, `14h`, `2:30 pm`, `2pm`, `2 p.m.`
fn time(said: &str) -> Option<NaiveTime> {
    let said = said.to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let halves = ["am", "pm"].into_iter().find_map(|half| Some((said.strip_suffix(half)?.trim_end(), half)));
    let (digits, half) = halves.unwrap_or((&said, ""));
    let digits = match digits.split_once('h') {
        Some((hours, "")) => format!("{hours}:00"),
        Some((hours, minutes)) => format!("{hours}:{minutes}"),
        None if half.is_empty() || digits.contains(':') => digits.to_owned(),
        None => format!("{digits}:00"),
    };
    let forms: &[&str] = if half.is_empty() { &["%H:%M", "%H:%M:%S"] } else { &["%I:%M%p"] };
    forms.iter().find_map(|form| NaiveTime::parse_from_str(&format!("{digits}{half}"), form).ok())
}

/// The time is what stands behind some space, or behind the T of the standard's form.
fn date_and_time(said: &str) -> Option<NaiveDateTime> {
    let mut partings = said.match_indices(|letter: char| letter.is_whitespace() || letter == 'T');
    partings.find_map(|(at, parting)| {
        let date = date(said[..at].trim_end_matches(','))?;
        Some(date.and_time(time(said[at + parting.len()..].trim())?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_the_forms_that_mean_one_day() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 4).expect("a day");
        let numbers = ["2026-03-04", " 4.3.2026", "04.03.2026", "4. 3. 2026"];
        let words =
            ["4 March 2026", "4 mar 2026", "March 4, 2026", "4. March 2026", "Mar. 4th, 2026", "4\u{a0}March 2026"];
        for said in numbers.into_iter().chain(words) {
            assert_eq!(NaiveDate::parse(said), Ok(day), "{said}");
        }
        assert_eq!(NaiveDate::parse("1 Sept. 2026"), NaiveDate::parse("2026-09-01"));
    }

    #[test]
    fn what_could_mean_two_days_or_none_is_not_guessed() {
        let essay = "4 March 2026 ".repeat(10_000);
        for said in ["03/04/2026", "3-4-26", "4.3.26", "2026-02-30", "tomorrow", "", &essay] {
            assert!(NaiveDate::parse(said).is_err());
        }
    }

    #[test]
    fn a_time_is_read_with_24_hours_or_with_12() {
        let time = NaiveTime::from_hms_opt(14, 30, 0).expect("a time");
        for said in ["14:30", "14h30", "2:30 pm", "2:30PM", "14:30:00", "2:30\u{202f}p.m."] {
            assert_eq!(NaiveTime::parse(said), Ok(time), "{said}");
        }
        assert_eq!(NaiveTime::parse("12 am"), Ok(NaiveTime::MIN));
        assert_eq!(NaiveTime::parse("2pm"), NaiveTime::parse("14h"));
        for said in ["14", "25:00", "13 pm", "pm", "half two", "14:30 pm", "h", "2:60", "1 4:30", "2 pm pm", "٢:٣٠"]
        {
            assert!(NaiveTime::parse(said).is_err(), "{said}");
        }
    }

    #[test]
    fn a_date_with_a_time_is_read_as_both() {
        let both = NaiveDate::from_ymd_opt(2026, 3, 4).and_then(|day| day.and_hms_opt(14, 30, 0)).expect("a moment");
        for said in [
            "2026-03-04 14:30",
            "2026-03-04T14:30",
            "4 March 2026, 2:30 pm",
            "4.3.2026 14h30",
            "2026-03-04 2:30\u{202f}pm",
        ] {
            assert_eq!(NaiveDateTime::parse(said), Ok(both), "{said}");
        }
        assert!(["2026-03-04", "14:30", "é T é"].iter().all(|said| NaiveDateTime::parse(said).is_err()));
    }
}
