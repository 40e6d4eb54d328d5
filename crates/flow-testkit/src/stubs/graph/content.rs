//! What a message says, by its type, and whether it may.

use serde_json::Value;

use super::{
    super::chats::{Attached, Button},
    refusal::Refusal,
    state::{State, Template},
};

/// The documentation of text messages.
const LONGEST_TEXT: usize = 4096;
/// The documentation of media messages.
const LONGEST_CAPTION: usize = 1024;
/// The documentation of interactive reply buttons messages.
const LONGEST_BODY: usize = 1024;
const MOST_BUTTONS: usize = 3;
const LONGEST_BUTTON: usize = 20;
const LONGEST_BUTTON_ID: usize = 256;
/// The documentation of interactive list messages.
const LONGEST_LIST_BODY: usize = 4096;
const MOST_ROWS: usize = 10;
const MOST_SECTIONS: usize = 10;
const LONGEST_ROW: usize = 24;
const LONGEST_ROW_DESCRIPTION: usize = 72;
const LONGEST_ROW_ID: usize = 200;
/// Of both.
const LONGEST_HEADER: usize = 60;
const LONGEST_FOOTER: usize = 60;

/// The body of a message.
#[derive(Default)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) buttons: Vec<Button>,
    pub(super) attached: Option<Attached>,
    /// Only a template may be sent when the window is closed.
    pub(super) is_template: bool,
}

/// Reads what is to be sent.
pub(super) fn read(state: &State, message: &Value) -> Result<Content, Refusal> {
    let kind = message["type"].as_str().unwrap_or("text");
    let body = &message[kind];
    if !body.is_object() && kind != "contacts" {
        return Err(Refusal::missing(kind));
    }
    match kind {
        "text" => text(body),
        "image" | "document" | "audio" | "video" | "sticker" => file(state, kind, body),
        "location" => location(body),
        "contacts" => contacts(body),
        "interactive" => interactive(body),
        "template" => template(state, body),
        "reaction" => Ok(Content { text: words(body, "emoji").to_owned(), ..Content::default() }),
        _ => Err(Refusal::parameter(format!("Param type must be one of the types of a message, and is not {kind}"))),
    }
}

fn text(body: &Value) -> Result<Content, Refusal> {
    let text = words(body, "body");
    if text.is_empty() {
        return Err(Refusal::missing("text['body']"));
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::parameter(format!("Param text['body'] must be at most {LONGEST_TEXT} characters long.")));
    }
    Ok(Content { text: text.to_owned(), ..Content::default() })
}

