//! What a bot may call.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    super::{
        chats::Message,
        http::{Answer, Request},
        postman::Parcel,
    },
    blocks::{self, Shown},
    desk::Desk,
    escaping,
    refusal::Refusal,
    state::{Standing, key_of},
};

/// The documentation of `chat.postMessage`: Slack truncates texts of more characters, which a test wants to know.
const LONGEST_TEXT: usize = 40_000;

pub(super) fn run(desk: &Arc<Desk>, method: &str, arguments: &Value) -> Result<Value, Refusal> {
    match method {
        "auth.test" => Ok(json!({
            "ok": true, "url": "https://stub.slack.com/", "team": "Stub", "user": "stub", "team_id": super::TEAM, "user_id": super::BOT_USER,
            "bot_id": super::BOT, "is_enterprise_install": false,
        })),
        "chat.postMessage" => post(desk, arguments),
        "chat.postEphemeral" => post_ephemeral(desk, arguments),
        "chat.update" => update(desk, arguments),
        "chat.delete" => delete(desk, arguments),
        "conversations.open" => open(desk, arguments),
        "conversations.history" => history(desk, arguments),
        _ => Err(Refusal::of("unknown_method")),
    }
}

/// What is to be shown: blocks, or a text.
fn shown(arguments: &Value) -> Result<(String, Shown), Refusal> {
    let text = arguments["text"].as_str().unwrap_or_default();
    if text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::of("msg_too_long"));
    }
    match arguments.get("blocks") {
        Some(blocks) if !blocks.is_null() => {
            let shown = blocks::read(blocks)?;
            Ok((shown.text.join("\n"), shown))
        }
        _ if text.is_empty() => Err(Refusal::of("no_text")),
        _ => Ok((escaping::undone(text), Shown::default())),
    }
}

fn may_post(desk: &Desk, arguments: &Value) -> Result<String, Refusal> {
    let channel = arguments["channel"].as_str().unwrap_or_default();
    // A person's id stands for the channel with them.
    let channel = if channel.starts_with('U') { super::direct(channel) } else { channel.to_owned() };
    match desk.state().channels.get(&channel) {
        None => Err(Refusal::of("channel_not_found")),
        Some(Standing::Member) => Ok(channel),
        Some(Standing::Archived) => Err(Refusal::of("is_archived")),
        Some(Standing::Removed) if channel.starts_with('D') => Err(Refusal::of("channel_not_found")),
        Some(Standing::Removed) => Err(Refusal::of("not_in_channel")),
    }
}

fn post(desk: &Arc<Desk>, arguments: &Value) -> Result<Value, Refusal> {
    let channel = may_post(desk, arguments)?;
    let (text, shown) = shown(arguments)?;
    check_metadata(arguments)?;
    if let Some(limit) = &mut desk.state().per_channel {
        if let Some(wait) = limit.wait(&channel) {
            return Err(Refusal::ratelimited(wait));
        }
        limit.take(&channel);
    }
    let ts = desk.state().ts();
    let wire = wire(&ts, arguments);
    show(desk, &channel, &ts, text, shown, arguments, &wire);
    let mut event = wire.clone();
    event["channel"] = channel.clone().into();
    event["channel_type"] = super::kind_of(&channel).into();
    event["event_ts"] = ts.clone().into();
    // An app hears of its own messages, too.
    desk.happens(&channel, &event, None);
    Ok(json!({ "ok": true, "channel": channel, "ts": ts, "message": wire }))
}

fn post_ephemeral(desk: &Desk, arguments: &Value) -> Result<Value, Refusal> {
    let channel = may_post(desk, arguments)?;
    let (text, shown) = shown(arguments)?;
    let ts = desk.state().ts();
    show(desk, &channel, &ts, text, shown, arguments, &wire(&ts, arguments));
    Ok(json!({ "ok": true, "message_ts": ts }))
}

fn show(desk: &Desk, channel: &str, ts: &str, text: String, shown: Shown, arguments: &Value, wire: &Value) {
    let mut message = Message::new(ts, true, text);
    message.buttons = shown.buttons;
    message.attached = shown.attached;
    message.key = key_of(arguments);
    message.wire = wire.clone();
    message.call = arguments.clone();
    desk.stage.chats.show(channel, message);
    desk.stage.trips.is_replied(channel);
}

fn wire(ts: &str, arguments: &Value) -> Value {
    let mut wire = json!({
        "type": "message", "user": super::BOT_USER, "bot_id": super::BOT, "app_id": super::APP, "team": super::TEAM, "ts": ts,
        "text": arguments["text"].as_str().unwrap_or_default(),
    });
    for field in ["blocks", "thread_ts", "metadata"] {
        if let Some(value) = arguments.get(field).filter(|value| !value.is_null()) {
            wire[field] = value.clone();
        }
    }
    wire
}

/// The documentation of metadata: a type and a payload. What is not so is not kept, and a warning says so; here it is refused.
fn check_metadata(arguments: &Value) -> Result<(), Refusal> {
    let Some(metadata) = arguments.get("metadata").filter(|metadata| !metadata.is_null()) else { return Ok(()) };
    let is_whole =
        metadata["event_type"].as_str().is_some_and(|kind| !kind.is_empty()) && metadata["event_payload"].is_object();
    if is_whole { Ok(()) } else { Err(Refusal::of("invalid_metadata_format")) }
}

