//! What became of messages that were sent: a [`Status`].

use flow_http::platform::{Became, Receipt};
use serde::Deserialize;
use serde_json::Value;

use crate::{delivery::read, fault, graph::GraphError, visitor::KnownBy};

/// What became of one message ("Status messages webhook reference").
#[derive(Deserialize)]
pub(crate) struct Status {
    #[serde(rename = "status")]
    became: String,
    #[serde(default)]
    recipient_id: Option<String>,
    #[serde(default)]
    recipient_user_id: Option<String>,
    /// The key under which the message was sent. What the same number sent by other means has none.
    #[serde(default)]
    biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Status {
    /// What became of a message of ours; none if it is another's, or if it says what a bot has no use for.
    pub(crate) fn receipt(self, known_by: KnownBy) -> Option<Receipt> {
        let became = match &*self.became {
            "sent" => Became::Sent,
            "delivered" => Became::Delivered,
            // A voice message is played.
            "read" | "played" => Became::Read,
            "failed" => Became::Failed(reason_of(self.errors)),
            _ => return None,
        };
        let place = known_by.place(self.recipient_user_id, self.recipient_id).unwrap_or_default();
        Some(Receipt::new(place, self.biz_opaque_callback_data?, became))
    }
}

fn reason_of(errors: Vec<Value>) -> String {
    let error: Option<GraphError> = errors.into_iter().find_map(read);
    error.map_or_else(
        || "WhatsApp could not deliver it, and does not say why".to_owned(),
        |error| fault::reason(error.code),
    )
}