fn file(state: &State, kind: &str, body: &Value) -> Result<Content, Refusal> {
    let (id, link, caption) = (words(body, "id"), words(body, "link"), words(body, "caption"));
    let address = match (id, link) {
        ("", "") => return Err(Refusal::missing(&format!("{kind}['id'] or {kind}['link']"))),
        ("", link) if link.starts_with("http://") || link.starts_with("https://") => link,
        ("", _) => return Err(Refusal::parameter(format!("Param {kind}['link'] is not a valid URI."))),
        (id, _) if state.media(id).is_some() => id,
        _ => {
            return Err(Refusal::parameter(format!(
                "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
            )));
        }
    };
    if matches!(kind, "audio" | "sticker") && !caption.is_empty() {
        return Err(Refusal::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
    }
    length(&format!("{kind}['caption']"), caption, 0, LONGEST_CAPTION)?;
    let attached = Attached::File(kind.to_owned(), address.to_owned());
    Ok(Content { text: caption.to_owned(), attached: Some(attached), ..Content::default() })
}

fn location(body: &Value) -> Result<Content, Refusal> {
    let number = |name: &str| {
        let value = body[name].as_f64().or_else(|| body[name].as_str()?.parse().ok());
        value.ok_or_else(|| Refusal::missing(&format!("location['{name}']")))
    };
    let name = Some(words(body, "name")).filter(|name| !name.is_empty()).map(str::to_owned);
    let attached = Attached::Place(number("latitude")?, number("longitude")?, name);
    Ok(Content { attached: Some(attached), ..Content::default() })
}

fn contacts(body: &Value) -> Result<Content, Refusal> {
    let first = body.as_array().and_then(|contacts| contacts.first()).ok_or_else(|| Refusal::missing("contacts"))?;
    let name = first["name"]["formatted_name"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::missing("contacts[0]['name']['formatted_name']"))?;
    let phone = first["phones"][0]["phone"].as_str().unwrap_or_default();
    let attached = Attached::Contact(name.to_owned(), phone.to_owned());
    Ok(Content { attached: Some(attached), ..Content::default() })
}

fn interactive(body: &Value) -> Result<Content, Refusal> {
    let text = body["body"]["text"].as_str().unwrap_or_default();
    let kind = words(body, "type");
    length("Body text", text, 1, if kind == "list" { LONGEST_LIST_BODY } else { LONGEST_BODY })?;
    if body["header"]["type"] == "text" {
        length("Header text", words(&body["header"], "text"), 1, LONGEST_HEADER)?;
    }
    length("Footer text", words(&body["footer"], "text"), 0, LONGEST_FOOTER)?;
    let action = &body["action"];
    let buttons = match kind {
        "button" => buttons(action)?,
        "list" => rows(action)?,
        "cta_url" => vec![link(action)?],
        "location_request_message" => Vec::new(),
        _ => return Err(Refusal::parameter(format!("Param interactive['type'] is not spoken here: {kind}"))),
    };
    let shown = body["header"]["type"].as_str().filter(|kind| *kind != "text");
    let attached = shown.map(|kind| {
        let file = &body["header"][kind];
        let address = file["link"].as_str().or(file["id"].as_str()).unwrap_or_default();
        Attached::File(kind.to_owned(), address.to_owned())
    });
    Ok(Content { text: text.to_owned(), buttons, attached, ..Content::default() })
}

fn buttons(action: &Value) -> Result<Vec<Button>, Refusal> {
    let buttons = action["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    if buttons.is_empty() || buttons.len() > MOST_BUTTONS {
        return Err(Refusal::value(format!(
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {MOST_BUTTONS}"
        )));
    }
    let read = |button: &Value| {
        let (id, title) = (words(&button["reply"], "id"), words(&button["reply"], "title"));
        length("Button title", title, 1, LONGEST_BUTTON)?;
        length("Button id", id, 1, LONGEST_BUTTON_ID)?;
        Ok(Button::pressed(title, id))
    };
    distinct(buttons.iter().map(read).collect::<Result<_, _>>()?)
}

fn rows(action: &Value) -> Result<Vec<Button>, Refusal> {
    length("Button label", words(action, "button"), 1, LONGEST_BUTTON)?;
    let sections = action["sections"].as_array().map(Vec::as_slice).unwrap_or_default();
    if sections.is_empty() || sections.len() > MOST_SECTIONS {
        return Err(Refusal::value(format!("Invalid sections count. Min allowed: 1, Max allowed: {MOST_SECTIONS}")));
    }
    let mut rows = Vec::new();
    for section in sections {
        if sections.len() > 1 {
            length("Section title", words(section, "title"), 1, LONGEST_ROW)?;
        }
        for row in section["rows"].as_array().into_iter().flatten() {
            let (id, title) = (words(row, "id"), words(row, "title"));
            if title.chars().count() > LONGEST_ROW {
                return Err(Refusal::value(format!("Row title is too long. Max length is {LONGEST_ROW}")));
            }
            length("Row title", title, 1, LONGEST_ROW)?;
            length("Row id", id, 1, LONGEST_ROW_ID)?;
            length("Row description", words(row, "description"), 0, LONGEST_ROW_DESCRIPTION)?;
            rows.push(Button::row(title, id).with_wire(row["description"].clone()));
        }
    }
    match rows.len() {
        0 => Err(Refusal::value("There are no rows in the list")),
        count if count > MOST_ROWS => {
            Err(Refusal::value(format!("Total row count exceed max allowed count: {MOST_ROWS}")))
        }
        _ => distinct(rows),
    }
}

fn link(action: &Value) -> Result<Button, Refusal> {
    let parameters = &action["parameters"];
    let (label, url) = (words(parameters, "display_text"), words(parameters, "url"));
    length("Display text", label, 1, LONGEST_BUTTON)?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Refusal::value("The url of a button is none"));
    }
    Ok(Button::link_to(label, url))
}

fn template(state: &State, body: &Value) -> Result<Content, Refusal> {
    let name = words(body, "name");
    let language = body["language"]["code"].as_str().unwrap_or_default();
    let Some(Template { parameters, is_paused }) = state.templates.get(&(name.to_owned(), language.to_owned())) else {
        let details = format!("template name ({name}) does not exist in {language}");
        return Err(Refusal::of(404, 132_001, "Template name does not exist in the translation", details));
    };
    if *is_paused {
        return Err(Refusal::of(400, 132_015, "Template is paused", "The template is paused due to low quality"));
    }
    let components = body["components"].as_array().into_iter().flatten();
    let of_body: Vec<&Value> = components
        .filter(|one| one["type"] == "body")
        .filter_map(|one| one["parameters"].as_array())
        .flatten()
        .collect();
    if of_body.len() != *parameters {
        let details = format!(
            "body: number of localizable_params ({}) does not match the expected number of params ({parameters})",
            of_body.len()
        );
        return Err(Refusal::of(
            400,
            132_000,
            "Number of parameters does not match the expected number of params",
            details,
        ));
    }
    let told: Vec<_> = of_body.iter().filter_map(|parameter| parameter["text"].as_str()).collect();
    let attached = Some(Attached::Template(name.to_owned()));
    Ok(Content { text: told.join("\n"), attached, is_template: true, ..Content::default() })
}

/// The documentation of reply buttons: ids and titles differ within a message.
fn distinct(buttons: Vec<Button>) -> Result<Vec<Button>, Refusal> {
    for (place, button) in buttons.iter().enumerate() {
        let others = &buttons[place + 1..];
        if others.iter().any(|other| other.token == button.token) {
            return Err(Refusal::value("Ids of buttons or rows are duplicated"));
        }
        if !button.is_row && others.iter().any(|other| other.label == button.label) {
            return Err(Refusal::value("Titles of buttons are duplicated"));
        }
    }
    Ok(buttons)
}

fn length(what: &str, text: &str, least: usize, most: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(Refusal::value(format!("{what} length invalid. Min length: {least}, Max length: {most}")))
}

fn words<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
