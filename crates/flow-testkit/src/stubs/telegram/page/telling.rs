//! What the page is told.

use serde_json::{Value, json};

use super::super::{
    super::{
        calls::Call,
        chats::{Attached, Button, Message},
        http::{Answer, Request},
    },
    desk::Desk,
    state::Standing,
    wire,
};

/// So much of the newest is shown.
const MESSAGES: usize = 200;
const CALLS: usize = 100;

/// All that the page shows, of the chat that it names.
pub(super) fn state(desk: &Desk, request: &Request) -> Value {
    let chat = asked(request, "chat").unwrap_or_default();
    let messages = desk.stage.chats.all(&chat);
    let messages: Vec<_> = newest(&messages, MESSAGES).iter().map(message).collect();
    let calls = desk.stage.calls.all();
    let deliveries = desk.stage.deliveries.all();
    let state = desk.state();
    let mut chats: Vec<_> = state.people.iter().collect();
    chats.sort_by_key(|(chat, _)| (**chat < 0, chat.abs()));
    let chats: Vec<_> = chats
        .into_iter()
        .map(|(chat, people)| {
            let people: Vec<_> = people.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
            let is_blocked = state.chats.get(chat) == Some(&Standing::Blocked);
            json!({ "id": chat, "people": people, "isGroup": *chat < 0, "isSupergroup": wire::is_supergroup(*chat), "isBlocked": is_blocked })
        })
        .collect();
    json!({
        "token": desk.token, "chats": chats, "messages": messages, "commands": state.commands,
        "webhook": state.webhook.as_ref().map(|webhook| &webhook.url), "polls": state.poll > 0, "pending": state.updates.count(),
        "error": state.last_error.as_ref().map(|(_, why)| why), "faults": desk.stage.faults.told(),
        "keepsLimits": state.limits.is_some(), "privacy": state.privacy,
        "calls": newest(&calls, CALLS).iter().map(call).collect::<Vec<_>>(),
        "deliveries": newest(&deliveries, CALLS).iter().map(call).collect::<Vec<_>>(),
    })
}

/// A file that somebody sent.
pub(super) fn file(desk: &Desk, request: &Request) -> Answer {
    let id = asked(request, "id").unwrap_or_default();
    match desk.state().file(|file| file.id == id) {
        // As nothing that a browser would run.
        Some(file) => Answer::of(200, "image/jpeg", file.bytes).header("x-content-type-options", "nosniff"),
        None => Answer::of(404, "text/plain", "Not Found"),
    }
}

pub(super) fn asked(request: &Request, name: &str) -> Option<String> {
    form_urlencoded::parse(request.query.as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

fn newest<T>(all: &[T], count: usize) -> &[T] {
    &all[all.len().saturating_sub(count)..]
}

fn message(message: &Message) -> Value {
    let attached = message.attached().map(|attached| match attached {
        Attached::File(kind, address) => json!({ "kind": kind, "address": address }),
        Attached::Place(latitude, longitude, name) => {
            json!({ "kind": "place", "latitude": latitude, "longitude": longitude, "name": name })
        }
        Attached::Contact(name, phone) => json!({ "kind": "contact", "name": name, "phone": phone }),
        Attached::Template(name) => json!({ "kind": "template", "name": name }),
    });
    json!({
        "id": message.id(), "isOfBot": message.is_of_bot(), "from": message.wire["from"]["first_name"], "text": message.text(),
        "isEdited": message.is_edited(), "time": message.time().timestamp_millis(), "attached": attached,
        "buttons": message.buttons().map(button).collect::<Vec<_>>(),
    })
}

fn button(button: &Button) -> Value {
    let asks = if button.wire["request_contact"] == true {
        "contact"
    } else if button.wire["request_location"] == true {
        "place"
    } else {
        ""
    };
    json!({ "label": button.label(), "link": button.link(), "asks": asks })
}

fn call(call: &Call) -> Value {
    let read = call.arguments().as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "number": call.number, "time": call.time().timestamp_millis(), "method": call.method(), "said": read.as_ref().unwrap_or(call.arguments()),
        "status": call.status(), "answer": call.answer(), "refused": call.refused(),
    })
}
