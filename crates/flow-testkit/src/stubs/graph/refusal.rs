//! Why Graph does not do it: a [`Refusal`].

use serde_json::{Value, json};

use super::super::http::Answer;

/// An error as Graph answers it, or as a status tells of it.
///
/// Codes and titles are those of the documentation ("Error codes"), statuses too, but where calls were seen to be answered otherwise. What a
/// caller is to decide by is the code: details are words for people.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    code: u32,
    title: String,
    details: String,
}

impl Refusal {
    pub(super) fn of(status: u16, code: u32, title: impl Into<String>, details: impl Into<String>) -> Self {
        Self { status, code, title: title.into(), details: details.into() }
    }

    /// A parameter that is missing or of the wrong shape.
    pub(super) fn parameter(why: impl Into<String>) -> Self {
        Self::of(400, 100, why, "")
    }

    /// A parameter whose value cannot be.
    pub(super) fn value(details: impl Into<String>) -> Self {
        Self::of(400, 131_009, "Parameter value is not valid", details)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::parameter(format!("The parameter {parameter} is required."))
    }

    pub(super) fn token() -> Self {
        Self::of(401, 190, "Invalid OAuth access token - Cannot parse access token", "")
    }

    pub(super) fn number(id: &str) -> Self {
        let why = "does not exist, cannot be loaded due to missing permissions, or does not support this operation";
        Self::parameter(format!("Unsupported post request. Object with ID '{id}' {why}."))
    }

    pub(super) fn window() -> Self {
        let details = "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";
        Self::of(400, 131_047, "Re-engagement message", details)
    }

    pub(super) fn undeliverable() -> Self {
        Self::of(400, 131_026, "Message undeliverable", "Message Undeliverable.")
    }

    pub(super) fn throughput() -> Self {
        let details = "Message failed to send because there were too many messages sent from this phone number in a short period of time";
        Self::of(429, 130_429, "Rate limit hit", details)
    }

    pub(super) fn pair() -> Self {
        let details = "Message failed to send because there were too many messages sent from this phone number to the same phone number in a \
                       short period of time.";
        Self::of(400, 131_056, "(Business Account, Consumer Account) pair rate limit hit", details)
    }

    /// As the answer to a call has it.
    pub(super) fn wire(&self) -> Value {
        // The first two are told by Graph itself, which numbers them nowhere but in `code`.
        let message = match self.code {
            190 => self.title.clone(),
            code => format!("(#{code}) {}", self.title),
        };
        let mut error = json!({ "message": message, "type": "OAuthException", "code": self.code, "fbtrace_id": "Az8or2yhqkZfEZ_4Qn_Bam" });
        if !self.details.is_empty() {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": self.details });
        }
        json!({ "error": error })
    }

    /// As a status has it.
    pub(super) fn in_status(&self) -> Value {
        json!({
            "code": self.code, "title": self.title, "message": self.title, "error_data": { "details": self.details },
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }

    pub(super) fn words(&self) -> String {
        match &*self.details {
            "" => format!("(#{}) {}", self.code, self.title),
            details => format!("(#{}) {}: {details}", self.code, self.title),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::json(self.status, &self.wire())
    }
}
