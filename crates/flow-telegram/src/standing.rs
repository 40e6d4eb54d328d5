//! How a bot stands at Telegram: its [`Standing`].

use std::fmt;

use chrono::{DateTime, Utc};

/// How a bot stands at Telegram, as [`Telegram::check`](crate::Telegram::check) finds it. `Display` says it in one line:
///
/// ```text
/// @salon_bot, whose webhook leads to https://bot.example.com/hooks/telegram; 0 updates wait
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub(crate) bot: i64,
    pub(crate) username: String,
    pub(crate) hears_all_of_groups: bool,
    pub(crate) webhook: Option<String>,
    pub(crate) waiting: u64,
    pub(crate) last_error: Option<LastError>,
}

/// What went wrong when Telegram last delivered and could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastError {
    pub(crate) at: DateTime<Utc>,
    pub(crate) said: String,
}

impl Standing {
    /// The bot's number.
    pub fn bot(&self) -> i64 {
        self.bot
    }

    /// The bot's name, as it is in `t.me/salon_bot`.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Whether it hears all that is said in groups, or only what is said to it (its privacy mode).
    pub fn hears_all_of_groups(&self) -> bool {
        self.hears_all_of_groups
    }

    /// Where its webhook leads; none if updates wait to be polled.
    pub fn webhook(&self) -> Option<&str> {
        self.webhook.as_deref()
    }

    /// How many updates wait.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// When Telegram last could not deliver, and what it says of that; none if it always could.
    pub fn last_error(&self) -> Option<(DateTime<Utc>, &str)> {
        self.last_error.as_ref().map(|error| (error.at, &*error.said))
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}, ", self.username)?;
        match &self.webhook {
            Some(url) => write!(f, "whose webhook leads to {url}")?,
            None => f.write_str("which has no webhook and is to be polled")?,
        }
        write!(f, "; {} updates wait", self.waiting)?;
        match &self.last_error {
            Some(LastError { at, said }) => write!(f, "; at {} Telegram could not deliver: {said}", at.to_rfc3339()),
            None => Ok(()),
        }
    }
}
