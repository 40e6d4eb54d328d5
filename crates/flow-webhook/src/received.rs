//! What the platform sends, as it is documented.

use flow_core::{Button, Command, Contact, Input, Media, MediaKind, Place};
use flow_http::platform::{Arrivals, Arrived, Became, Hook, Receipt, Unreadable};
use serde::Deserialize;

/// What every request says of itself.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

/// `message.received`: where, by whom, and one thing that was said.
#[derive(Deserialize)]
struct Received {
    chat: String,
    writer: Option<String>,
    language: Option<String>,
    text: Option<String>,
    button: Option<String>,
    /// What was written on the button.
    label: Option<String>,
    command: Option<String>,
    file: Option<File>,
    location: Option<Location>,
    contact: Option<Card>,
}

#[derive(Deserialize)]
struct File {
    kind: MediaKind,
    reference: String,
    media_type: Option<String>,
    size: Option<u64>,
    name: Option<String>,
    caption: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
    name: Option<String>,
    address: Option<String>,
}

#[derive(Deserialize)]
struct Card {
    name: String,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    emails: Vec<String>,
}

/// `message.sent` and the others: what became of a reply, by the id of the request that it came with.
#[derive(Deserialize)]
struct Told {
    chat: String,
    id: String,
    reason: Option<String>,
}

/// What stands in a request. One of a type that is not known is not for us.
pub(crate) fn read(hook: &Hook<'_>, id: &str) -> Result<Arrivals, Unreadable> {
    match &*hook.json::<Kind>()?.kind {
        "message.received" => message(hook, id),
        "message.sent" => receipt(hook, |_| Became::Sent),
        "message.delivered" => receipt(hook, |_| Became::Delivered),
        "message.read" => receipt(hook, |_| Became::Read),
        "message.failed" => {
            receipt(hook, |reason| Became::Failed(reason.unwrap_or_else(|| "no reason was told".to_owned())))
        }
        _ => Ok(Arrivals::none()),
    }
}

fn receipt(hook: &Hook<'_>, became: impl FnOnce(Option<String>) -> Became) -> Result<Arrivals, Unreadable> {
    let Told { chat, id, reason } = hook.json()?;
    Ok(Arrivals::none().with_receipts([Receipt::new(chat, id, became(reason))]))
}

fn message(hook: &Hook<'_>, id: &str) -> Result<Arrivals, Unreadable> {
    let received: Received = hook.json()?;
    let (chat, writer, language) = (received.chat.clone(), received.writer.clone(), received.language.clone());
    if chat.is_empty() {
        return Err(Unreadable::because("`chat` is empty"));
    }
    let mut message = received.input()?.with_id(id);
    if let Some(language) = language {
        message = message.with_language(language);
    }
    let arrived = Arrived::new(chat, message);
    Ok(Arrivals::of([match writer {
        Some(writer) => arrived.by(writer),
        None => arrived,
    }]))
}

impl Received {
    /// The one thing that was said.
    fn input(self) -> Result<Input, Unreadable> {
        let mut said = Vec::new();
        said.extend(self.text.map(Input::Text));
        said.extend(self.button.map(|token| pressed(token, self.label)));
        if let Some(command) = self.command {
            let written = Command::written(&format!("/{}", command.trim_start_matches('/')));
            said.push(written.ok_or_else(|| Unreadable::because("`command` is no name of a command"))?.into());
        }
        said.extend(self.file.map(Input::from));
        if let Some(location) = self.location {
            said.push(location.place()?.into());
        }
        said.extend(self.contact.map(Input::from));
        let only = (said.len() == 1).then(|| said.pop()).flatten();
        let one_of =
            "`text`, `button`, `command`, `file`, `location` or `contact` is to be there, and one of them alone";
        only.ok_or_else(|| Unreadable::because(one_of))
    }
}

fn pressed(token: String, label: Option<String>) -> Input {
    let button = Button::new(token);
    Input::Button(match label {
        Some(label) => button.with_label(label),
        None => button,
    })
}

impl Location {
    fn place(self) -> Result<Place, Unreadable> {
        let place = Place::new(self.latitude, self.longitude);
        let mut place = place.map_err(|_| Unreadable::because("`location` is nowhere on earth"))?;
        if let Some(name) = self.name {
            place = place.with_name(name);
        }
        if let Some(address) = self.address {
            place = place.with_address(address);
        }
        Ok(place)
    }
}

impl From<File> for Input {
    fn from(file: File) -> Self {
        let mut media = Media::new(file.kind, file.reference);
        if let Some(media_type) = file.media_type {
            media = media.with_media_type(media_type);
        }
        if let Some(size) = file.size {
            media = media.with_size(size);
        }
        if let Some(name) = file.name {
            media = media.with_file_name(name);
        }
        if let Some(caption) = file.caption {
            media = media.with_caption(caption);
        }
        media.into()
    }
}

impl From<Card> for Input {
    fn from(card: Card) -> Self {
        let contact = card.phones.into_iter().fold(Contact::new(card.name), Contact::with_phone);
        card.emails.into_iter().fold(contact, Contact::with_email).into()
    }
}
