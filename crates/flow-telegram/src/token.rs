//! What a bot is known to Telegram by: its [`Token`].

use std::{fmt, sync::Arc};

use thiserror::Error;

/// The longest that Telegram's own server takes.
const LONGEST: usize = 80;

/// So short, it would be no secret. Telegram's are three times as long.
const SHORTEST: usize = 16;

/// A bot's token, as BotFather gives it: `123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11`. It is part of every address that is called.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

impl Token {
    /// Fails if it has not the shape of a token.
    pub(crate) fn new(text: &str) -> Result<Self, BadToken> {
        let (bot, secret) = text.split_once(':').ok_or(BadToken)?;
        let is_bot = !bot.is_empty() && !bot.starts_with('0') && bot.bytes().all(|byte| byte.is_ascii_digit());
        let is_secret = !secret.is_empty() && secret.bytes().all(is_letter);
        let is_whole = is_bot && is_secret && (SHORTEST..=LONGEST).contains(&text.len());
        is_whole.then(|| Self(text.into())).ok_or(BadToken)
    }

    /// The bot's number, which is no secret.
    pub(crate) fn bot(&self) -> &str {
        self.0.split_once(':').map_or("", |(bot, _)| bot)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// A letter of what Telegram takes as a token, and as a secret: of base64url.
pub(crate) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The bot's number.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}:***)", self.bot())
    }
}

/// What was given is no token of a bot. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a bot's token: one like `123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11` is expected, as BotFather gives it")]
#[non_exhaustive]
pub struct BadToken;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_checked_and_never_shown() {
        let token = Token::new("123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11").expect("a token");
        assert_eq!((token.bot(), format!("{token:?}")), ("123456", "Token(123456:***)".to_owned()));
        let long = format!("1:{}", "a".repeat(79));
        for bad in [
            "",
            "123456",
            ":ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
            "012345:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
            "bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
            "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11 ",
            "123456:ABC/DEF1234ghIkl-zyx57W2v1u123ew11",
            "\"123456:ABC-DEF1234ghIkl\"",
            "123456:short",
            &long,
        ] {
            assert_eq!(Token::new(bad).map(|_| ()), Err(BadToken), "{bad}");
        }
    }
}
