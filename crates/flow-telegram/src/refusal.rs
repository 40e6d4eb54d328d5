//! Telegram says no: a [`Refusal`], and what follows from it.

use std::{fmt, time::Duration};

use flow_http::client::Answer;
use serde::Deserialize;

/// What Telegram says when it does not do what it was asked for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    /// May quote what it was given.
    pub(crate) description: String,
    retry_after: Option<Duration>,
    /// The supergroup that a group has become.
    migrated_to: Option<i64>,
    /// Whether it is written as Telegram writes it, and no gateway, proxy or firewall before it has answered in its place.
    is_telegrams: bool,
}

/// As it arrives: `error_code`, `description`, and `parameters` of the type `ResponseParameters`.
#[derive(Default, Deserialize)]
struct Said {
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// What follows for a message that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The bot is not, or no longer, known by its token. Nothing can be sent.
    BadToken,
    /// Not before this time has passed; it is zero where Telegram says none.
    NotYet(Duration),
    /// The chat is another one now.
    Moved(i64),
    /// Never, in this chat, for this reason.
    Never(&'static str),
    /// Telegram cannot fetch what it was given the address of, or takes no link to it.
    NotFetched,
    /// Telegram was about to restart, and has not begun.
    NotBegun,
    /// Something else has answered, and said no: what it refuses today it lets pass tomorrow.
    Elsewhere,
    /// Something went wrong at Telegram's, which may have sent it.
    Unknown,
}

/// What a description says, and what it means. Descriptions are no part of what Telegram promises, so what is not among them has a
/// meaning by its code.
const SAID: [(&str, Meaning); 22] = [
    ("bot was blocked by the user", Meaning::Never("the visitor has blocked the bot")),
    ("user is deactivated", Meaning::Never("the visitor's account is gone")),
    ("bot can't initiate conversation", Meaning::Never("the visitor has not begun a conversation with the bot")),
    ("bot can't send messages to bots", Meaning::Never("the chat is that of a bot")),
    ("bot was kicked", Meaning::Never("the bot was removed from the group")),
    ("bot is not a member", Meaning::Never("the bot is not in the group")),
    ("chat was deleted", Meaning::Never("the group was deleted")),
    ("chat not found", Meaning::Never("there is no such chat, or the bot was never in it")),
    ("PEER_ID_INVALID", Meaning::Never("there is no such chat, or the bot was never in it")),
    ("CHAT_WRITE_FORBIDDEN", Meaning::Never("the bot may not write in the group")),
    ("not enough rights", Meaning::Never("the bot may not write in the group")),
    ("have no rights to send", Meaning::Never("the bot may not write in the group")),
    ("message thread not found", Meaning::Never("the topic was deleted")),
    ("TOPIC_DELETED", Meaning::Never("the topic was deleted")),
    ("TOPIC_CLOSED", Meaning::Never("the topic is closed")),
    ("message is too long", Meaning::Never("the message is longer than Telegram takes")),
    ("caption is too long", Meaning::Never("the message is longer than Telegram takes")),
    ("rong HTTP URL specified", Meaning::NotFetched),
    ("BUTTON_URL_INVALID", Meaning::NotFetched),
    ("ailed to get HTTP URL content", Meaning::NotFetched),
    ("rong type of the web page content", Meaning::NotFetched),
    ("rong file identifier", Meaning::NotFetched),
];

impl Refusal {
    pub(crate) fn of(answer: &Answer) -> Self {
        // A gateway in front of the server says it in a page of its own.
        let said: Said = answer.json().unwrap_or_default();
        let Parameters { retry_after, migrate_to_chat_id } = said.parameters;
        Self {
            code: said.error_code.unwrap_or(answer.status().as_u16()),
            description: said.description,
            retry_after: retry_after.map(Duration::from_secs).or_else(|| answer.retry_after()),
            migrated_to: migrate_to_chat_id,
            is_telegrams: said.error_code.is_some(),
        }
    }

    pub(crate) fn meaning(&self) -> Meaning {
        if let Some(chat) = self.migrated_to {
            return Meaning::Moved(chat);
        }
        match self.code {
            401 | 404 | 421 => Meaning::BadToken,
            429 => Meaning::NotYet(self.retry_after.unwrap_or_default()),
            ..500 if !self.is_telegrams => Meaning::Elsewhere,
            400 | 403 => self.by_its_words().unwrap_or(Meaning::Never("Telegram does not take the message")),
            500 if self.description.ends_with("restart") => Meaning::NotBegun,
            500.. => Meaning::Unknown,
            _ => Meaning::Never("Telegram does not take the message"),
        }
    }

    /// How long Telegram wants to be left alone, if it says so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    fn by_its_words(&self) -> Option<Meaning> {
        SAID.iter().find(|(words, _)| self.description.contains(words)).map(|(_, meaning)| *meaning)
    }
}

/// Without what Telegram quotes.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({})", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: u16, description: &str) -> Refusal {
        let description = description.to_owned();
        Refusal { code, description, retry_after: None, migrated_to: None, is_telegrams: true }
    }

    fn meaning(code: u16, description: &str) -> Meaning {
        refusal(code, description).meaning()
    }

    /// The descriptions are those of Telegram's server.
    #[test]
    fn what_telegram_says_has_a_meaning() {
        let blocked = Meaning::Never("the visitor has blocked the bot");
        assert_eq!(meaning(403, "Forbidden: bot was blocked by the user"), blocked);
        let removed = Meaning::Never("the bot was removed from the group");
        assert_eq!(meaning(403, "Forbidden: bot was kicked from the supergroup chat"), removed);
        assert_eq!(meaning(403, "Forbidden: user is deactivated"), Meaning::Never("the visitor's account is gone"));
        let nobody = Meaning::Never("there is no such chat, or the bot was never in it");
        assert_eq!(meaning(400, "Bad Request: chat not found"), nobody);
        assert_eq!(meaning(400, "Bad Request: failed to get HTTP URL content"), Meaning::NotFetched);
        assert_eq!(meaning(400, "Bad Request: wrong file identifier/HTTP URL specified"), Meaning::NotFetched);
        assert_eq!(meaning(401, "Unauthorized"), Meaning::BadToken);
        assert_eq!(meaning(404, "Not Found"), Meaning::BadToken);
        assert_eq!(meaning(500, "Internal Server Error: restart"), Meaning::NotBegun);
        assert_eq!(meaning(500, "Internal Server Error: sent message was immediately deleted"), Meaning::Unknown);
        assert_eq!(meaning(502, ""), Meaning::Unknown);
        assert_eq!(meaning(429, "Too Many Requests"), Meaning::NotYet(Duration::ZERO));
    }

    #[test]
    fn what_telegram_quotes_is_in_no_reason() {
        let refused = Meaning::Never("Telegram does not take the message");
        for code in [400, 403, 413] {
            assert_eq!(meaning(code, "Bad Request: can't parse \"canary\""), refused);
        }
        let refusal = Refusal { migrated_to: Some(-100), ..refusal(400, "canary") };
        assert_eq!((format!("{refusal:?}"), refusal.meaning()), ("Refusal(400)".to_owned(), Meaning::Moved(-100)));
    }
}
