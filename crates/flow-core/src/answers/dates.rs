//! Answers that are dates and times. What could mean two days is not guessed.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use super::Answer;
use crate::Reask;

/// No date or time has more letters.
const LONGEST: usize = 40;

impl Answer for NaiveDate {
    fn parse(said: &str) -> Result<Self, Reask> {
        let formats = ["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%d. %B %Y", "%B %d, %Y", "%B %d %Y"];
        let said = said.trim();
        let dates = formats.iter().filter(|_| said.len() <= LONGEST);
        let mut dates = dates.filter_map(|format| NaiveDate::parse_from_str(said, format).ok());
        // A year of two digits would be one of the first century.
        dates
            .find(|date| (1000..=9999).contains(&date.year()))
            .ok_or_else(|| Reask::because("Please write the date as 2026-03-04 or 4 March 2026."))
    }
}

impl Answer for NaiveTime {
    fn parse(said: &str) -> Result<Self, Reask> {
        let time = Some(said.trim()).filter(|said| said.len() <= LONGEST).and_then(time);
        time.ok_or_else(|| Reask::because("Please write the time as 14:30 or 2:30 pm."))
    }
}

impl Answer for NaiveDateTime {
    fn parse(said: &str) -> Result<Self, Reask> {
        let said = said.trim();
        // The time is what stands behind some space, or behind the T of the standard's form.
        let parted = said.char_indices().filter(|(_, letter)| letter.is_whitespace() || *letter == 'T');
        let read = |at: usize| {
            let date = NaiveDate::parse(said[..at].trim_end_matches(',')).ok()?;
            Some(date.and_time(NaiveTime::parse(&said[at + 1..]).ok()?))
        };
        let mut read = parted.filter(|_| said.len() <= 2 * LONGEST && said.is_ascii()).filter_map(|(at, _)| read(at));
        read.next().ok_or_else(|| Reask::because("Please write date and time as 2026-03-04 14:30."))
    }
}

/// `14:30`, `14:30:05`, `14h30`, `14h`, `2:30 pm`, `2pm`
fn time(said: &str) -> Option<NaiveTime> {
    let said: String = said.to_lowercase().split_whitespace().collect();
    let (digits, half) = match said.strip_suffix('m').map(|said| (said.strip_suffix('a'), said.strip_suffix('p'))) {
        Some((Some(digits), _)) => (digits, "am"),
        Some((_, Some(digits))) => (digits, "pm"),
        _ => (said.as_str(), ""),
    };
    let digits = match digits.split_once('h') {
        Some((hours, "")) => format!("{hours}:00"),
        Some((hours, minutes)) => format!("{hours}:{minutes}"),
        None if half.is_empty() || digits.contains(':') => digits.to_owned(),
        None => format!("{digits}:00"),
    };
    let formats: &[&str] = if half.is_empty() { &["%H:%M", "%H:%M:%S"] } else { &["%I:%M%p"] };
    formats.iter().find_map(|format| NaiveTime::parse_from_str(&format!("{digits}{half}"), format).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_the_forms_that_mean_one_day() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 4).expect("a day");
        for said in
            ["2026-03-04", "4.3.2026", "04.03.2026", "4 March 2026", "4 mar 2026", "March 4, 2026", "4. March 2026"]
        {
            assert_eq!(NaiveDate::parse(said), Ok(day), "{said}");
        }
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
        for said in ["14:30", "14h30", "2:30 pm", "2:30PM", "14:30:00"] {
            assert_eq!(NaiveTime::parse(said), Ok(time), "{said}");
        }
        assert_eq!(NaiveTime::parse("12 am"), Ok(NaiveTime::MIN));
        assert_eq!(NaiveTime::parse("2pm"), NaiveTime::parse("14h"));
        for said in ["14", "25:00", "13 pm", "pm", "half two", "14:30 pm", "h", "2:60"] {
            assert!(NaiveTime::parse(said).is_err(), "{said}");
        }
    }

    #[test]
    fn a_date_with_a_time_is_read_as_both() {
        let both = NaiveDate::from_ymd_opt(2026, 3, 4).and_then(|day| day.and_hms_opt(14, 30, 0)).expect("a moment");
        for said in ["2026-03-04 14:30", "2026-03-04T14:30", "4 March 2026, 2:30 pm", "4.3.2026 14h30"] {
            assert_eq!(NaiveDateTime::parse(said), Ok(both), "{said}");
        }
        assert!(["2026-03-04", "14:30", "é T é"].iter().all(|said| NaiveDateTime::parse(said).is_err()));
    }
}
