//! One message as Telegram is sent it: a [`Method`].

use std::fmt;

use flow_core::{Attachment, Contact, FileToSend, MediaKind, Place};
use flow_http::platform::{Offer, Part};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{card, keyboard};

/// One message as Telegram is sent it: a method of the Bot API, and what it is given, but for the chat.
///
/// It is written as JSON as Telegram takes a method in the answer to a webhook, with its name as `method`. `Debug` tells the name alone.
///
/// ```
/// use flow_core::Reply;
/// use flow_http::platform::rendered;
/// use flow_telegram::Telegram;
///
/// let telegram = Telegram::new("123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11")?;
/// let methods = rendered(&telegram, &Reply::new("Hello!"));
/// assert_eq!(serde_json::to_string(&methods)?, r#"[{"method":"sendMessage","text":"Hello!"}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct Method {
    #[serde(rename = "method")]
    name: &'static str,
    #[serde(flatten)]
    given: Map<String, Value>,
    /// What words say instead, where Telegram cannot fetch an address: the address itself.
    #[serde(skip)]
    address: Option<String>,
}

impl Method {
    /// The message that this part of a reply becomes.
    pub(crate) fn of(part: &Part<'_>) -> Self {
        let method = match part.attachment() {
            Some(Attachment::Image(file)) => Self::file(file, MediaKind::Image, part.text()),
            Some(Attachment::File(file)) => Self::file(file, MediaKind::Document, part.text()),
            Some(Attachment::Place(place)) => Self::place(place),
            Some(Attachment::Contact(contact)) => Self::contact(contact),
            _ => Self::text(part.text()),
        };
        let buttons = match part.offer() {
            Offer::Buttons(buttons) | Offer::List(buttons) => &buttons[..],
            _ => &[],
        };
        method.with_keyboard(buttons, part.link())
    }

    /// Its name, such as `sendMessage`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// What it is given, by the names of Telegram's documentation.
    pub fn given(&self) -> &Map<String, Value> {
        &self.given
    }

    /// The same in words, for what Telegram cannot fetch or takes no link to; none if that would be no other message.
    pub(crate) fn in_words(&self) -> Option<Self> {
        let address = self.address.as_deref()?;
        let said =
            ["text", "caption"].into_iter().find_map(|field| self.given.get(field)?.as_str()).unwrap_or_default();
        let words = if said.is_empty() { address.to_owned() } else { format!("{said}\n\n{address}") };
        let mut plain = Self::text(&words);
        let mut keyboard = self.given.get("reply_markup").cloned();
        if let Some(rows) = keyboard.as_mut().and_then(|keyboard| keyboard["inline_keyboard"].as_array_mut()) {
            // A link to what cannot be fetched stands in the words now. Another one stays.
            rows.retain(|row| row[0].get("url").is_none_or(|url| url != address));
            if !rows.is_empty() {
                plain.given.extend(keyboard.map(|keyboard| ("reply_markup".to_owned(), keyboard)));
            }
        }
        Some(plain)
    }

    fn new(name: &'static str, given: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let given = given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { name, given, address: None }
    }

    /// No `parse_mode`: nothing that is said is markup.
    fn text(text: &str) -> Self {
        Self::new("sendMessage", [("text", text.into())])
    }

    /// A file by its address, or as Telegram knows it: as what it was sent, since Telegram sends a picture as nothing else.
    fn file(file: &FileToSend, kind: MediaKind, caption: &str) -> Self {
        let kind = file.media().map_or(kind, flow_core::Media::kind);
        let (name, field) = match kind {
            MediaKind::Image => ("sendPhoto", "photo"),
            MediaKind::Video => ("sendVideo", "video"),
            MediaKind::Audio => ("sendAudio", "audio"),
            MediaKind::Voice => ("sendVoice", "voice"),
            // Nothing stands under a sticker: words go instead of it.
            MediaKind::Sticker if !caption.is_empty() => return Self::text(caption),
            MediaKind::Sticker => ("sendSticker", "sticker"),
            _ => ("sendDocument", "document"),
        };
        let source = file.url().or_else(|| file.media().map(flow_core::Media::reference)).unwrap_or_default();
        let mut method = Self::new(name, [(field, source.into())]);
        if !caption.is_empty() {
            method.given.insert("caption".to_owned(), caption.into());
        }
        Self { address: file.url().map(str::to_owned), ..method }
    }

    /// A venue has a name and an address: where one of them is missing, the degrees stand there.
    fn place(place: &Place) -> Self {
        let (latitude, longitude) = (place.latitude(), place.longitude());
        let at = [("latitude", latitude.into()), ("longitude", longitude.into())];
        let degrees = || format!("{latitude:.5}, {longitude:.5}");
        let (title, address) = match (place.name(), place.address()) {
            (None, None) => return Self::new("sendLocation", at),
            (Some(name), address) => (name.to_owned(), address.map_or_else(degrees, str::to_owned)),
            (None, Some(address)) => (address.to_owned(), degrees()),
        };
        Self::new("sendVenue", at.into_iter().chain([("title", title.into()), ("address", address.into())]))
    }

    /// A card without a number is no card for Telegram: it goes as words.
    fn contact(contact: &Contact) -> Self {
        let Some(phone) = contact.phones().first() else {
            let lines = [contact.name()].into_iter().chain(contact.emails().iter().map(String::as_str));
            return Self::text(&lines.collect::<Vec<_>>().join("\n"));
        };
        let phone = phone.as_str();
        // A card has a name.
        let name = if contact.name().trim().is_empty() { phone } else { contact.name() };
        let mut method = Self::new("sendContact", [("phone_number", phone.into()), ("first_name", name.into())]);
        if let Some(card) = card::of(contact) {
            method.given.insert("vcard".to_owned(), card.into());
        }
        method
    }

    fn with_keyboard(mut self, buttons: &[flow_core::ReplyButton<'_>], link: Option<&str>) -> Self {
        let pressed = link.filter(|link| keyboard::is_link(link));
        if let Some(keyboard) = keyboard::keyboard(buttons, pressed) {
            self.given.insert("reply_markup".to_owned(), keyboard);
        }
        match (link, pressed) {
            (Some(link), None) => self.with_words(link),
            (Some(link), _) if self.address.is_none() => self.address = Some(link.to_owned()),
            _ => {}
        }
        self
    }

    /// With this below its own words.
    fn with_words(&mut self, more: &str) {
        let field = if self.name == "sendMessage" { "text" } else { "caption" };
        let words = self.given.get(field).and_then(Value::as_str).unwrap_or_default();
        let words = if words.is_empty() { more.to_owned() } else { format!("{words}\n\n{more}") };
        self.given.insert(field.to_owned(), words.into());
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({})", self.name)
    }
}
