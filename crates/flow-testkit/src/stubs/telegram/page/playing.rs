//! What is done on the page.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    super::{
        super::{
            faults::Faults,
            http::{Answer, Request},
            visitor::{Act, FileKind, Messenger, Person},
        },
        desk::Desk,
        state::Standing,
    },
    telling::asked,
};

/// How long the page's faults last.
const FAULT: Duration = Duration::from_secs(30);

/// A visitor does something: `{"do": "says", "chat": 42, "user": 42, "name": "Ada", …}`.
pub(super) fn act(desk: &Arc<Desk>, request: &Request) -> Answer {
    let Ok(asked) = serde_json::from_slice::<Value>(&request.body) else { return wrong("that is no JSON") };
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| asked[name].as_f64().unwrap_or_default();
    let Some(person) = person(&asked["chat"], &asked["user"], &text("name")) else { return wrong("nobody is named") };
    let act = match &*text("do") {
        "joins" => {
            joins(desk, &person);
            return Answer::json(200, &json!({}));
        }
        "says" => Act::Says { text: text("text"), in_reply_to: None },
        "starts" => Act::Starts { payload: text("text") },
        "presses" => match pressed(desk, &person, &text("message"), &text("label")) {
            Some(act) => act,
            None => return wrong("this button is there no more"),
        },
        "edits" => Act::Edits { text: text("text") },
        "shares place" => Act::SharesPlace { latitude: number("latitude"), longitude: number("longitude") },
        "shares contact" => {
            Act::SharesContact { name: text("contact"), phone: text("phone"), is_own: asked["isOwn"] == true }
        }
        "blocks" => Act::Blocks,
        "unblocks" => Act::Unblocks,
        _ => return wrong("nobody can do that"),
    };
    done(Arc::clone(desk).act(&person, act))
}

/// A file is sent: its bytes are the body.
pub(super) fn file(desk: &Arc<Desk>, request: &Request) -> Answer {
    let text = |name: &str| asked(request, name).unwrap_or_default();
    let (chat, user) = (Value::String(text("chat")), Value::String(text("user")));
    let Some(person) = person(&chat, &user, &text("name")) else { return wrong("nobody is named") };
    let kind = if text("kind") == "photo" { FileKind::Photo } else { FileKind::Document };
    let media_type = request.header("content-type").unwrap_or("application/octet-stream").to_owned();
    let act =
        Act::SendsFile { kind, name: text("file"), media_type, bytes: request.body.clone(), caption: String::new() };
    done(Arc::clone(desk).act(&person, act))
}

/// Something goes wrong from now on, or is kept to.
pub(super) fn fault(desk: &Desk, request: &Request) -> Answer {
    let Ok(asked) = serde_json::from_slice::<Value>(&request.body) else { return wrong("that is no JSON") };
    let faults: &Faults = &desk.stage.faults;
    match asked["fault"].as_str().unwrap_or_default() {
        "429" => faults.answers_429_for(FAULT),
        "away" => faults.is_away_for(FAULT),
        "502" => faults.is_broken_for(FAULT),
        "lost" => faults.loses_answers(1),
        "doubled" => faults.doubles(1),
        "overtaken" => faults.reorders(1),
        "forged" => faults.signs_wrongly(1),
        "none" => faults.clear(),
        "limits" => desk.state().limits = (asked["on"] == true).then(super::super::limits),
        "privacy" => desk.state().privacy = asked["on"] == true,
        _ => return wrong("that does not go wrong here"),
    }
    desk.stage.change();
    Answer::json(200, &json!({}))
}

/// A person who has done nothing yet.
fn joins(desk: &Desk, person: &Person) {
    let ids = (person.chat.parse(), person.user.parse());
    if let (Ok(chat), Ok(user)) = ids {
        let mut state = desk.state();
        state.sees(chat, user, &person.name);
        state.chats.entry(chat).or_insert(Standing::Unknown);
    }
    desk.stage.change();
}

fn person(chat: &Value, user: &Value, name: &str) -> Option<Person> {
    let id = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(|id: i64| id.to_string());
    Some(Person { chat: id(chat)?, user: id(user)?, name: name.to_owned() })
}

fn pressed(desk: &Desk, person: &Person, message: &str, label: &str) -> Option<Act> {
    let message = desk.stage.chats.newest(&person.chat, |other| other.id() == message)?;
    let button = message.button(label)?.clone();
    Some(Act::Presses { message: Box::new(message), button })
}

fn done(outcome: Result<(), String>) -> Answer {
    match outcome {
        Ok(()) => Answer::json(200, &json!({})),
        Err(why) => wrong(&why),
    }
}

fn wrong(why: &str) -> Answer {
    Answer::json(400, &json!({ "error": why }))
}
