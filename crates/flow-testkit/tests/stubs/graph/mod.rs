//! WhatsApp's stub.

mod calling;
mod webhook;

use flow_http::client::{Answer, Call, Client};
use flow_testkit::stubs::{GraphStub, Visitor};
use serde_json::{Value, json};

pub const ADA: &str = "16505551234";

/// Posts to an edge of the number.
pub async fn post(graph: &GraphStub, message: Value) -> Answer {
    let address = format!("{}/v25.0/{}/messages", graph.address(), graph.number_id());
    let call = Call::post(address).bearer(graph.token()).json(&message);
    Client::new().call(call).await.expect("an answer")
}

/// A message to Ada.
pub fn message(kind: &str, body: impl Into<Value>) -> Value {
    let body = body.into();
    json!({ "messaging_product": "whatsapp", "recipient_type": "individual", "to": ADA, "type": kind, kind: body })
}

pub fn text(text: &str) -> Value {
    message("text", json!({ "body": text }))
}

pub fn buttons(body: &str, titles: &[&str]) -> Value {
    let button = |(place, title): (usize, &&str)| json!({ "type": "reply", "reply": { "id": format!("b{place}"), "title": title } });
    let buttons: Vec<_> = titles.iter().enumerate().map(button).collect();
    message("interactive", json!({ "type": "button", "body": { "text": body }, "action": { "buttons": buttons } }))
}

pub fn list(body: &str, button: &str, rows: &[Value]) -> Value {
    let action = json!({ "button": button, "sections": [{ "rows": rows }] });
    message("interactive", json!({ "type": "list", "body": { "text": body }, "action": action }))
}

/// Sends what is taken, and gives its id.
pub async fn sent(graph: &GraphStub, message: Value) -> String {
    let answer = post(graph, message).await;
    let body: Value = answer.json().expect("JSON");
    assert_eq!(answer.status(), 200, "{body}");
    body["messages"][0]["id"].as_str().expect("an id").to_owned()
}

/// Sends what is refused, and gives status, code and details.
pub async fn refused(graph: &GraphStub, message: Value) -> (u16, u64, String) {
    let answer = post(graph, message).await;
    let error = answer.json::<Value>().expect("JSON")["error"].clone();
    let code = error["code"].as_u64().unwrap_or_else(|| panic!("it was taken"));
    assert!(error["message"].as_str().expect("words").starts_with(&format!("(#{code}) ")) || code == 190, "{error}");
    let details = error["error_data"]["details"].as_str().unwrap_or_default();
    (answer.status().as_u16(), code, details.to_owned())
}

/// A stub with a visitor who has written once.
pub async fn open() -> (GraphStub, Visitor) {
    let graph = GraphStub::start().await;
    let ada = graph.visitor(ADA).called("Ada");
    ada.says("Hello");
    (graph, ada)
}
