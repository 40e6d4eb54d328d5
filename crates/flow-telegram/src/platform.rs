//! Telegram as a platform: what a request of it is, and what it is sent.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use flow_core::{
    Fate,
    engine::{Doubt, Scope},
};
use flow_http::{
    axum::Json,
    platform::{Arrivals, Counted, Forged, Hook, Pace, Part, Platform, Rate, Screen, Unreadable},
};
use serde_json::{Map, Value};

use crate::{
    Method, Telegram,
    bot_api::Failure,
    chat::Chat,
    keyboard,
    reading::Incoming,
    refusal::{Meaning, Refusal},
    update::Update,
};

/// `sendMessage`: 1-4096 characters. Telegram counts them in UTF-16 ("Formatting options", `MessageEntity`).
const LONGEST_TEXT: usize = 4096;

/// `sendPhoto`, `sendDocument`: a caption of 0-1024 characters.
const LONGEST_CAPTION: usize = 1024;

/// How long a channel rests whose token Telegram does not know. An operator has to come.
const UNTIL_AN_OPERATOR_CAME: Duration = Duration::from_secs(60);

/// A message is sent three times at most: the group may have moved, and what it shows may have to be told in words.
const TRIES: usize = 3;

/// What a chat and a group take.
const A_CHAT: Pace = Pace::NONE.chat(Rate::per_second(1).burst(3)).group(Rate::per_minute(20).at_once(5));

#[async_trait]
impl Platform for Telegram {
    const SCREEN: Screen = Screen::of_text(LONGEST_TEXT)
        .counted(Counted::Utf16)
        .buttons(keyboard::MOST, keyboard::LONGEST_LABEL, keyboard::LARGEST_DATA)
        .links()
        .images(LONGEST_CAPTION)
        .files(LONGEST_CAPTION)
        .places()
        .contacts();

    /// A message may bring the one that it answers, with a hundred buttons and their addresses.
    const LARGEST_REQUEST: usize = 1 << 20;

    /// "My bot is hitting limits, how do I avoid this?" ("Bots FAQ"): about 30 messages a second in all; one a second in a chat, where
    /// short bursts pass; 20 a minute in a group.
    const PACE: Pace = A_CHAT.overall(Rate::per_second(30));

    type Wire = Method;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let given = hook.header("x-telegram-bot-api-secret-token").ok_or(Forged::Unsigned)?;
        // No short cut: the time does not tell which of them it was.
        let is_ours = self.secret.is(given) | self.previous_secret.as_ref().is_some_and(|secret| secret.is(given));
        if is_ours { Ok(()) } else { Err(Forged::Wrong) }
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        let update: Update = hook.json()?;
        let incoming = self.incoming(update);
        let arrivals = Arrivals::of(incoming.arrived);
        let Some(press) = incoming.press else { return Ok(arrivals) };
        // Telegram does in the answer what it would do in a call.
        let arrivals = arrivals.answered(Json(press.acknowledged()));
        if !self.takes_buttons_away || !press.takes_buttons_away() {
            return Ok(arrivals);
        }
        let api = self.api.clone();
        Ok(arrivals.afterwards(async move { press.take_buttons_away(&api).await }))
    }

    /// The numbers of groups are negative.
    fn is_group(&self, place: &str) -> bool {
        Chat::at(place).is_some_and(|chat| chat.id < 0)
    }

    fn render(&self, part: &Part<'_>) -> Method {
        Method::of(part)
    }

    async fn send(&self, place: &str, method: &Method, _key: &str) -> Result<(), Fate> {
        let chat = Chat::at(place).ok_or_else(|| Fate::never("the address is no chat of Telegram"))?;
        let (mut chat, mut method) = (self.moved.now(chat), method.clone());
        for _ in 0..TRIES {
            let refusal = match self.say(chat, &method).await {
                Ok(()) => return Ok(()),
                Err(Failure::NoAnswer(no_answer)) => return Err(no_answer.into()),
                Err(Failure::Unreadable) => return Err(Fate::in_doubt("the answer cannot be read")),
                Err(Failure::Refused(refusal)) => refusal,
            };
            match (refusal.meaning(), method.in_words()) {
                (Meaning::Moved(to), _) if to != chat.id => {
                    self.moved.note(chat.id, to);
                    chat.id = to;
                }
                (Meaning::NotFetched, Some(in_words)) => method = in_words,
                _ => return Err(self.fate(chat, &refusal)),
            }
        }
        Err(Fate::never("the group moves from chat to chat"))
    }

    fn in_doubt(&self) -> Doubt {
        self.in_doubt
    }

    async fn typing(&self, place: &str) {
        let Some(chat) = Chat::at(place) else { return };
        let mut asked = Map::from_iter([("action".to_owned(), "typing".into())]);
        self.moved.now(chat).write(&mut asked);
        let _ = self.api.ask::<bool>("sendChatAction", &asked).await;
    }
}

impl Telegram {
    /// How fast a bot may send that [pays for it](Self::paid_broadcasts): 1,000 messages a second in all, and to each chat as any other.
    pub const PAID_PACE: Pace = A_CHAT.overall(Rate::per_second(1_000));

    /// What an update says to this bot.
    pub(crate) fn incoming(&self, update: Update) -> Incoming {
        let incoming = Incoming::read(update, self.username.get().map(String::as_str));
        if incoming.is_strange {
            tracing::warn!(bot = self.bot(), "an update of Telegram has a shape that is not known, and is left out");
        }
        incoming
    }

    async fn say(&self, chat: Chat, method: &Method) -> Result<(), Failure> {
        let mut asked = method.given().clone();
        chat.write(&mut asked);
        if self.pays {
            asked.insert("allow_paid_broadcast".to_owned(), true.into());
        }
        self.api.ask::<Value>(method.name(), &asked).await.map(|_| ())
    }

    fn fate(&self, chat: Chat, refusal: &Refusal) -> Fate {
        match refusal.meaning() {
            Meaning::BadToken => {
                self.tell_bad_token();
                Fate::again_after(UNTIL_AN_OPERATOR_CAME, Scope::Channel)
            }
            Meaning::NotYet(wait) => Fate::again_after(wait, self.floods.scope(chat.id, wait, Instant::now())),
            Meaning::NotBegun => std::io::Error::other("Telegram is about to restart").into(),
            Meaning::Elsewhere => {
                std::io::Error::other(format!("something else than Telegram has answered, with {}", refusal.code))
                    .into()
            }
            Meaning::Unknown => Fate::in_doubt("something went wrong at Telegram's"),
            Meaning::Never(reason) => Fate::never(reason),
            Meaning::NotFetched => Fate::never("Telegram does not find the file any more"),
            Meaning::Moved(_) => Fate::never("the group has moved to where it was"),
        }
    }

    pub(crate) fn tell_bad_token(&self) {
        tracing::error!(
            bot = self.bot(),
            "Telegram does not know the bot by its token, and nothing is sent or heard until it does"
        );
    }
}
