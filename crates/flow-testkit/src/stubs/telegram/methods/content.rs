//! What a message says, by its kind.

use serde_json::{Map, Value, json};

use super::super::{super::chats::Attached, arguments::Arguments, desk::Desk, refusal::Refusal};

/// Of the methods `send…`, those that are spoken here.
pub(super) const KINDS: [&str; 11] =
    ["message", "photo", "document", "audio", "video", "voice", "animation", "sticker", "location", "venue", "contact"];

/// The documentation of `sendMessage`: 1-4096 characters after entities parsing. Telegram's library counts them as Unicode does.
const LONGEST_TEXT: usize = 4096;

/// The documentation of `sendPhoto` and of all with a caption: 0-1024 characters after entities parsing.
const LONGEST_CAPTION: usize = 1024;

/// The body of a message.
pub(super) struct Content {
    pub(super) text: String,
    pub(super) attached: Option<Attached>,
    pub(super) fields: Map<String, Value>,
}

/// Reads what is to be sent.
pub(super) fn read(desk: &Desk, kind: &str, arguments: &Arguments) -> Result<Content, Refusal> {
    let mut fields = Map::new();
    let mut content = |text: String, attached: Option<Attached>, name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
        Content { text, attached, fields: std::mem::take(&mut fields) }
    };
    match kind {
        "message" => {
            let text = text(arguments)?;
            Ok(content(text.clone(), None, "text", text.into()))
        }
        "location" => {
            let place = place(arguments)?;
            let attached = Attached::Place(place.0, place.1, None);
            Ok(content(String::new(), Some(attached), "location", json!({ "latitude": place.0, "longitude": place.1 })))
        }
        "venue" => {
            let (latitude, longitude) = place(arguments)?;
            let (title, address) = (required(arguments, "title")?, required(arguments, "address")?);
            let wire = json!({
                "location": { "latitude": latitude, "longitude": longitude }, "title": title, "address": address,
            });
            Ok(content(String::new(), Some(Attached::Place(latitude, longitude, Some(title))), "venue", wire))
        }
        "contact" => {
            let (phone, name) = (required(arguments, "phone_number")?, required(arguments, "first_name")?);
            let mut wire = json!({ "phone_number": phone, "first_name": name });
            for optional in ["last_name", "vcard"] {
                let value = arguments.text(optional);
                if !value.is_empty() {
                    wire[optional] = value.into();
                }
            }
            Ok(content(String::new(), Some(Attached::Contact(name, phone)), "contact", wire))
        }
        file => {
            let (address, wire) = self::file(desk, file, arguments)?;
            let caption = if file == "sticker" { String::new() } else { caption(arguments)? };
            let mut content = content(caption.clone(), Some(Attached::File(file.to_owned(), address)), file, wire);
            if !caption.is_empty() {
                content.fields.insert("caption".to_owned(), caption.into());
            }
            Ok(content)
        }
    }
}

/// The text of a message that is sent or changed.
pub(super) fn text(arguments: &Arguments) -> Result<String, Refusal> {
    let text = arguments.text("text");
    if text.trim().is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    formatted(arguments, text, LONGEST_TEXT, "message is too long")
}

/// The text under a file.
pub(super) fn caption(arguments: &Arguments) -> Result<String, Refusal> {
    formatted(arguments, arguments.text("caption"), LONGEST_CAPTION, "message caption is too long")
}

/// Telegram's other name for a file, by which a bot knows it and cannot fetch it.
pub(super) fn unique(id: &str) -> String {
    format!("AQAD{}", id.rsplit('I').next().unwrap_or_default())
}

/// The text is kept as it was written: what marks it up is counted, and shown.
fn formatted(arguments: &Arguments, text: String, longest: usize, too_long: &str) -> Result<String, Refusal> {
    let mode = arguments.text("parse_mode").to_lowercase();
    if !["", "none", "markdown", "markdownv2", "html"].contains(&&*mode) {
        return Err(Refusal::bad("unsupported parse_mode"));
    }
    if text.chars().count() > longest { Err(Refusal::bad(too_long)) } else { Ok(text) }
}

fn place(arguments: &Arguments) -> Result<(f64, f64), Refusal> {
    let number = |name: &str| arguments.number(name).ok_or_else(|| Refusal::bad(format!("{name} is empty")));
    Ok((number("latitude")?, number("longitude")?))
}

fn required(arguments: &Arguments, name: &str) -> Result<String, Refusal> {
    let value = arguments.text(name);
    if value.is_empty() { Err(Refusal::bad(format!("parameter \"{name}\" is required"))) } else { Ok(value) }
}

/// A file of Telegram's, one that it fetches by its address, or one that comes with the call.
fn file(desk: &Desk, kind: &str, arguments: &Arguments) -> Result<(String, Value), Refusal> {
    let named = arguments.text(kind);
    let field = named.strip_prefix("attach://").unwrap_or(kind);
    if let Some(upload) = arguments.uploads.iter().find(|upload| upload.field == field) {
        let file = desk.state().keep_file(&format!("{kind}s"), &upload.file_name, upload.bytes.clone());
        return Ok((file.id.clone(), wire(kind, &file.id, file.bytes.len(), &upload.file_name, &upload.media_type)));
    }
    if named.is_empty() {
        return Err(Refusal::bad(format!("there is no {kind} in the request")));
    }
    if named.starts_with("http://") || named.starts_with("https://") {
        // It is not fetched: a test has no network.
        let name = named.rsplit('/').next().unwrap_or_default();
        return Ok((
            named.clone(),
            wire(kind, &format!("AgACAgQAAxkDAAI{}", named.len()), 0, name, "application/octet-stream"),
        ));
    }
    let file = desk.state().file(|file| file.id == named);
    let file = file.ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?;
    let name = file.path.rsplit('/').next().unwrap_or_default();
    Ok((named.clone(), wire(kind, &named, file.bytes.len(), name, "application/octet-stream")))
}

fn wire(kind: &str, id: &str, size: usize, name: &str, media_type: &str) -> Value {
    let file = json!({ "file_id": id, "file_unique_id": unique(id), "file_size": size });
    let with = |more: Value| {
        let mut all = file.clone();
        all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        all
    };
    match kind {
        "photo" => json!([with(json!({ "width": 640, "height": 480 }))]),
        "document" => with(json!({ "file_name": name, "mime_type": media_type })),
        "voice" => with(json!({ "duration": 1, "mime_type": media_type })),
        "audio" => with(json!({ "duration": 1, "file_name": name, "mime_type": media_type })),
        "sticker" => {
            with(json!({ "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false }))
        }
        _ => with(json!({ "width": 640, "height": 480, "duration": 1, "file_name": name, "mime_type": media_type })),
    }
}