fn update(desk: &Desk, arguments: &Value) -> Result<Value, Refusal> {
    let channel = may_post(desk, arguments)?;
    let ts = arguments["ts"].as_str().unwrap_or_default();
    let (text, shown) = shown(arguments)?;
    let changed = desk.stage.chats.change(&channel, ts, |message| {
        if !message.is_of_bot {
            return Err(Refusal::of("cant_update_message"));
        }
        change(message, text, shown, arguments);
        Ok(message.wire.clone())
    });
    let wire = changed.unwrap_or_else(|| Err(Refusal::of("message_not_found")))?;
    Ok(json!({ "ok": true, "channel": channel, "ts": ts, "text": wire["text"], "message": wire }))
}

fn change(message: &mut Message, text: String, shown: Shown, arguments: &Value) {
    message.text = text;
    for button in &mut message.buttons {
        button.is_shown = false;
    }
    message.buttons.extend(shown.buttons);
    message.is_edited = true;
    message.wire["text"] = arguments["text"].clone();
    message.wire["blocks"] = arguments["blocks"].clone();
}

fn delete(desk: &Desk, arguments: &Value) -> Result<Value, Refusal> {
    let channel = may_post(desk, arguments)?;
    let ts = arguments["ts"].as_str().unwrap_or_default();
    if !desk.stage.chats.delete(&channel, ts) {
        return Err(Refusal::of("message_not_found"));
    }
    Ok(json!({ "ok": true, "channel": channel, "ts": ts }))
}

fn open(desk: &Desk, arguments: &Value) -> Result<Value, Refusal> {
    let user = arguments["users"].as_str().unwrap_or_default();
    let channel = super::direct(user);
    let is_known = desk.state().channels.contains_key(&channel);
    if is_known { Ok(json!({ "ok": true, "channel": { "id": channel } })) } else { Err(Refusal::of("user_not_found")) }
}

/// The newest first, with metadata if that is asked for.
fn history(desk: &Desk, arguments: &Value) -> Result<Value, Refusal> {
    let channel = arguments["channel"].as_str().unwrap_or_default();
    if !desk.state().channels.contains_key(channel) {
        return Err(Refusal::of("channel_not_found"));
    }
    let number = |name: &str| arguments[name].as_u64().or_else(|| arguments[name].as_str()?.parse().ok());
    let limit = usize::try_from(number("limit").unwrap_or(100)).unwrap_or(usize::MAX);
    let with_metadata = arguments["include_all_metadata"] == true || arguments["include_all_metadata"] == "true";
    let oldest = arguments["oldest"].as_str().unwrap_or("0").to_owned();
    let mut messages: Vec<Value> = desk
        .stage
        .chats
        .all(channel)
        .into_iter()
        .rev()
        .filter(|message| message.id.as_str() > &*oldest)
        .map(|message| message.wire)
        .collect();
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    if !with_metadata {
        messages.iter_mut().filter_map(Value::as_object_mut).for_each(|message| {
            message.remove("metadata");
        });
    }
    Ok(json!({ "ok": true, "messages": messages, "has_more": has_more, "pin_count": 0 }))
}

/// `response_url`: a message about an interaction, by whoever has the address, five times at most.
pub(super) fn respond(desk: &Desk, request: &Request) -> Answer {
    let arguments: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let found = {
        let mut state = desk.state();
        state.responses.get_mut(&request.path).filter(|response| response.uses > 0).map(|response| {
            response.uses -= 1;
            (response.channel.clone(), response.message.clone())
        })
    };
    let Some((channel, message)) = found else { return Answer::of(404, "text/plain", "used_url") };
    let outcome = respond_in(desk, &channel, message.as_deref(), &arguments);
    let (status, why) = match &outcome {
        Ok(()) => (200, None),
        Err(refusal) => (400, Some(refusal.words())),
    };
    desk.note("response_url", arguments, status, Value::Null, why);
    match outcome {
        Ok(()) => Answer::of(200, "text/plain", "ok"),
        Err(refusal) => Answer::of(400, "text/plain", refusal.error),
    }
}

fn respond_in(desk: &Desk, channel: &str, message: Option<&str>, arguments: &Value) -> Result<(), Refusal> {
    match message {
        Some(ts) if arguments["delete_original"] == true => {
            desk.stage.chats.delete(channel, ts);
        }
        Some(ts) if arguments["replace_original"] == true => {
            let (text, shown) = shown(arguments)?;
            desk.stage.chats.change(channel, ts, |message| change(message, text, shown, arguments));
        }
        _ => {
            let (text, shown) = shown(arguments)?;
            let ts = desk.state().ts();
            show(desk, channel, &ts, text, shown, arguments, &wire(&ts, arguments));
        }
    }
    Ok(())
}

/// What a command's response says is shown to its writer.
pub(super) fn answered(desk: &Desk, parcel: &Parcel, body: &Bytes) {
    let arguments = match serde_json::from_slice(body) {
        Ok(arguments @ Value::Object(_)) => arguments,
        _ => json!({ "text": String::from_utf8_lossy(body).trim() }),
    };
    // Nothing said is nothing shown.
    let _ = respond_in(desk, &parcel.chat, None, &arguments);
}
