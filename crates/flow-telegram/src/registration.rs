//! Where Telegram delivers, and how the bot stands: [`Telegram::register`], [`Telegram::check`].

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use crate::{Standing, Telegram, bot_api::Failure, refusal::Meaning, standing::LastError, update::KINDS};

/// How many requests Telegram makes at once (`max_connections`: 1-100, 40 unless set). It is answered in milliseconds.
const CONNECTIONS: u8 = 40;

/// `User`, of the bot itself.
#[derive(Deserialize)]
struct Me {
    id: i64,
    #[serde(default)]
    username: String,
    #[serde(default)]
    can_read_all_group_messages: bool,
}

/// `WebhookInfo`.
#[derive(Deserialize)]
struct WebhookInfo {
    #[serde(default)]
    url: String,
    #[serde(default)]
    pending_update_count: u64,
    last_error_date: Option<i64>,
    #[serde(default)]
    last_error_message: String,
}

impl Telegram {
    /// Tells Telegram to deliver at this address, with the bot's secret, and only what the bot has a use for. What waits stays. Told
    /// again, nothing changes.
    ///
    /// Fails if Telegram does not know the bot by its token, or does not take the address: it begins with `https`, and has the port 443, 80, 88 or 8443.
    pub async fn register(&self, url: impl AsRef<str>) -> Result<(), TelegramError> {
        self.learn_name().await?;
        let asked = json!({
            "url": url.as_ref(),
            "secret_token": self.secret.reveal(),
            "allowed_updates": KINDS,
            "max_connections": CONNECTIONS,
        });
        self.asked("setWebhook", &asked).await.map(|_: bool| ())
    }

    /// Tells Telegram to deliver nowhere any more: what waits, and what comes, can be polled.
    pub async fn unregister(&self) -> Result<(), TelegramError> {
        self.asked("deleteWebhook", &json!({})).await.map(|_: bool| ())
    }

    /// How the bot stands at Telegram: what it is called, where its webhook leads, how much waits, and what went wrong last.
    ///
    /// Fails if Telegram does not know it by its token, or gives no answer.
    pub async fn check(&self) -> Result<Standing, TelegramError> {
        let me = self.me().await?;
        let webhook: WebhookInfo = self.asked("getWebhookInfo", &json!({})).await?;
        let said = webhook.last_error_message;
        let last_error = webhook.last_error_date.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0));
        Ok(Standing {
            bot: me.id,
            username: me.username,
            hears_all_of_groups: me.can_read_all_group_messages,
            webhook: Some(webhook.url).filter(|url| !url.is_empty()),
            waiting: webhook.pending_update_count,
            last_error: last_error.map(|at| LastError { at, said }),
        })
    }

    /// Finds out what the bot is called.
    pub(crate) async fn learn_name(&self) -> Result<(), TelegramError> {
        self.me().await.map(|_| ())
    }

    async fn me(&self) -> Result<Me, TelegramError> {
        let me: Me = self.asked("getMe", &json!({})).await?;
        let _ = self.username.set(me.username.clone());
        Ok(me)
    }

    async fn asked<T: serde::de::DeserializeOwned>(
        &self,
        method: &'static str,
        asked: &serde_json::Value,
    ) -> Result<T, TelegramError> {
        self.api.ask(method, asked).await.map_err(|failure| TelegramError::of(method, failure))
    }
}

/// Telegram did not do what an operator asked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TelegramError {
    /// It does not know the bot by its token.
    #[error("Telegram does not know the bot by its token")]
    BadToken,
    /// It does not take what it was given: an address, say.
    #[error("Telegram refuses `{method}`: {said}")]
    #[non_exhaustive]
    Refused {
        /// The method of the Bot API.
        method: &'static str,
        /// What Telegram says, of what the operator gave it.
        said: String,
    },
    /// There is no answer, or none that can be read.
    #[error("Telegram gives no answer to `{method}`: {why}")]
    #[non_exhaustive]
    NoAnswer {
        /// The method of the Bot API.
        method: &'static str,
        /// Why there is none.
        why: String,
    },
}

impl TelegramError {
    fn of(method: &'static str, failure: Failure) -> Self {
        match failure {
            Failure::NoAnswer(no_answer) => Self::NoAnswer { method, why: no_answer.to_string() },
            Failure::Unreadable => Self::NoAnswer { method, why: "it cannot be read".to_owned() },
            Failure::Refused(refusal) if refusal.meaning() == Meaning::BadToken => Self::BadToken,
            Failure::Refused(refusal) => Self::Refused { method, said: refusal.description },
        }
    }
}
