//! Why Slack does not do it: a [`Refusal`].

use serde_json::{Value, json};

use super::super::http::Answer;

/// An error as the Web API answers it: with status 200, `ok` false, and a name.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    messages: Vec<String>,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn of(error: &'static str) -> Self {
        Self { error, messages: Vec::new(), retry_after: None }
    }

    /// Blocks that are not as the reference has them, each mistake with its place.
    pub(super) fn blocks(messages: Vec<String>) -> Self {
        Self { messages, ..Self::of("invalid_blocks") }
    }

    /// With status 429 and `Retry-After`, in whole seconds.
    pub(super) fn ratelimited(wait: std::time::Duration) -> Self {
        let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
        Self { retry_after: Some(seconds), ..Self::of("ratelimited") }
    }

    pub(super) fn status(&self) -> u16 {
        if self.retry_after.is_some() { 429 } else { 200 }
    }

    pub(super) fn wire(&self) -> Value {
        let mut wire = json!({ "ok": false, "error": self.error });
        if !self.messages.is_empty() {
            wire["errors"] = json!(self.messages);
            let told: Vec<_> = self.messages.iter().map(|message| format!("[ERROR] {message}")).collect();
            wire["response_metadata"] = json!({ "messages": told });
        }
        wire
    }

    pub(super) fn words(&self) -> String {
        if self.messages.is_empty() {
            self.error.to_owned()
        } else {
            format!("{}: {}", self.error, self.messages.join("; "))
        }
    }

    pub(super) fn answer(&self) -> Answer {
        let answer = Answer::json(self.status(), &self.wire());
        match self.retry_after {
            Some(seconds) => answer.header("retry-after", &seconds.to_string()),
            None => answer,
        }
    }
}
