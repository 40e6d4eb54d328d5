//! What an update says to a bot: [`Incoming`].

use flow_core::{Command, Contact, Input, Media, MediaKind, Place};
use flow_http::platform::Arrived;

use crate::{
    chat::Chat,
    press::Press,
    update::{self, CallbackQuery, File, Happened, Message, Update, User},
};

/// What an update says to a bot.
#[derive(Default)]
pub(crate) struct Incoming {
    /// What was said, if the bot has a use for it.
    pub(crate) arrived: Option<Arrived>,
    /// The button that was pressed, if one was.
    pub(crate) press: Option<Press>,
    /// Whether it is of a kind that is known, and has a shape that is not.
    pub(crate) is_strange: bool,
}

impl Incoming {
    /// What this update says to the bot of this name, if its name is known.
    pub(crate) fn read(update: Update, bot: Option<&str>) -> Self {
        match update.happened() {
            Happened::Message(message) => Self { arrived: said(*message, bot), ..Self::default() },
            Happened::Press(press) => pressed(*press),
            Happened::Other => Self::default(),
            Happened::Strange => Self { is_strange: true, ..Self::default() },
        }
    }
}

/// What was said in a chat. What bots say is not answered: two of them would never end. A message that stands in a group in the name of
/// a channel, or of the group, is said by a bot of Telegram's.
fn said(message: Message, bot: Option<&str>) -> Option<Arrived> {
    let from = message.from.as_ref().filter(|from| !from.is_bot && !message.is_automatic_forward)?;
    let (from, language) = (from.id, from.language_code.clone());
    let chat = chat_of(&message.chat, message.message_thread_id, message.is_topic_message)?;
    let writer = writer_at(&message.chat, from);
    // Unique in its chat. An update has a number too, which begins anew after a week without any.
    let id = format!("m{}", message.message_id);
    let input = input(message, from, bot)?.with_id(id);
    let input = match language {
        Some(language) => input.with_language(language),
        None => input,
    };
    Some(chat.said(input, writer))
}

fn input(mut message: Message, from: i64, bot: Option<&str>) -> Option<Input> {
    if let Some(text) = message.text.take() {
        return words(text, bot);
    }
    if let Some(media) = media(&mut message) {
        return Some(match message.caption {
            Some(caption) => media.with_caption(caption).into(),
            None => media.into(),
        });
    }
    // A venue has its location beside it, too.
    if let Some(venue) = message.venue {
        let place = Place::new(venue.location.latitude, venue.location.longitude).ok()?;
        return Some(place.with_name(venue.title).with_address(venue.address).into());
    }
    if let Some(location) = message.location {
        return Place::new(location.latitude, location.longitude).ok().map(Input::from);
    }
    message.contact.map(|contact| card(contact, from).into())
}

/// Words, or a command; none if the command is for another bot of the group.
fn words(text: String, bot: Option<&str>) -> Option<Input> {
    let Some(command) = Command::written(&text) else { return Some(Input::text(text)) };
    let first = text.split_whitespace().next().unwrap_or_default();
    match (first.split_once('@'), bot) {
        (Some((_, named)), Some(bot)) if !named.eq_ignore_ascii_case(bot) => None,
        _ => Some(command.into()),
    }
}

fn media(message: &mut Message) -> Option<Media> {
    // The largest of its sizes.
    if let Some(photo) = message.photo.drain(..).max_by_key(|size| size.width.saturating_mul(size.height)) {
        return Some(file(MediaKind::Image, photo));
    }
    // An animation stands there as a document, too.
    let kinds = [
        (MediaKind::Video, message.animation.take()),
        (MediaKind::Video, message.video.take()),
        (MediaKind::Video, message.video_note.take()),
        (MediaKind::Voice, message.voice.take()),
        (MediaKind::Audio, message.audio.take()),
        (MediaKind::Sticker, message.sticker.take()),
        (MediaKind::Document, message.document.take()),
    ];
    kinds.into_iter().find_map(|(kind, told)| told.map(|told| file(kind, told)))
}

fn file(kind: MediaKind, told: File) -> Media {
    let mut media = Media::new(kind, told.file_id);
    if let Some(size) = told.file_size {
        media = media.with_size(size);
    }
    if let Some(media_type) = told.mime_type {
        media = media.with_media_type(media_type);
    }
    match told.file_name {
        Some(name) => media.with_file_name(name),
        None => media,
    }
}

fn card(contact: update::Contact, from: i64) -> Contact {
    let name = [Some(contact.first_name), contact.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let number = contact.phone_number;
    // The number of the visitor's own account has its country's code, and often no `+` before it. A number of an address book
    // stands there as somebody wrote it.
    let is_own = contact.user_id == Some(from);
    let lacks_plus = is_own && number.bytes().all(|byte| byte.is_ascii_digit());
    let card = Contact::new(name).with_phone(if lacks_plus { format!("+{number}") } else { number });
    let card = emails(&contact.vcard).fold(card, Contact::with_email);
    if is_own { card.with_own() } else { card }
}

/// The e-mail addresses of a vCard: `EMAIL;TYPE=work:ana@example.com`.
fn emails(vcard: &str) -> impl Iterator<Item = &str> {
    let lines = vcard.lines().filter_map(|line| line.split_once(':'));
    let emails = lines.filter(|(name, _)| {
        let name = name.split(';').next().unwrap_or_default();
        name.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case("EMAIL"))
    });
    emails.map(|(_, address)| address.trim()).filter(|address| !address.is_empty())
}

fn pressed(CallbackQuery { id, from, message, data }: CallbackQuery) -> Incoming {
    // A button of a game has no data, and one of an inline message is in no chat that the bot knows.
    let (Some(message), Some(data)) = (message, data) else {
        return Incoming { press: Some(Press::of(id)), ..Incoming::default() };
    };
    let arrived = arrived_press(&id, &from, &message, data.clone());
    let press = Press::under(id, &data, message);
    Incoming { arrived, press: Some(press), is_strange: false }
}

fn arrived_press(id: &str, from: &User, message: &update::Pressed, data: String) -> Option<Arrived> {
    let chat = chat_of(&message.chat, message.message_thread_id, message.is_topic_message)?;
    let input = Input::button(data).with_id(format!("c{id}"));
    let input = match &from.language_code {
        Some(language) => input.with_language(language),
        None => input,
    };
    Some(chat.said(input, writer_at(&message.chat, from.id)))
}

/// The chat, unless it is a channel: nobody speaks with a bot there.
fn chat_of(chat: &update::Chat, thread: Option<i64>, is_topic: bool) -> Option<Chat> {
    // Outside of topics the number of a thread says which message is answered, and leads nowhere.
    (chat.kind != "channel").then_some(Chat { id: chat.id, topic: thread.filter(|_| is_topic) })
}

/// The writer, where there are several.
fn writer_at(chat: &update::Chat, from: i64) -> Option<i64> {
    (chat.kind != "private").then_some(from)
}
