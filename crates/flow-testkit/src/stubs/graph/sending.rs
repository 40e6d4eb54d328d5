//! `POST /{number}/messages`: a message goes out, and statuses tell what becomes of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    super::chats::Message,
    content::{self, Content},
    desk::Desk,
    refusal::Refusal,
    state::{Limits, WINDOW},
};

/// Sends it, or marks a message as read.
pub(super) fn run(desk: &Arc<Desk>, message: &Value) -> Result<Value, Refusal> {
    if message["messaging_product"] != "whatsapp" {
        return Err(Refusal::missing("messaging_product"));
    }
    if message["status"] == "read" {
        return read(desk, message);
    }
    let to: String = message["to"].as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    if to.is_empty() {
        return Err(Refusal::missing("to"));
    }
    let content = content::read(&desk.state(), message)?;
    within_limits(desk, &to)?;
    let fails = fails(desk, &to, &content);
    if let Some(refusal) = fails.as_ref().filter(|_| desk.state().refuses_at_once) {
        return Err(refusal.clone());
    }
    let id = desk.state().message_id();
    let key = message["biz_opaque_callback_data"].as_str();
    let has_blocked = desk.state().people.get(&to).is_some_and(|person| person.has_blocked);
    if fails.is_none() && !has_blocked {
        show(desk, &to, &id, content, message);
    }
    tell(desk, &to, &id, key, fails.as_ref(), has_blocked);
    Ok(json!({
        "messaging_product": "whatsapp", "contacts": [{ "input": message["to"], "wa_id": to }], "messages": [{ "id": id }],
    }))
}

fn read(desk: &Desk, message: &Value) -> Result<Value, Refusal> {
    let id = message["message_id"].as_str().unwrap_or_default();
    if desk.state().is_message(id) {
        Ok(json!({ "success": true }))
    } else {
        Err(Refusal::value("Message ID is not one of a message"))
    }
}

fn within_limits(desk: &Desk, to: &str) -> Result<(), Refusal> {
    let mut state = desk.state();
    let Some(Limits { overall, pair }) = &mut state.limits else { return Ok(()) };
    if overall.wait("").is_some() {
        return Err(Refusal::throughput());
    }
    if pair.wait(to).is_some() {
        return Err(Refusal::pair());
    }
    overall.take("");
    pair.take(to);
    Ok(())
}

/// What is found out only after the call was answered.
fn fails(desk: &Desk, to: &str, content: &Content) -> Option<Refusal> {
    let state = desk.state();
    let Some(person) = state.people.get(to) else { return Some(Refusal::undeliverable()) };
    let is_open = person.wrote.is_some_and(|wrote| wrote.elapsed() < desk.stage.scaled(WINDOW));
    (!is_open && !content.is_template).then(Refusal::window)
}

fn show(desk: &Desk, to: &str, id: &str, content: Content, call: &Value) {
    let mut message = Message::new(id, true, content.text);
    message.buttons = content.buttons;
    message.attached = content.attached;
    message.key = call["biz_opaque_callback_data"].as_str().map(str::to_owned);
    message.call = call.clone();
    desk.stage.chats.show(to, message);
    desk.stage.trips.is_replied(to);
}

/// `sent`, `delivered` and, if visitors read, `read`; or `failed`. One who has blocked the number leaves it at `sent`.
fn tell(desk: &Arc<Desk>, to: &str, id: &str, key: Option<&str>, fails: Option<&Refusal>, has_blocked: bool) {
    let reads = desk.state().reads;
    let statuses: &[&str] = match (fails, has_blocked, reads) {
        (Some(_), ..) => &["failed"],
        (None, true, _) => &["sent"],
        (None, false, false) => &["sent", "delivered"],
        (None, false, true) => &["sent", "delivered", "read"],
    };
    for status in statuses {
        let mut told = json!({
            "id": id, "status": status, "timestamp": chrono::Utc::now().timestamp().to_string(), "recipient_id": to,
        });
        if let Some(key) = key {
            told["biz_opaque_callback_data"] = key.into();
        }
        if let Some(refusal) = fails {
            told["errors"] = json!([refusal.in_status()]);
        }
        if *status == "sent" {
            told["pricing"] = json!({ "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service" });
        }
        desk.deliver(to, format!("statuses of {to}"), json!({ "statuses": [told] }), None);
    }
}
