//! Somebody who writes to the bot: a [`Visitor`].

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::chats::{Button, Chats, Message};

/// How long a visitor waits for the bot unless it is said.
const PATIENCE: Duration = Duration::from_secs(10);

/// A person in a chat, on whichever platform: what they do, and what they see. All stubs give the same, so one script plays on all of them.
///
/// What a visitor does is on its way at once; what comes back is waited for.
///
/// ```no_run
/// # use flow_testkit::stubs::Visitor;
/// # async fn example(ada: Visitor) {
/// ada.says("book");
/// let question = ada.hears().await;
/// assert_eq!(question.text(), "For how many?");
/// ada.presses("Two");
/// ada.presses("Two"); // a double tap
/// # }
/// ```
#[derive(Clone)]
pub struct Visitor {
    messenger: Arc<dyn Messenger>,
    person: Person,
    patience: Duration,
}

/// Who it is, and where.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) chat: String,
    pub(super) user: String,
    pub(super) name: String,
}

/// What a visitor does.
pub(super) enum Act {
    Says { text: String, in_reply_to: Option<String> },
    Presses { message: Box<Message>, button: Button },
    SendsFile { kind: FileKind, name: String, media_type: String, bytes: Bytes, caption: String },
    SharesPlace { latitude: f64, longitude: f64 },
    SharesContact { name: String, phone: String, is_own: bool },
    Edits { text: String },
    Blocks,
    Unblocks,
    Starts { payload: String },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Photo,
    Document,
    Voice,
}

/// A platform, as its visitors use it.
pub(super) trait Messenger: Send + Sync {
    fn chats(&self) -> &Chats;

    /// Does it. Fails with why it cannot be done there.
    fn act(self: Arc<Self>, person: &Person, act: Act) -> Result<(), String>;
}

impl Visitor {
    pub(super) fn new(messenger: Arc<dyn Messenger>, person: Person) -> Self {
        Self { messenger, person, patience: PATIENCE }
    }

    /// The same, called so.
    #[must_use]
    pub fn called(mut self, name: impl Into<String>) -> Self {
        self.person.name = name.into();
        self
    }

    /// The same, who waits so long for the bot. Ten seconds unless set.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The platform's id of the chat.
    pub fn chat(&self) -> &str {
        &self.person.chat
    }

    /// Writes this.
    pub fn says(&self, text: impl Into<String>) {
        self.act(Act::Says { text: text.into(), in_reply_to: None });
    }

    /// Writes this as a reply to a message.
    pub fn replies(&self, message: &Message, text: impl Into<String>) {
        self.act(Act::Says { text: text.into(), in_reply_to: Some(message.id.clone()) });
    }

    /// Opens the bot by a link with this payload; without one, by the platform's own button to begin.
    pub fn starts(&self, payload: impl Into<String>) {
        self.act(Act::Starts { payload: payload.into() });
    }

    /// Presses the button, or picks the row, with this label: that of the newest message that ever had one.
    ///
    /// A button that the bot took away meanwhile can be pressed, as on a phone that has not heard of it yet.
    ///
    /// Panics, with the labels that there are, if there is none or it is a link.
    pub fn presses(&self, label: &str) {
        let Some(message) = self.messenger.chats().newest(self.chat(), |message| message.button(label).is_some())
        else {
            let all = self.messenger.chats().all(self.chat());
            let labels: Vec<_> = all.iter().flat_map(|message| &message.buttons).map(Button::label).collect();
            panic!("there is no button {label:?}, but {labels:?}");
        };
        self.presses_of(&message, label);
    }

    /// Presses the button, or picks the row, of this message.
    ///
    /// Panics, with the labels that there are, if there is none or it is a link.
    pub fn presses_of(&self, message: &Message, label: &str) {
        let Some(button) = message.button(label) else {
            let labels: Vec<_> = message.buttons.iter().map(Button::label).collect();
            panic!("there is no button {label:?}, but {labels:?}");
        };
        self.act(Act::Presses { message: Box::new(message.clone()), button: button.clone() });
    }

