//! What a visitor says: a [`Message`].

use flow_core::{self as engine, Button, Contact, Input, Media, MediaKind, Place};
use serde::Deserialize;

/// A message of a visitor. A field has the name of its type.
#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) from: Option<String>,
    #[serde(default)]
    pub(crate) from_user_id: Option<String>,
    #[serde(default)]
    group_id: Option<String>,
    #[serde(flatten)]
    said: Said,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Text { text: Text },
    Interactive { interactive: Interactive },
    Button { button: QuickReply },
    Image { image: File },
    Video { video: File },
    Audio { audio: File },
    Voice { voice: File },
    Document { document: File },
    Sticker { sticker: File },
    Location { location: Location },
    Contacts { contacts: Vec<Card> },
}

impl Message {
    /// What is said, under the message's id; nothing if it is a place where none can be.
    ///
    /// Several cards in one message are several things said, each with an id of its own.
    pub(crate) fn said(self) -> Vec<engine::Message> {
        // It is for everybody in the group, and what a bot asks is for one.
        if self.group_id.is_some() {
            return Vec::new();
        }
        let id = self.id;
        let numbered = |(number, input): (usize, Input)| {
            let id = if number == 0 { id.clone() } else { format!("{id}/{}", number + 1) };
            input.with_id(id)
        };
        self.said.inputs().into_iter().enumerate().map(numbered).collect()
    }
}

impl Said {
    fn inputs(self) -> Vec<Input> {
        let input = match self {
            Self::Text { text } => Input::text(text.body),
            Self::Interactive { interactive: Interactive { button_reply: picked } } => pressed(picked.id, picked.title),
            Self::Button { button } => match button.payload.filter(|payload| !payload.is_empty()) {
                Some(payload) => pressed(payload, Some(button.text)),
                None => pressed(button.text, None),
            },
            Self::Image { image } => image.media(MediaKind::Image),
            Self::Video { video } => video.media(MediaKind::Video),
            Self::Audio { audio } if audio.voice => audio.media(MediaKind::Voice),
            Self::Audio { audio } => audio.media(MediaKind::Audio),
            Self::Voice { voice } => voice.media(MediaKind::Voice),
            Self::Document { document } => document.media(MediaKind::Document),
            Self::Sticker { sticker } => sticker.media(MediaKind::Sticker),
            Self::Location { location } => return location.place().map(Input::from).into_iter().collect(),
            Self::Contacts { contacts } => return contacts.into_iter().map(|card| card.contact().into()).collect(),
        };
        vec![input]
    }
}

fn pressed(payload: String, label: Option<String>) -> Input {
    let button = Button::new(payload);
    Input::Button(match label {
        Some(label) => button.with_label(label),
        None => button,
    })
}

impl File {
    fn media(self, kind: MediaKind) -> Input {
        let media = Media::new(kind, self.id);
        let media = self.mime_type.into_iter().fold(media, Media::with_media_type);
        let media = self.filename.into_iter().fold(media, Media::with_file_name);
        self.caption.into_iter().fold(media, Media::with_caption).into()
    }
}

impl Location {
    fn place(self) -> Option<Place> {
        let place = Place::new(self.latitude, self.longitude).ok()?;
        let place = self.name.into_iter().fold(place, Place::with_name);
        Some(self.address.into_iter().fold(place, Place::with_address))
    }
}

impl Card {
    fn contact(self) -> Contact {
        let contact = Contact::new(self.name.formatted_name.unwrap_or_default());
        let contact = self.phones.into_iter().filter_map(CardPhone::number).fold(contact, Contact::with_phone);
        self.emails.into_iter().filter_map(|card| card.email).fold(contact, Contact::with_email)
    }
}

impl CardPhone {
    /// With its country's code where WhatsApp knows it: the number of an account is told whole, the one on the card as it was written.
    fn number(self) -> Option<String> {
        match (self.phone, self.wa_id) {
            (Some(phone), _) if phone.trim_start().starts_with('+') => Some(phone),
            (_, Some(number)) => Some(format!("+{number}")),
            (phone, None) => phone,
        }
    }
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

/// A button or a row that was picked. Forms that were filled in come so, too, and are left out.
#[derive(Deserialize)]
struct Interactive {
    #[serde(alias = "list_reply")]
    button_reply: Picked,
}

#[derive(Deserialize)]
struct Picked {
    id: String,
    #[serde(default)]
    title: Option<String>,
}

/// A button of a template.
#[derive(Deserialize)]
struct QuickReply {
    #[serde(default)]
    payload: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct File {
    id: String,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default)]
    caption: Option<String>,
    #[serde(default)]
    filename: Option<String>,
    /// A recording that was made for this message.
    #[serde(default)]
    voice: bool,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

#[derive(Deserialize)]
struct Card {
    #[serde(default)]
    name: CardName,
    #[serde(default)]
    phones: Vec<CardPhone>,
    #[serde(default)]
    emails: Vec<CardEmail>,
}

#[derive(Default, Deserialize)]
struct CardName {
    #[serde(default)]
    formatted_name: Option<String>,
}

#[derive(Deserialize)]
struct CardPhone {
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    wa_id: Option<String>,
}

#[derive(Deserialize)]
struct CardEmail {
    #[serde(default)]
    email: Option<String>,
}
