//! One message to the platform: what is [`Said`].

use std::fmt;

use flow_core::{Attachment, FileToSend};
use flow_http::platform::{Offer, Part};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

/// One message to the platform, before a [`Format`](crate::Format) writes it: a text, what can be pressed with it, a link, and what goes
/// with it. It fits the format's screen.
///
/// It is written by serde as a message of the documented form, without `type` and `chat`. `Debug` tells its shape and never its words.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    text: String,
    buttons: Vec<Button>,
    is_list: bool,
    link: Option<String>,
    attachment: Option<Attachment>,
}

/// What can be pressed: a label, and the token that comes back.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Button {
    /// What the visitor reads.
    pub label: String,
    /// What the platform sends back as `button` when it is pressed.
    pub token: String,
}

impl Said {
    /// What fits into one message, kept.
    pub(crate) fn of(part: &Part<'_>) -> Self {
        let (offered, is_list) = match part.offer() {
            Offer::Buttons(buttons) => (&**buttons, false),
            Offer::List(rows) => (&**rows, true),
            _ => (&[][..], false),
        };
        let buttons = offered
            .iter()
            .map(|button| Button { label: button.label().to_owned(), token: button.token().to_owned() })
            .collect();
        let link = part.link().map(str::to_owned);
        Self { text: part.text().to_owned(), buttons, is_list, link, attachment: part.attachment().cloned() }
    }

    /// Its text. May be empty where something goes with it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The buttons under it.
    pub fn buttons(&self) -> &[Button] {
        if self.is_list { &[] } else { &self.buttons }
    }

    /// The rows of a list to choose from, where there are more than the screen has buttons for.
    pub fn list(&self) -> &[Button] {
        if self.is_list { &self.buttons } else { &[] }
    }

    /// The link to show with it.
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// What goes with it: nothing but what the screen shows.
    pub fn attachment(&self) -> Option<&Attachment> {
        self.attachment.as_ref()
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut said = serializer.serialize_map(None)?;
        said.serialize_entry("text", &self.text)?;
        if !self.buttons.is_empty() {
            said.serialize_entry(if self.is_list { "list" } else { "buttons" }, &self.buttons)?;
        }
        if let Some(link) = &self.link {
            said.serialize_entry("link", link)?;
        }
        if let Some((name, value)) = self.attachment.as_ref().and_then(written) {
            said.serialize_entry(name, &value)?;
        }
        said.end()
    }
}

/// What goes with a message, under the name that it has there; none if this release does not know it.
fn written(attachment: &Attachment) -> Option<(&'static str, Value)> {
    Some(match attachment {
        Attachment::Image(file) => ("image", file_written(file)),
        Attachment::File(file) => ("file", file_written(file)),
        Attachment::Place(place) => (
            "location",
            without_nulls(json!({
                "latitude": place.latitude(), "longitude": place.longitude(),
                "name": place.name(), "address": place.address(),
            })),
        ),
        Attachment::Contact(contact) => {
            ("contact", json!({"name": contact.name(), "phones": contact.phones(), "emails": contact.emails()}))
        }
        Attachment::Template(template) => (
            "template",
            json!({
                "name": template.name(), "language": template.language(), "parameters": template.parameters(),
            }),
        ),
        _ => return None,
    })
}

/// By its address, or by the reference under which the platform has sent it.
fn file_written(file: &FileToSend) -> Value {
    let reference = file.media().map(flow_core::Media::reference);
    without_nulls(json!({"url": file.url(), "reference": reference, "name": file.name()}))
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({} bytes, {} choices", self.text.len(), self.buttons.len())?;
        match &self.attachment {
            Some(attachment) => write!(f, ", {})", attachment.kind()),
            None => f.write_str(")"),
        }
    }
}

impl fmt::Debug for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Button({} bytes)", self.label.len())
    }
}
