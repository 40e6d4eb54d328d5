//! A timer that runs: [`Armed`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A timer of the state that the session stands in. It is gone when the state is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Armed {
    pub(crate) ring: Ring,
    /// The version of the record that armed it. With what it rings for, this names it for ever.
    pub(crate) version: u64,
    /// When it runs out.
    pub(crate) at: DateTime<Utc>,
    /// When its turn is to be tried again, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) again_at: Option<DateTime<Utc>>,
    /// How often its turn failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) tries: u32,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ring {
    /// The declared way on, after so many seconds: `after("24h", …)`.
    After(u64),
    /// A word to the handler: `remind_in(…)`.
    Reminder(String),
}

impl Armed {
    pub(crate) fn new(ring: Ring, version: u64, at: DateTime<Utc>) -> Self {
        Self { ring, version, at, again_at: None, tries: 0 }
    }

    /// When its turn is to be taken.
    pub(crate) fn due_at(&self) -> DateTime<Utc> {
        self.again_at.unwrap_or(self.at)
    }

    /// Under which message id its turn is remembered.
    pub(crate) fn id(&self) -> String {
        match &self.ring {
            Ring::After(seconds) => format!("\u{1}after {seconds}/{}", self.version),
            Ring::Reminder(name) => format!("\u{1}reminder {name}/{}", self.version),
        }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.ring, self.version) == (&other.ring, other.version)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}
