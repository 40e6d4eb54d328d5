//! The buttons of a message that was answered are taken away, and what was chosen stands in their place.

use serde_json::{Value, json};

use crate::{api::Api, interaction::Used, message::CHOICE};

/// Takes them away. If that is not done, they stay: pressed again, they answer nothing.
pub(crate) async fn take_away(api: Api, token: String, used: Used) {
    let Some(changed) = changed(&used) else { return };
    if let Err(refusal) = api.ask(&token, "chat.update", &changed).await {
        tracing::debug!(%refusal, "the buttons of a message on Slack were not taken away");
    }
}

/// The message without them; none if it has none.
fn changed(used: &Used) -> Option<Value> {
    let Used { channel, message, chosen, .. } = used;
    let blocks = message["blocks"].as_array()?;
    let kept: Vec<_> = blocks.iter().filter(|block| !is_offer(block)).cloned().collect();
    if kept.len() == blocks.len() {
        return None;
    }
    let chosen = chosen.iter().map(
        |label| json!({ "type": "context", "elements": [{ "type": "plain_text", "text": format!("✓ {label}") }] }),
    );
    let blocks: Vec<_> = kept.into_iter().chain(chosen).collect();
    let text = message["text"].as_str().filter(|text| !text.is_empty()).unwrap_or("…");
    Some(json!({ "channel": channel, "ts": message["ts"], "text": text, "blocks": blocks }))
}

fn is_offer(block: &Value) -> bool {
    let ids = block["elements"].as_array().into_iter().flatten().filter_map(|element| element["action_id"].as_str());
    block["type"] == "actions" && ids.into_iter().any(|id| id.starts_with(CHOICE))
}
