//! What messages look like as JSON: a [`Format`], and the one that is documented.

use flow_http::platform::{Arrivals, Hook, Screen, Unreadable};
use serde_json::{Value, json};

use crate::{Said, received};

/// What messages look like as JSON, and what of them the platform can show.
///
/// Only the screen has to be said. Both functions are those of the [documented form](Messages) unless they are written:
///
/// ```
/// use flow_http::platform::Screen;
/// use flow_webhook::Format;
///
/// /// Text messages: choices are numbered lines, and pictures are their addresses.
/// struct Texts;
///
/// impl Format for Texts {
///     const SCREEN: Screen = Screen::of_text(160);
/// }
/// ```
///
/// A platform whose messages look otherwise:
///
/// ```
/// use flow_core::Input;
/// use flow_http::platform::{Arrivals, Arrived, Hook, Screen, Unreadable};
/// use flow_webhook::{Format, Said};
/// use serde::Deserialize;
/// use serde_json::{Value, json};
///
/// #[derive(Deserialize)]
/// struct Note {
///     customer: String,
///     words: String,
/// }
///
/// struct Notes;
///
/// impl Format for Notes {
///     const SCREEN: Screen = Screen::of_text(2_000).images(0);
///
///     fn read(&self, hook: &Hook<'_>, id: &str) -> Result<Arrivals, Unreadable> {
///         let note: Note = hook.json()?;
///         Ok(Arrivals::of([Arrived::new(note.customer, Input::text(note.words).with_id(id))]))
///     }
///
///     fn write(&self, chat: &str, said: &Said) -> Value {
///         let picture = said.attachment().and_then(|attachment| attachment.file()?.url());
///         json!({ "customer": chat, "words": said.text(), "picture": picture })
///     }
/// }
/// ```
pub trait Format: Send + Sync + 'static {
    /// What the platform can show, and how much of it.
    const SCREEN: Screen;

    /// What stands in a request of this id, whose signature is right: what was said, or nothing that the bot has a use for.
    ///
    /// A message has the id of its request, or one that is made of it if there are several: it is the same however often the
    /// platform delivers it.
    fn read(&self, hook: &Hook<'_>, id: &str) -> Result<Arrivals, Unreadable> {
        received::read(hook, id)
    }

    /// What is sent to the platform, for this chat.
    fn write(&self, chat: &str, said: &Said) -> Value {
        let mut message = json!({ "type": "message.send", "chat": chat });
        if let (Value::Object(message), Ok(Value::Object(said))) = (&mut message, serde_json::to_value(said)) {
            message.extend(said);
        }
        message
    }
}

/// The documented form, for a platform that shows whatever there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages;

impl Format for Messages {
    /// Long texts are cut so that a message stays below the 20 kB that the standard recommends.
    const SCREEN: Screen = Screen::of_text(4_000)
        .buttons(10, 80, 1_000)
        .list(100, 200, 1_000)
        .links()
        .images(1_000)
        .files(1_000)
        .places()
        .contacts()
        .templates();
}