    /// Sends a picture (a JPEG), with a text under it if that is not empty.
    pub fn sends_photo(&self, bytes: impl Into<Bytes>, caption: &str) {
        self.sends(FileKind::Photo, "photo.jpg", "image/jpeg", bytes, caption);
    }

    /// Sends a file of this name and media type.
    pub fn sends_file(&self, name: &str, media_type: &str, bytes: impl Into<Bytes>) {
        self.sends(FileKind::Document, name, media_type, bytes, "");
    }

    /// Sends what was spoken (Ogg with Opus).
    pub fn sends_voice(&self, bytes: impl Into<Bytes>) {
        self.sends(FileKind::Voice, "voice.ogg", "audio/ogg", bytes, "");
    }

    /// Tells where it is.
    pub fn shares_location(&self, latitude: f64, longitude: f64) {
        self.act(Act::SharesPlace { latitude, longitude });
    }

    /// Shares its own number.
    pub fn shares_own_contact(&self, phone: &str) {
        self.act(Act::SharesContact { name: self.person.name.clone(), phone: phone.to_owned(), is_own: true });
    }

    /// Shares somebody else's card.
    pub fn shares_contact(&self, name: &str, phone: &str) {
        self.act(Act::SharesContact { name: name.to_owned(), phone: phone.to_owned(), is_own: false });
    }

    /// Changes the text of its last message.
    ///
    /// Panics if it has written none.
    pub fn edits(&self, text: impl Into<String>) {
        self.act(Act::Edits { text: text.into() });
    }

    /// Wants nothing of the bot any more; in a group, removes it.
    pub fn blocks(&self) {
        self.act(Act::Blocks);
    }

    /// Lets the bot write again.
    pub fn unblocks(&self) {
        self.act(Act::Unblocks);
    }

    /// All that the bot sent here, in order, as it stands now.
    pub fn heard(&self) -> Vec<Message> {
        let mut all = self.messenger.chats().all(self.chat());
        all.retain(Message::is_of_bot);
        all
    }

    /// The texts of all that the bot sent here.
    pub fn texts(&self) -> Vec<String> {
        self.heard().into_iter().map(|message| message.text).collect()
    }

    /// The next message of the bot, in order: each is given once.
    ///
    /// Panics if it does not come in time.
    pub async fn hears(&self) -> Message {
        self.until(|| self.messenger.chats().take(self.chat()), || "nothing more came".to_owned()).await
    }

    /// All that the bot sent here, once it is this many.
    ///
    /// Panics if they do not come in time.
    pub async fn waits_for(&self, count: usize) -> Vec<Message> {
        let is_there = || (self.messenger.chats().heard(self.chat()) >= count).then_some(());
        self.until(is_there, || format!("{count} were to come")).await;
        self.heard()
    }

    fn sends(&self, kind: FileKind, name: &str, media_type: &str, bytes: impl Into<Bytes>, caption: &str) {
        let (name, media_type, caption) = (name.to_owned(), media_type.to_owned(), caption.to_owned());
        self.act(Act::SendsFile { kind, name, media_type, bytes: bytes.into(), caption });
    }

    fn act(&self, act: Act) {
        if let Err(why) = Arc::clone(&self.messenger).act(&self.person, act) {
            panic!("{why}");
        }
    }

    async fn until<T>(&self, mut there: impl FnMut() -> Option<T>, missing: impl Fn() -> String) -> T {
        let deadline = Instant::now() + self.patience;
        let changed = self.messenger.chats().changed(self.chat());
        loop {
            let next = changed.notified();
            tokio::pin!(next);
            // Before it is looked, so that what comes between is not missed.
            next.as_mut().enable();
            if let Some(found) = there() {
                return found;
            }
            let in_time = timeout_at(deadline, next).await;
            assert!(in_time.is_ok(), "{} in {:?}; there is {:#?}", missing(), self.patience, self.texts());
        }
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor").field("chat", &self.person.chat).finish_non_exhaustive()
    }
}
