//! What a channel is on: a [`Kind`], with the settings that it takes.

use crate::service::Key;

/// What a channel is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Kind {
    /// A channel of the bot's own.
    Own,
    #[cfg(feature = "slack")]
    Slack,
    #[cfg(feature = "telegram")]
    Telegram,
    #[cfg(feature = "webhook")]
    Webhook,
    #[cfg(feature = "whatsapp")]
    WhatsApp,
}

/// A setting of a channel: its name below that of the channel, and what it is.
#[derive(Clone, Copy)]
pub(in crate::service) struct Field {
    pub(in crate::service) name: &'static str,
    /// Whether the channel cannot be brought up without it.
    #[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
    pub(in crate::service) is_needed: bool,
    is_secret: bool,
    about: &'static str,
}

const SECRET: Field = secret("secret", "By what a message is known to come from its platform.");
const PREVIOUS_SECRET: Field =
    secret("previous_secret", "What `secret` was before: it is known, too, until the platform has the new one.");
const TOKEN: Field = secret("token", "What the bot shows to the platform when it sends.");
#[cfg(any(feature = "slack", feature = "telegram", feature = "whatsapp"))]
const API: Field = text(
    "api",
    "Where the platform is called, unless that is its own address: a stub of it, or a server of one's own.",
);

impl Kind {
    /// What a channel of this kind is set, in the order in which a person sets it.
    pub(in crate::service) fn fields(self) -> &'static [Field] {
        match self {
            Self::Own => const { &[SECRET, PREVIOUS_SECRET, TOKEN] },
            #[cfg(feature = "slack")]
            Self::Slack => {
                const {
                    &[
                        secret("token", "The bot's token, which begins with `xoxb-`.").needed(),
                        secret("secret", "The signing secret of the Slack app.").needed(),
                        PREVIOUS_SECRET,
                        API,
                    ]
                }
            }
            #[cfg(feature = "telegram")]
            Self::Telegram => {
                const {
                    &[
                        secret("token", "The token that BotFather has given the bot.").needed(),
                        secret(
                            "secret",
                            "What Telegram shows at the bot's webhook: letters, digits, `_` and `-`. With it, and with `server.url`, Telegram delivers \
                     there; otherwise it is asked for messages.",
                        ),
                        PREVIOUS_SECRET,
                        API,
                    ]
                }
            }
            #[cfg(feature = "webhook")]
            Self::Webhook => {
                const {
                    &[
                        secret("secret", "What messages are signed with, in both directions: it begins with `whsec_`.")
                            .needed(),
                        PREVIOUS_SECRET,
                        text("url", "Where replies are sent.").needed(),
                    ]
                }
            }
            #[cfg(feature = "whatsapp")]
            Self::WhatsApp => {
                const {
                    &[
                        secret("token", "The access token of the system user that sends.").needed(),
                        text("number", "The id of the phone number, which is not the number.").needed(),
                        secret("secret", "The secret of the Meta app.").needed(),
                        PREVIOUS_SECRET,
                        secret("verify_token", "What Meta shows when the webhook is registered: chosen by you.")
                            .needed(),
                        API,
                    ]
                }
            }
        }
    }
}

impl Field {
    /// The setting for the channel of this name.
    pub(in crate::service) fn key(self, channel: &str) -> Key {
        let (name, about) = (self.of(channel), format!("{} Of the channel `{channel}`.", self.about));
        if self.is_secret { Key::secret(name, about) } else { Key::text(name, about) }
    }

    /// Its whole name for the channel of this name.
    pub(in crate::service) fn of(self, channel: &str) -> String {
        format!("channels.{channel}.{}", self.name)
    }

    #[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
    const fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }
}

const fn secret(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        #[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
        is_needed: false,
        is_secret: true,
        about,
    }
}

#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
const fn text(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        #[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
        is_needed: false,
        is_secret: false,
        about,
    }
}
