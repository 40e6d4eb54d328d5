//! What a part of a reply looks like on WhatsApp: a [`WhatsAppMessage`].

use std::{collections::BTreeSet, fmt};

use flow_core::{Attachment, Contact, FileToSend, Place, ReplyButton, Template};
use flow_http::platform::{Counted, Offer, Part, Screen};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::visitor;

/// What WhatsApp shows: texts of 4,096 characters ("Text messages"), 3 buttons with labels of 20 and ids of 256 ("Interactive reply
/// buttons messages"), lists of 10 rows with titles of 24 and ids of 200 ("Interactive list messages"), 1,024 characters under a
/// picture or a file ("Image messages", "Document messages") and above buttons.
///
/// It does not say what it counts as a character. Counted in units of UTF-16 a text fits either way.
pub(crate) const SCREEN: Screen = Screen::of_text(4096)
    .counted(Counted::Utf16)
    .buttons(3, 20, 256)
    .list(10, 24, 200)
    .list_alone()
    .above_buttons(1024)
    .images(1024)
    .files(1024)
    .places()
    .contacts()
    .templates();

/// One message as Meta is sent it, but for where it goes and its key.
///
/// `Debug` tells its type and never what it says.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct WhatsAppMessage(Map<String, Value>);

impl WhatsAppMessage {
    pub(crate) fn of(part: &Part<'_>, list_label: &str) -> Self {
        match (part.offer(), part.attachment()) {
            (Offer::Buttons(buttons), attachment) if attachment.is_some() || have_labels_of_their_own(buttons) => {
                interactive("button", part.text(), header(attachment), &json!({ "buttons": rows(buttons, button) }))
            }
            // A list takes two rows of one label; buttons do not.
            (Offer::Buttons(rows) | Offer::List(rows), _) => list(part.text(), list_label, rows),
            (_, Some(attachment)) => attached(part.text(), attachment),
            _ => Self::new("text", json!({ "body": part.text(), "preview_url": true })),
        }
    }

    fn new(kind: &str, what: Value) -> Self {
        let message = [("messaging_product", "whatsapp".into()), ("type", kind.into()), (kind, what)];
        Self(message.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// What kind of message it is, as Meta calls it.
    pub fn kind(&self) -> &str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The message for this place, under this key, which comes back with what becomes of it.
    pub(crate) fn to(&self, place: &str, key: &str) -> Value {
        let mut message = self.0.clone();
        visitor::address(&mut message, place);
        message.insert("biz_opaque_callback_data".to_owned(), key.into());
        Value::Object(message)
    }
}

fn interactive(kind: &str, text: &str, header: Option<Value>, action: &Value) -> WhatsAppMessage {
    // Something stands above what is pressed, also under a picture that has no words.
    let text = if text.is_empty() { "…" } else { text };
    let mut interactive = json!({ "type": kind, "body": { "text": text }, "action": action });
    if let Some(header) = header {
        interactive["header"] = header;
    }
    WhatsAppMessage::new("interactive", interactive)
}

fn list(text: &str, label: &str, buttons: &[ReplyButton<'_>]) -> WhatsAppMessage {
    interactive("list", text, None, &json!({ "button": label, "sections": [{ "rows": rows(buttons, row) }] }))
}

fn have_labels_of_their_own(buttons: &[ReplyButton<'_>]) -> bool {
    buttons.iter().map(ReplyButton::label).collect::<BTreeSet<_>>().len() == buttons.len()
}

fn rows(buttons: &[ReplyButton<'_>], row: fn(&ReplyButton<'_>) -> Value) -> Value {
    buttons.iter().map(row).collect()
}

fn button(button: &ReplyButton<'_>) -> Value {
    json!({ "type": "reply", "reply": row(button) })
}

fn row(button: &ReplyButton<'_>) -> Value {
    json!({ "id": button.token(), "title": button.label() })
}

/// What stands above the text of a message with buttons.
fn header(attachment: Option<&Attachment>) -> Option<Value> {
    match attachment? {
        Attachment::Image(image) => Some(json!({ "type": "image", "image": file(image) })),
        Attachment::File(document) => Some(json!({ "type": "document", "document": named(document) })),
        _ => None,
    }
}

fn attached(text: &str, attachment: &Attachment) -> WhatsAppMessage {
    match attachment {
        Attachment::Image(image) => WhatsAppMessage::new("image", captioned(file(image), text)),
        Attachment::File(document) => WhatsAppMessage::new("document", captioned(named(document), text)),
        Attachment::Place(place) => WhatsAppMessage::new("location", location(place)),
        Attachment::Contact(contact) => WhatsAppMessage::new("contacts", json!([card(contact)])),
        Attachment::Template(template) => WhatsAppMessage::new("template", filled(template)),
        // Nothing else is on the screen.
        _ => WhatsAppMessage::new("text", json!({ "body": text })),
    }
}

fn file(file: &FileToSend) -> Value {
    match file.media() {
        Some(media) => json!({ "id": media.reference() }),
        None => json!({ "link": file.url() }),
    }
}

fn named(document: &FileToSend) -> Value {
    let mut named = file(document);
    if let Some(name) = document.name().or_else(|| document.media()?.file_name()) {
        named["filename"] = name.into();
    }
    named
}

fn captioned(mut file: Value, text: &str) -> Value {
    if !text.is_empty() {
        file["caption"] = text.into();
    }
    file
}

fn location(place: &Place) -> Value {
    let mut location = json!({ "latitude": place.latitude(), "longitude": place.longitude() });
    for (field, told) in [("name", place.name()), ("address", place.address())] {
        if let Some(told) = told {
            location[field] = told.into();
        }
    }
    location
}

/// A card needs one part of the name beside the whole.
fn card(contact: &Contact) -> Value {
    let mut card = json!({ "name": { "formatted_name": contact.name(), "first_name": contact.name() } });
    if !contact.phones().is_empty() {
        card["phones"] = contact.phones().iter().map(|phone| json!({ "phone": phone })).collect();
    }
    if !contact.emails().is_empty() {
        card["emails"] = contact.emails().iter().map(|email| json!({ "email": email })).collect();
    }
    card
}

fn filled(template: &Template) -> Value {
    let mut filled = json!({ "name": template.name(), "language": { "code": template.language() } });
    if !template.parameters().is_empty() {
        let gaps: Value =
            template.parameters().iter().map(|gap| json!({ "type": "text", "text": on_one_line(gap) })).collect();
        filled["components"] = json!([{ "type": "body", "parameters": gaps }]);
    }
    filled
}

/// "Param text cannot have new-line/tab characters or more than 4 consecutive spaces", says Meta, and refuses the whole message.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for WhatsAppMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WhatsAppMessage({})", self.kind())
    }
}
