//! The name of a setting, and what is known of it: [`Key`].

use std::{borrow::Cow, fmt};

use super::reading::{Own, Takes};

/// A setting: its name, what it takes, what counts unless it is set, and what it does.
///
/// Those of Flow are told by [`Settings::keys`](super::Settings::keys). A bot declares its own, and so does a channel, with
/// [`Sources::own`](super::Sources::own):
///
/// ```
/// use flow_chat::service::{Key, Sources};
///
/// let settings = Sources::new()
///     .own(Key::secret("telegram.token", "The token that BotFather has given the bot."))
///     .own(Key::text("salon.name", "The salon's name, as visitors hear it.").or("Salon Lumen"))
///     .pairs([("store", "memory:"), ("telegram.token", "123456:ABC")]) // or `.environment()`: FLOW_TELEGRAM_TOKEN
///     .read()?;
/// assert_eq!(settings.own("salon.name"), Some("Salon Lumen"));
/// assert_eq!(settings.own("telegram.token"), Some("123456:ABC"));
/// # Ok::<(), flow_chat::service::Mistakes>(())
/// ```
#[derive(Clone)]
pub struct Key {
    name: Cow<'static, str>,
    about: Cow<'static, str>,
    default: Option<Cow<'static, str>>,
    takes: Takes,
}

impl Key {
    /// A text of the bot's own.
    pub fn text(name: impl Into<String>, about: impl Into<String>) -> Self {
        Self::owned(name, about, Own::Text)
    }

    /// A secret of the bot's own: it is never shown, and may stand in a file of its own.
    pub fn secret(name: impl Into<String>, about: impl Into<String>) -> Self {
        Self::owned(name, about, Own::Secret)
    }

    /// One of these words, of the bot's own.
    pub fn word<W: Into<String>>(
        name: impl Into<String>,
        about: impl Into<String>,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        Self::owned(name, about, Own::Word(words.into_iter().map(Into::into).collect()))
    }

    /// What counts unless it is set; nothing does unless this is said.
    #[must_use]
    pub fn or(self, default: impl Into<String>) -> Self {
        Self { default: Some(Cow::Owned(default.into())), ..self }
    }

    /// Its name: `expiry.idle`, which in a file is `idle` below `[expiry]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does, in a sentence or two.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// What counts unless it is set, as it would be written; none if nothing does, or if `about` tells it.
    pub fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// What it takes, for people: "`true` or `false`".
    pub fn takes(&self) -> String {
        self.takes.right()
    }

    /// Whether its value is never shown, and may stand in a file of its own, of which `…_file` and `…_FILE` give the path.
    pub fn is_secret(&self) -> bool {
        self.takes.is_hidden()
    }

    /// The environment variable that sets it, where variables begin with this prefix: `FLOW_EXPIRY_IDLE`.
    pub fn variable(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.name.replace(['.', '-'], "_").to_ascii_uppercase())
    }

    fn owned(name: impl Into<String>, about: impl Into<String>, own: Own) -> Self {
        let (name, about) = (Cow::Owned(name.into()), Cow::Owned(about.into()));
        Self { name, about, default: None, takes: Takes::Own(own) }
    }

    /// A setting of Flow's; nothing, or what `about` tells, counts unless it is set, if `default` is empty.
    pub(super) const fn of_flow(name: &'static str, default: &'static str, takes: Takes, about: &'static str) -> Self {
        let default = if default.is_empty() { None } else { Some(Cow::Borrowed(default)) };
        Self { name: Cow::Borrowed(name), about: Cow::Borrowed(about), default, takes }
    }

    pub(super) fn reading(&self) -> &Takes {
        &self.takes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("name", &self.name).field("takes", &self.takes()).finish_non_exhaustive()
    }
}
