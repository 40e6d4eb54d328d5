//! Telegram is asked: the [`BotApi`].

use std::{fmt, sync::Arc, time::Duration};

use flow_http::client::{Answer, Call, Client, NoAnswer};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{refusal::Refusal, token::Token};

/// Where Telegram's own server is.
pub(crate) const TELEGRAM: &str = "https://api.telegram.org";

/// One bot's way to Telegram's Bot API, or to a server that speaks it.
#[derive(Clone)]
pub(crate) struct BotApi {
    pub(crate) client: Client,
    pub(crate) base: Arc<str>,
    pub(crate) token: Token,
}

/// Why something that was asked was not done, or is not known to be.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no answer.
    NoAnswer(NoAnswer),
    /// Telegram says no.
    Refused(Refusal),
    /// It is done, and what it gave cannot be read.
    Unreadable,
}

/// As every answer of the Bot API is ("Making requests").
#[derive(Deserialize)]
struct Answered<T> {
    ok: bool,
    result: Option<T>,
}

impl BotApi {
    /// Asks for this, and gives what comes of it.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, method: &str, asked: &impl Serialize) -> Result<T, Failure> {
        self.answered(self.call(method, asked)).await
    }

    /// The same, where the answer may take so long.
    pub(crate) async fn ask_patiently<T: DeserializeOwned>(
        &self,
        method: &str,
        asked: &impl Serialize,
        patience: Duration,
        largest: usize,
    ) -> Result<T, Failure> {
        self.answered(self.call(method, asked).patience(patience).largest_answer(largest)).await
    }

    /// The bytes of a file, by the path that `getFile` gave.
    pub(crate) async fn file(&self, path: &str, patience: Duration, largest: usize) -> Result<Answer, NoAnswer> {
        let address = format!("{}/file/bot{}/{path}", self.base, self.token.reveal());
        self.client.call(Call::get(address).patience(patience).largest_answer(largest)).await
    }

    fn call(&self, method: &str, asked: &impl Serialize) -> Call {
        Call::post(format!("{}/bot{}/{method}", self.base, self.token.reveal())).json(asked)
    }

    async fn answered<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let answer = self.client.call(call).await.map_err(Failure::NoAnswer)?;
        let answered = answer.json::<Answered<T>>();
        match answered {
            Ok(Answered { ok: true, result: Some(result) }) => Ok(result),
            _ if answer.status().is_success() && !says_no(&answer) => Err(Failure::Unreadable),
            _ => Err(Failure::Refused(Refusal::of(&answer))),
        }
    }
}

fn says_no(answer: &Answer) -> bool {
    answer.json::<Answered<serde::de::IgnoredAny>>().is_ok_and(|answered| !answered.ok)
}

/// Without the address: a server of one's own may be called by a name that is nobody's business.
impl fmt::Debug for BotApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.fmt(f)
    }
}
