//! What a bot may call.

mod content;
mod editing;
mod keyboard;
mod polling;
mod sending;
mod webhook;

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{
    arguments::Arguments,
    desk::{Desk, Outcome},
    refusal::Refusal,
    updates::PRESS_KEPT,
};

/// Telegram gives no larger file: the documentation of `getFile`.
const LARGEST_DOWNLOAD: usize = 20 << 20;

/// The actions of `sendChatAction`.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// Runs a method, by its name in small letters.
pub(super) async fn run(desk: &Arc<Desk>, method: &str, arguments: &Arguments) -> Outcome {
    match method {
        "getupdates" => polling::updates(desk, arguments).await,
        "setwebhook" => webhook::set(desk, arguments),
        "deletewebhook" => Ok(webhook::delete(desk, arguments)),
        _ => run_now(desk, method, arguments),
    }
}

/// Runs a method that waits for nothing and changes no webhook.
pub(super) fn run_now(desk: &Desk, method: &str, arguments: &Arguments) -> Outcome {
    let result = match method {
        "getme" => Ok(me(desk)),
        "getwebhookinfo" => Ok(webhook::info(desk)),
        "answercallbackquery" => answer_press(desk, arguments),
        "sendchataction" => act(desk, arguments),
        "editmessagetext" => editing::text(desk, arguments),
        "editmessagecaption" => editing::caption(desk, arguments),
        "editmessagereplymarkup" => editing::keyboard(desk, arguments),
        "deletemessage" => editing::delete(desk, arguments),
        "getfile" => file(desk, arguments),
        "setmycommands" => set_commands(desk, arguments),
        "getmycommands" => Ok(desk.state().commands.clone()),
        "deletemycommands" => {
            desk.state().commands = json!([]);
            Ok(json!(true))
        }
        "setmyname" | "setmydescription" | "setmyshortdescription" | "setchatmenubutton" => Ok(json!(true)),
        _ => match method.strip_prefix("send") {
            Some(kind) if content::KINDS.contains(&kind) => sending::send(desk, kind, arguments),
            _ => Err(Refusal::of(404, "Not Found: method not found")),
        },
    };
    result.map(|result| (result, None))
}

fn me(desk: &Desk) -> Value {
    let reads_all = !desk.state().privacy;
    json!({
        "id": desk.bot, "is_bot": true, "first_name": "Stub", "username": "stub_bot", "can_join_groups": true,
        "can_read_all_group_messages": reads_all, "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

fn answer_press(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let id = arguments.text("callback_query_id");
    let kept = desk.stage.scaled(PRESS_KEPT);
    let state = desk.state();
    if !state.callbacks.iter().any(|(known, at)| *known == id && Instant::now() < *at + kept) {
        return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
    }
    Ok(json!(true))
}

fn act(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let action = arguments.text("action").to_lowercase();
    if !ACTIONS.contains(&&*action) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    sending::may_write(desk, arguments.chat()?)?;
    Ok(json!(true))
}

fn file(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let id = arguments.text("file_id");
    if id.is_empty() {
        return Err(Refusal::bad("file_id not specified"));
    }
    let file = desk.state().file(|file| file.id == id).ok_or_else(|| Refusal::bad("invalid file_id"))?;
    if file.bytes.len() > LARGEST_DOWNLOAD {
        return Err(Refusal::bad("file is too big"));
    }
    Ok(json!({
        "file_id": file.id, "file_unique_id": content::unique(&file.id), "file_size": file.bytes.len(), "file_path": file.path,
    }))
}

fn set_commands(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let commands = arguments.json("commands").ok().flatten().filter(Value::is_array);
    let commands = commands.ok_or_else(|| Refusal::bad("can't parse BotCommand list"))?;
    desk.state().commands = commands;
    Ok(json!(true))
}
