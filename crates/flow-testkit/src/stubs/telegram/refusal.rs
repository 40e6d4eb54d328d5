//! Why Telegram does not do it: a [`Refusal`].

use std::time::Duration;

use serde_json::{Value, json};

use super::super::http::Answer;

/// An error as the Bot API answers it: `ok` is false, with `error_code`, `description` and, at times, `parameters`.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: String,
    retry_after: Option<u64>,
    migrate_to: Option<i64>,
}

impl Refusal {
    pub(super) fn bad(why: impl AsRef<str>) -> Self {
        Self::of(400, format!("Bad Request: {}", why.as_ref()))
    }

    pub(super) fn forbidden(why: &str) -> Self {
        Self::of(403, format!("Forbidden: {why}"))
    }

    pub(super) fn of(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }

    /// In whole seconds, and one at least.
    pub(super) fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        let refusal = Self::of(429, format!("Too Many Requests: retry after {seconds}"));
        Self { retry_after: Some(seconds), ..refusal }
    }

    pub(super) fn migrated(to: i64) -> Self {
        Self { migrate_to: Some(to), ..Self::bad("group chat was upgraded to a supergroup chat") }
    }

    pub(super) fn wire(&self) -> Value {
        let mut wire = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(seconds) = self.retry_after {
            wire["parameters"] = json!({ "retry_after": seconds });
        }
        if let Some(chat) = self.migrate_to {
            wire["parameters"] = json!({ "migrate_to_chat_id": chat });
        }
        wire
    }

    pub(super) fn answer(&self) -> Answer {
        let answer = Answer::json(self.code, &self.wire());
        match self.retry_after {
            Some(seconds) => answer.header("retry-after", &seconds.to_string()),
            None => answer,
        }
    }
}
