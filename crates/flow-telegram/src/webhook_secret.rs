//! By what a request is known to come from Telegram: a [`WebhookSecret`].

use std::fmt;

use flow_core::Secret;
use thiserror::Error;

use crate::token::{Token, is_letter};

/// The longest secret that Telegram takes (`setWebhook`, `secret_token`: 1-256 characters).
const LONGEST: usize = 256;

/// What Telegram writes into the header of each request, because we have told it to when the webhook was set.
#[derive(Clone)]
pub(crate) struct WebhookSecret {
    text: String,
    key: Secret,
    /// Of the text under itself: what is given is known by its tag, and tags are compared in constant time.
    tag: [u8; 32],
}

const PURPOSE: &str = "telegram webhook";

impl WebhookSecret {
    /// Fails if it is too short to be a secret, or is none that Telegram takes.
    pub(crate) fn new(text: String) -> Result<Self, BadSecret> {
        let is_taken = text.len() <= LONGEST && text.bytes().all(is_letter);
        let key = Secret::new(text.as_bytes()).ok().filter(|_| is_taken).ok_or(BadSecret)?;
        let tag = key.tag(PURPOSE, text.as_bytes());
        Ok(Self { text, key, tag })
    }

    /// The one that belongs to a bot unless another is set. It is not the token, and does not tell it.
    pub(crate) fn of(token: &Token) -> Self {
        let key = Secret::new(token.reveal().as_bytes()).expect("a token is long enough");
        let digits = key.tag(PURPOSE, b"").iter().flat_map(|byte| [byte >> 4, byte & 15]).collect::<Vec<_>>();
        let text = digits.into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        Self::new(text).expect("64 digits are a secret")
    }

    pub(crate) fn is(&self, given: &str) -> bool {
        self.key.knows(PURPOSE, given.as_bytes(), &self.tag)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(***)")
    }
}

/// What was given is no secret that Telegram takes, or is too short to be one. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a secret for a webhook: it has 16 to 256 characters of A-Z, a-z, 0-9, `_` and `-`")]
#[non_exhaustive]
pub struct BadSecret;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_checked_known_and_never_shown() {
        let secret = WebhookSecret::new("the_secret_of-today".to_owned()).expect("a secret");
        assert!(secret.is("the_secret_of-today"));
        for other in ["", "the_secret_of-toda", "the_secret_of-today ", "the_secret_of-todaY"] {
            assert!(!secret.is(other), "{other}");
        }
        assert_eq!(format!("{secret:?}"), "WebhookSecret(***)");
        for bad in ["too_short", "with a space in the middle", "the secret öf today!", &"a".repeat(257)] {
            assert_eq!(WebhookSecret::new(bad.to_owned()).map(|_| ()), Err(BadSecret), "{bad}");
        }
    }

    #[test]
    fn each_bot_has_a_secret_of_its_own_that_does_not_tell_its_token() {
        let [one, two] = ["111111:aaaaaaaaaaaaaaaa", "111111:aaaaaaaaaaaaaaab"].map(|token| {
            let token = Token::new(token).expect("a token");
            WebhookSecret::of(&token)
        });
        assert!(one.is(one.reveal()) && !one.is(two.reveal()));
        assert!(one.reveal().len() == 64 && !one.reveal().contains("aaaaaaaa"));
    }
}
