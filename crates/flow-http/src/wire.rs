//! What is said, as it goes over the wire.

use chrono::{DateTime, Utc};
use flow_core::{Attachment, Bookmark, Collected, FileToSend, Reply};
use serde::{Deserialize, Serialize};

/// What a client says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// Made by the client, and the same however often it is sent.
    pub(crate) id: String,
    pub(crate) text: Option<String>,
    /// The button that was pressed.
    pub(crate) press: Option<String>,
    /// The last reply that the client has.
    pub(crate) seen: Option<Bookmark>,
}

/// A reply, as a client is told it.
#[derive(Serialize)]
pub(crate) struct Told<'r> {
    pub(crate) id: Bookmark,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'r str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<Pressable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<Attached<'r>>,
    at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Pressable {
    label: String,
    press: String,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Attached<'r> {
    Image(Linked<'r>),
    File(Linked<'r>),
    Place {
        latitude: f64,
        longitude: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<&'r str>,
    },
    Contact {
        name: &'r str,
        phones: &'r [String],
        emails: &'r [String],
    },
}

#[derive(Serialize)]
struct Linked<'r> {
    url: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
}

impl<'r> From<&'r Collected> for Told<'r> {
    fn from(said: &'r Collected) -> Self {
        let reply = &said.reply;
        let buttons = reply.buttons();
        let buttons =
            buttons.iter().map(|button| Pressable { label: button.label().into(), press: button.token().into() });
        Self {
            id: said.bookmark,
            text: reply.text(),
            buttons: buttons.collect(),
            link: reply.link(),
            attachment: attached(reply),
            at: said.at,
        }
    }
}

/// What goes with a reply, as far as a page can show it: a file of another channel and a template cannot be.
fn attached(reply: &Reply) -> Option<Attached<'_>> {
    match reply.attachment()? {
        Attachment::Image(file) => link(file).map(Attached::Image),
        Attachment::File(file) => link(file).map(Attached::File),
        Attachment::Place(place) => Some(Attached::Place {
            latitude: place.latitude(),
            longitude: place.longitude(),
            label: place.name().or(place.address()),
        }),
        Attachment::Contact(contact) => {
            Some(Attached::Contact { name: contact.name(), phones: contact.phones(), emails: contact.emails() })
        }
        _ => None,
    }
}

fn link(file: &FileToSend) -> Option<Linked<'_>> {
    Some(Linked { url: file.url()?, name: file.name() })
}
