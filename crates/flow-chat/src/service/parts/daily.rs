//! What is done once a day: [`DailyParts`].

use std::time::Duration;

use crate::{engine::Daily, service::mistake::Fault};

#[derive(Clone, Debug)]
pub(in crate::service) struct DailyParts {
    /// An hour and a minute; none if nothing is done.
    pub(in crate::service) at: Option<(u32, u32)>,
    pub(in crate::service) spread: Duration,
    pub(in crate::service) purge: Option<Duration>,
    pub(in crate::service) archives: bool,
}

impl Default for DailyParts {
    fn default() -> Self {
        Self { at: None, spread: Duration::from_secs(30 * 60), purge: None, archives: true }
    }
}

impl DailyParts {
    /// What `daily.at` is, as the end of a sentence that begins with "it is".
    pub(in crate::service) const RIGHT: &str = "`off`, or a time of the day in UTC such as `03:30`";

    pub(in crate::service) fn daily(&self) -> Option<Daily> {
        let (hour, minute) = self.at?;
        let daily = Daily::at(hour, minute).spread(self.spread).archive(self.archives);
        Some(match self.purge {
            Some(age) => daily.purge(age),
            None => daily,
        })
    }
}

/// Reads a time of the day; none if there is none.
pub(in crate::service) fn time_of_day(text: &str) -> Result<Option<(u32, u32)>, Fault> {
    if text == "off" {
        return Ok(None);
    }
    let number = |text: &str, below| {
        let is_written = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|number| is_written && *number < below)
    };
    let time = text.split_once(':').and_then(|(hour, minute)| Some((number(hour, 24)?, number(minute, 60)?)));
    time.map(Some).ok_or_else(|| Fault::new("no time of the day", format_args!("it is {}", DailyParts::RIGHT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_is_two_digits_twice() {
        for (text, time) in
            [("off", None), ("00:00", Some((0, 0))), ("03:30", Some((3, 30))), ("23:59", Some((23, 59)))]
        {
            assert_eq!(time_of_day(text), Ok(time));
        }
        for wrong in ["3:30", "24:00", "03:60", "0330", "03:3", "+3:30", "03:30:00", "3h", "on"] {
            assert!(time_of_day(wrong).is_err(), "{wrong}");
        }
    }
}
