//! Whether a message was sent: Slack tells it, by what it keeps with a message that no visitor sees.

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::engine::Found;
use serde_json::{Value, json};

use crate::{api::Api, place::Place, refusal::Refusal};

/// The name of what is kept with a message.
const EVENT: &str = "flow_reply";

/// How far back is looked. A message is in doubt for seconds, or until its process is there again.
const BACK: TimeDelta = TimeDelta::hours(24);

/// How many messages are looked at. Where there are more, it is not known.
const LOOKED_AT: &str = "200";

/// What is kept with a message of this key.
pub(crate) fn metadata(key: &str) -> Value {
    json!({ "event_type": EVENT, "event_payload": { "key": key } })
}

/// Looks for the message of this key at this place.
pub(crate) async fn find(api: &Api, token: &str, place: &Place, key: &str, now: DateTime<Utc>) -> Found {
    match look(api, token, place, now).await {
        Ok(told) => judged(&told, key),
        Err(_) => Found::Unknown,
    }
}

async fn look(api: &Api, token: &str, place: &Place, now: DateTime<Utc>) -> Result<Value, Refusal> {
    let channel = if place.is_direct() {
        let opened = api.ask(token, "conversations.open", &json!({ "users": place.channel })).await?;
        opened["channel"]["id"].as_str().unwrap_or_default().to_owned()
    } else {
        place.channel.clone()
    };
    let oldest = (now - BACK).timestamp().to_string();
    let mut query =
        vec![("channel", &*channel), ("oldest", &*oldest), ("limit", LOOKED_AT), ("include_all_metadata", "true")];
    let method = match &place.thread {
        Some(thread) => {
            query.push(("ts", thread));
            "conversations.replies"
        }
        None => "conversations.history",
    };
    api.look(token, method, &query).await
}

fn judged(told: &Value, key: &str) -> Found {
    let Some(messages) = told["messages"].as_array() else { return Found::Unknown };
    let is_it = |message: &Value| {
        let metadata = &message["metadata"];
        metadata["event_type"] == EVENT && metadata["event_payload"]["key"] == key
    };
    match (messages.iter().any(is_it), told["has_more"] == true) {
        (true, _) => Found::Sent,
        (false, false) => Found::NotSent,
        (false, true) => Found::Unknown,
    }
}
