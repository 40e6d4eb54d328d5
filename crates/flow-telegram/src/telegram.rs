//! A bot on Telegram: [`Telegram`].

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use flow_core::engine::Doubt;
use flow_http::client::Client;

use crate::{
    BadSecret, BadToken,
    bot_api::{BotApi, TELEGRAM},
    flood::Floods,
    moved::Moved,
    token::Token,
    webhook_secret::WebhookSecret,
};

/// A bot on Telegram, as BotFather made it. Clones are the same bot.
///
/// It is the platform of a [`Line`](flow_http::platform::Line), gets [the files](flow_core::Fetch) that visitors send, and
/// [sets its own webhook](Self::register):
///
/// ```no_run
/// # use flow_core::{EngineBuilder, Flow, Secret};
/// use flow_http::{Site, platform::Line};
/// # use flow_memory::MemoryStore;
/// use flow_telegram::Telegram;
///
/// # async fn example<F: Flow>(builder: EngineBuilder<F>, token: &str, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let telegram = Telegram::new(token)?;
/// let line = Line::new("telegram", telegram.clone(), secret);
/// let builder = builder.channel(line.name(), line.clone()).fetch_media(telegram.clone());
/// let engine = builder.store(MemoryStore::new());
/// engine.worker().start();
/// let site = Site::new(engine).webhook("/hooks/telegram", &line)?;
/// telegram.register("https://bot.example.com/hooks/telegram").await?;
/// println!("{}", telegram.check().await?);
/// # let _ = site;
/// # Ok(())
/// # }
/// ```
///
/// # What comes in
///
/// | on Telegram | in the flow |
/// | --- | --- |
/// | text | [`Input::Text`](flow_core::Input) |
/// | `/book`, `/start lisbon` of `t.me/salon_bot?start=lisbon` | a [`Command`](flow_core::Command); one for another bot is left out |
/// | a button | [`Input::Button`](flow_core::Input) |
/// | photo (the largest of its sizes), video, animation, video message, voice message, audio, document, sticker | a [`Media`](flow_core::Media) with Telegram's `file_id`, fetched when a handler asks |
/// | place, venue | a [`Place`](flow_core::Place) |
/// | card | a [`Contact`](flow_core::Contact); the visitor's own [is known](flow_core::Contact::is_own), and its number has the `+` |
///
/// An edit is no new answer, and left out; so are posts of channels, what other bots say, polls, dice, and what Telegram adds later.
/// In a group each writer has a conversation of their own, and in a group with topics one for each topic.
///
/// # What goes out
///
/// Texts of up to 4096 characters, up to 100 buttons in rows, links as buttons, pictures and files by their address or as a visitor sent
/// them, places, cards. What Telegram cannot fetch, or takes no link to, is told in words. No text is markup.
///
/// `Debug` shows the bot's number, and neither its token nor its secret.
#[derive(Clone)]
pub struct Telegram {
    pub(crate) api: BotApi,
    pub(crate) secret: WebhookSecret,
    pub(crate) previous_secret: Option<WebhookSecret>,
    pub(crate) in_doubt: Doubt,
    pub(crate) takes_buttons_away: bool,
    /// Whether it sends more than is free.
    pub(crate) pays: bool,
    /// The bot's name, once it is known.
    pub(crate) username: Arc<OnceLock<String>>,
    pub(crate) floods: Arc<Floods>,
    pub(crate) moved: Arc<Moved>,
}

impl Telegram {
    /// The bot of this token, which BotFather gives.
    ///
    /// Fails if it has not the shape of one. Whether Telegram knows it is told by [`check`](Self::check).
    pub fn new(token: impl AsRef<str>) -> Result<Self, BadToken> {
        let token = Token::new(token.as_ref())?;
        Ok(Self {
            secret: WebhookSecret::of(&token),
            previous_secret: None,
            api: BotApi { client: Client::new(), base: TELEGRAM.into(), token },
            in_doubt: Doubt::default(),
            takes_buttons_away: true,
            pays: false,
            username: Arc::default(),
            floods: Arc::default(),
            moved: Arc::default(),
        })
    }

    /// With this secret, which Telegram writes into each request to the webhook. Unless it is set, it is made of the token, so that a
    /// bot has one of its own in any case.
    ///
    /// Fails if it has fewer than 16 characters, or others than `A-Z a-z 0-9 _ -`.
    pub fn secret(self, secret: impl Into<String>) -> Result<Self, BadSecret> {
        Ok(Self { secret: WebhookSecret::new(secret.into())?, ..self })
    }

    /// With the secret that was set before, which still counts: until [`register`](Self::register) has told Telegram the new one, and
    /// for what Telegram was delivering then.
    pub fn previous_secret(self, secret: impl Into<String>) -> Result<Self, BadSecret> {
        Ok(Self { previous_secret: Some(WebhookSecret::new(secret.into())?), ..self })
    }

    /// By way of this server, which speaks the Bot API: one of one's own, or a stub. Unless it is set, Telegram's.
    #[must_use]
    pub fn api(mut self, base: impl AsRef<str>) -> Self {
        self.api.base = base.as_ref().trim_end_matches('/').into();
        self
    }

    /// With this client.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.api.client = client;
        self
    }

    /// What to do with a message of which it is not known whether Telegram sent it: Telegram knows no keys, and cannot be asked. Unless
    /// it is set, it is sent again, rather twice than never.
    #[must_use]
    pub fn in_doubt(self, doubt: Doubt) -> Self {
        Self { in_doubt: doubt, ..self }
    }

    /// Leaves the buttons of a question where they are when one of them was pressed. Unless it is said, they are taken away, except in
    /// groups; what works at any time, and links, stay.
    #[must_use]
    pub fn keeps_buttons(self) -> Self {
        Self { takes_buttons_away: false, ..self }
    }

    /// Sends more messages in a second than are free, for a fee in Telegram Stars a message (`allow_paid_broadcast`: 0.1 each, from the
    /// bot's balance, when its documentation was read). The line is told that it may:
    ///
    /// ```no_run
    /// # use flow_core::Secret;
    /// # use flow_http::platform::Line;
    /// # use flow_telegram::Telegram;
    /// # fn example(telegram: Telegram, secret: Secret) -> Line<Telegram> {
    /// Line::new("telegram", telegram.paid_broadcasts(), secret).pace(Telegram::PAID_PACE)
    /// # }
    /// ```
    #[must_use]
    pub fn paid_broadcasts(self) -> Self {
        Self { pays: true, ..self }
    }

    /// With the bot's name, as it is in `t.me/salon_bot`: so that a command for another bot of a group (`/help@other_bot`) is none for
    /// this one. [`check`](Self::check), [`register`](Self::register) and [`Polling`](crate::Polling) find it out.
    #[must_use]
    pub fn username(self, name: impl AsRef<str>) -> Self {
        let username = OnceLock::from(name.as_ref().trim_start_matches('@').to_owned());
        Self { username: Arc::new(username), ..self }
    }

    /// The bot's number: the part of its token that is no secret.
    pub fn bot(&self) -> &str {
        self.api.token.bot()
    }
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram").field("bot", &self.bot()).finish_non_exhaustive()
    }
}
