//! Slack's stub.

mod calling;
mod webhook;

use flow_http::client::{Answer, Call, Client};
use flow_testkit::stubs::{SlackStub, Visitor};
use serde_json::{Value, json};

pub const ADA: &str = "U024BE7LH";
pub const DIRECT: &str = "D024BE7LH";

pub async fn call(slack: &SlackStub, method: &str, arguments: Value) -> Answer {
    let call = Call::post(format!("{}/{method}", slack.address())).bearer(slack.token()).json(&arguments);
    Client::new().call(call).await.expect("an answer")
}

/// Calls what is done.
pub async fn done(slack: &SlackStub, method: &str, arguments: Value) -> Value {
    let body: Value = call(slack, method, arguments).await.json().expect("JSON");
    assert_eq!(body["ok"], true, "{body}");
    body
}

/// Calls what is refused, and gives the error and its first detail.
pub async fn refused(slack: &SlackStub, method: &str, arguments: Value) -> (String, String) {
    let answer = call(slack, method, arguments).await;
    assert_eq!(answer.status(), 200, "Slack's errors are no statuses");
    let body: Value = answer.json().expect("JSON");
    assert_eq!(body["ok"], false, "{body}");
    let detail = body["response_metadata"]["messages"][0].as_str().unwrap_or_default();
    (body["error"].as_str().expect("a name").to_owned(), detail.to_owned())
}

pub fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

pub fn button(label: &str, value: &str) -> Value {
    let action: String = value.chars().take(9).collect();
    json!({ "type": "button", "text": { "type": "plain_text", "text": label }, "action_id": format!("a{action}"), "value": value })
}

pub fn select(options: &[(&str, &str)]) -> Value {
    let option =
        |(label, value): &(&str, &str)| json!({ "text": { "type": "plain_text", "text": label }, "value": value });
    json!({ "type": "static_select", "action_id": "pick", "options": options.iter().map(option).collect::<Vec<_>>() })
}

pub fn actions(elements: &[Value]) -> Value {
    json!({ "type": "actions", "block_id": "offers", "elements": elements })
}

pub async fn open() -> (SlackStub, Visitor) {
    let slack = SlackStub::start().await;
    let ada = slack.visitor(ADA).called("ada");
    (slack, ada)
}
