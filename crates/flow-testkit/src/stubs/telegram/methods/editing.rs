//! `edit…` and `deleteMessage`: what stands in a chat is changed.

use chrono::Utc;
use serde_json::{Value, json};

use super::{
    super::{super::chats::Message, arguments::Arguments, desk::Desk, refusal::Refusal},
    content,
    keyboard::{self, Keyboard},
    sending::may_write,
};

pub(super) fn text(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let text = content::text(arguments)?;
    edit(desk, arguments, Some(("text", text)))
}

pub(super) fn caption(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let caption = content::caption(arguments)?;
    edit(desk, arguments, Some(("caption", caption)))
}

pub(super) fn keyboard(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    edit(desk, arguments, None)
}

pub(super) fn delete(desk: &Desk, arguments: &Arguments) -> Result<Value, Refusal> {
    let (chat, id) = place(arguments)?;
    may_write(desk, chat)?;
    if !desk.stage.chats.delete(&chat.to_string(), &id) {
        return Err(Refusal::bad("message to delete not found"));
    }
    Ok(json!(true))
}

/// A keyboard that is not named is taken away.
fn edit(desk: &Desk, arguments: &Arguments, text: Option<(&str, String)>) -> Result<Value, Refusal> {
    let keyboard = keyboard::read(arguments)?;
    let (chat, id) = place(arguments)?;
    may_write(desk, chat)?;
    keyboard::check(&keyboard)?;
    let changed = desk.stage.chats.change(&chat.to_string(), &id, |message| change(message, text, keyboard));
    changed.unwrap_or_else(|| Err(Refusal::bad("message to edit not found")))
}

fn change(message: &mut Message, text: Option<(&str, String)>, keyboard: Keyboard) -> Result<Value, Refusal> {
    if !message.is_of_bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    if let Some(("text", _)) = &text
        && message.wire.get("text").is_none()
    {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    let is_same_text = text.as_ref().is_none_or(|(_, text)| *text == message.text);
    if is_same_text && message.wire.get("reply_markup") == keyboard.wire.as_ref() {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply \
             markup of the message",
        ));
    }
    if let Some((field, text)) = text {
        message.wire[field] = text.clone().into();
        message.text = text;
    }
    // What was shown can still be pressed by a visitor whose phone is behind.
    for button in &mut message.buttons {
        button.is_shown = false;
    }
    message.buttons.extend(keyboard.buttons);
    let wire = message.wire.as_object_mut().expect("a message is an object");
    wire.remove("reply_markup");
    wire.extend(keyboard.wire.map(|markup| ("reply_markup".to_owned(), markup)));
    wire.insert("edit_date".to_owned(), Utc::now().timestamp().into());
    message.is_edited = true;
    Ok(message.wire.clone())
}

fn place(arguments: &Arguments) -> Result<(i64, String), Refusal> {
    let chat = arguments.chat()?;
    let id = arguments.integer("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    Ok((chat, id.to_string()))
}
