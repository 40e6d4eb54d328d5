//! `reply_markup`: what is to be pressed under a message.

use serde_json::Value;

use super::super::{super::chats::Button, arguments::Arguments, refusal::Refusal};

/// The documentation of `InlineKeyboardButton`: 1-64 bytes.
const LONGEST_DATA: usize = 64;

/// A keyboard that can be read.
#[derive(Default)]
pub(super) struct Keyboard {
    pub(super) buttons: Vec<Button>,
    /// As it stands in the message. Only an inline keyboard does.
    pub(super) wire: Option<Value>,
}

/// Reads it as the Bot API's server does, before anything else is looked at.
pub(super) fn read(arguments: &Arguments) -> Result<Keyboard, Refusal> {
    let markup =
        arguments.json("reply_markup").map_err(|()| Refusal::bad("can't parse reply keyboard markup JSON object"))?;
    let Some(markup) = markup else { return Ok(Keyboard::default()) };
    if !markup.is_object() {
        return Err(Refusal::bad("object expected as reply markup"));
    }
    let mut keyboard = Keyboard::default();
    for button in rows(&markup, "keyboard", "field \"keyboard\" must be an Array of Arrays")? {
        keyboard.buttons.push(below(button)?);
    }
    let inline = "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays";
    let inline = rows(&markup, "inline_keyboard", inline)?;
    if !inline.is_empty() {
        keyboard.buttons = inline.into_iter().map(under).collect::<Result<_, _>>()?;
        keyboard.wire = Some(serde_json::json!({ "inline_keyboard": markup["inline_keyboard"] }));
    }
    Ok(keyboard)
}

/// What Telegram checks when the message is sent.
pub(super) fn check(keyboard: &Keyboard) -> Result<(), Refusal> {
    for button in &keyboard.buttons {
        if let Some(link) = button.link() {
            check_link(link)?;
        }
        if button.token().is_some_and(|data| data.len() > LONGEST_DATA) {
            return Err(Refusal::bad("BUTTON_DATA_INVALID"));
        }
    }
    Ok(())
}

fn rows<'a>(markup: &'a Value, name: &str, not_rows: &str) -> Result<Vec<&'a Value>, Refusal> {
    let Some(rows) = markup.get(name) else { return Ok(Vec::new()) };
    let rows = rows.as_array().ok_or_else(|| Refusal::bad(format!("field \"{name}\" must be of type Array")))?;
    let rows = rows.iter().map(|row| row.as_array().ok_or_else(|| Refusal::bad(not_rows)));
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// One of the keyboard below the chat, which writes what stands on it.
fn below(button: &Value) -> Result<Button, Refusal> {
    let label = button.as_str().or_else(|| button["text"].as_str());
    let label = label
        .ok_or_else(|| Refusal::bad("can't parse keyboard button: KeyboardButton must be a String or an Object"))?;
    let mut read = Button::pressed(label, "").with_wire(button.clone());
    read.token = None;
    Ok(read)
}

/// One under the message, which tells the bot its data.
fn under(button: &Value) -> Result<Button, Refusal> {
    let wrong = |why: &str| Refusal::bad(format!("can't parse inline keyboard button: {why}"));
    if !button.is_object() {
        return Err(wrong("InlineKeyboardButton must be an Object"));
    }
    let text = |name: &str| button[name].as_str().filter(|text| !text.is_empty());
    let label = button["text"].as_str().ok_or_else(|| wrong("Can't find field \"text\""))?;
    if let Some(link) = text("url") {
        return Ok(Button::link_to(label, link));
    }
    if let Some(data) = text("callback_data") {
        return Ok(Button::pressed(label, data));
    }
    let others =
        ["web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text", "pay"];
    if !others.iter().any(|other| button.get(*other).is_some()) {
        return Err(wrong("Text buttons are unallowed in the inline keyboard"));
    }
    Ok(Button { token: None, ..Button::pressed(label, "") })
}

fn check_link(link: &str) -> Result<(), Refusal> {
    let wrong = |why: &str| Err(Refusal::bad(format!("inline keyboard button URL '{link}' is invalid: {why}")));
    let (scheme, rest) = link.split_once("://").unwrap_or(("http", link));
    match scheme {
        "tg" | "ton" => return Ok(()),
        "http" | "https" => {}
        _ => return wrong("Unsupported URL protocol"),
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    // A name of one word leads nowhere from Telegram's side: `localhost` is refused like any.
    if host.contains('.') && !host.starts_with('.') { Ok(()) } else { wrong("Wrong HTTP URL") }
}
