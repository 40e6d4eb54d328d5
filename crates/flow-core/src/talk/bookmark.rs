//! How far a visitor has collected what was said: [`Bookmark`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use thiserror::Error;

/// How far a visitor's browser has collected what was said to it: names one reply of a session for good.
///
/// As text it is short and has no secret in it, so that it fits where a protocol has a place for the last thing received, as
/// `Last-Event-ID` is for server-sent events.
///
/// ```
/// use flow_core::Bookmark;
///
/// let bookmark: Bookmark = "17-9f3a1c02".parse()?;
/// assert_eq!(bookmark.to_string(), "17-9f3a1c02");
/// assert!("somewhere".parse::<Bookmark>().is_err());
/// # Ok::<(), flow_core::InvalidBookmark>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bookmark {
    /// The place of the reply among all that were laid on the shelf of the session, from 1.
    pub(crate) number: u64,
    /// Tells replies apart that had the same place: where a store has lost the last of them, or the session began again.
    pub(crate) mark: u32,
}

/// A text that is no [`Bookmark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a bookmark is a number, a hyphen, and eight hexadecimal digits")]
pub struct InvalidBookmark;

impl Bookmark {
    /// Whether this names the first of all.
    pub(crate) fn is_first(self) -> bool {
        self.number == 1
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.number, self.mark)
    }
}

impl FromStr for Bookmark {
    type Err = InvalidBookmark;

    fn from_str(text: &str) -> Result<Self, InvalidBookmark> {
        let (number, mark) = text.split_once('-').ok_or(InvalidBookmark)?;
        let is_mark = mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = number.parse().map_err(|_| InvalidBookmark)?;
        let mark = u32::from_str_radix(mark, 16).ok().filter(|_| is_mark).ok_or(InvalidBookmark)?;
        Ok(Self { number, mark })
    }
}

impl Serialize for Bookmark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bookmark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_from_a_client_may_hold_any_number() {
        let of = |number: u64| Bookmark { number, mark: 7 };
        for number in [0, 1, 2, u64::MAX] {
            let text = of(number).to_string();
            assert_eq!(text.parse(), Ok(of(number)), "{text}");
            assert_eq!(of(number).is_first(), number == 1);
        }
        for nonsense in ["", "-", "1", "1-", "1-123", "1-1234567g", "-1-12345678", "18446744073709551616-00000000"] {
            assert_eq!(nonsense.parse::<Bookmark>(), Err(InvalidBookmark), "{nonsense}");
        }
    }
}
