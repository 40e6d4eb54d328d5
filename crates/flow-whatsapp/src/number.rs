//! What Meta knows of a number, and where it delivers: a [`Number`].

use flow_http::client::{Answer, NoAnswer};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use crate::{
    WhatsApp,
    fault::{self, Meaning},
    graph::GraphError,
};

/// What Meta knows of a number of a business.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Number {
    /// The phone number, as visitors see it.
    pub display_phone_number: String,
    /// The name that visitors see, once Meta has approved it.
    #[serde(default)]
    pub verified_name: Option<String>,
    /// Where Meta delivers what visitors write to it.
    #[serde(default)]
    pub webhook_configuration: Webhooks,
}

/// Where Meta delivers what visitors write to a number. The first that is set counts: of the number, of its account, of the app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Webhooks {
    /// For this number alone.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// For all numbers of its WhatsApp Business Account.
    #[serde(default)]
    pub whatsapp_business_account: Option<String>,
    /// For all that the app hears of.
    #[serde(default)]
    pub application: Option<String>,
}

impl Webhooks {
    /// The address to which Meta delivers; none if no webhook is set.
    pub fn address(&self) -> Option<&str> {
        let addresses = [&self.phone_number, &self.whatsapp_business_account, &self.application];
        addresses.into_iter().flatten().map(String::as_str).find(|address| !address.is_empty())
    }
}

impl WhatsApp {
    /// Asks Meta for the number: whether the token is good, whose number it is, and where what is written to it is delivered.
    ///
    /// Fails if Meta does not tell, with what has to be mended.
    pub async fn check(&self) -> Result<Number, NumberError> {
        let fields = "display_phone_number,verified_name,webhook_configuration";
        let answer = self.graph.ask(&format!("{}?fields={fields}", self.number_id())).await;
        answered(answer)?.json().map_err(|_| NumberError::Unreadable)
    }

    /// Has Meta deliver what concerns this number at this address, which begins with `https://`, whatever the app's webhook is: so each
    /// number of an app has a path of its own. Meta asks there whether it is ours before it answers, so the server must run.
    ///
    /// Fails if Meta does not, or if no [`verify_token`](Self::verify_token) is set.
    pub async fn register(&self, address: &str) -> Result<(), NumberError> {
        let verify_token = self.signatures.verify_token.as_deref().ok_or(NumberError::NoVerifyToken)?;
        let webhook = json!({ "override_callback_uri": address, "verify_token": verify_token });
        let answer = self.graph.tell(self.number_id(), &json!({ "webhook_configuration": webhook })).await;
        answered(answer).map(|_| ())
    }
}

fn answered(answer: Result<Answer, NoAnswer>) -> Result<Answer, NumberError> {
    let answer = answer.map_err(|no_answer| NumberError::NoAnswer { why: no_answer.to_string() })?;
    match GraphError::of(&answer) {
        Some(GraphError { code, .. }) => Err(NumberError::Refused { code, why: mended_by(code) }),
        None if answer.status().is_success() => Ok(answer),
        None => Err(NumberError::Unreadable),
    }
}

fn mended_by(code: i64) -> &'static str {
    match fault::meaning(code) {
        Meaning::Barred(why) => why,
        _ if code == 100 => {
            "there is no number of this id, or the token is not for it, or Meta did not get the right answer at the webhook"
        }
        _ => "Meta says no more than that",
    }
}

/// Meta does not tell of a number, or does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Meta refuses.
    #[error("Meta refuses: {why} (error {code})")]
    Refused {
        /// The code of its error.
        code: i64,
        /// What has to be mended.
        why: &'static str,
    },
    /// There is no answer.
    #[error("Meta gives no answer: {why}")]
    NoAnswer {
        /// Why there is none.
        why: String,
    },
    /// The answer is not what Meta's documentation says.
    #[error("Meta's answer is not what its documentation says")]
    Unreadable,
    /// A webhook is to be registered, and there is no verify token by which Meta would know it.
    #[error("no verify token is set, by which Meta knows that a webhook is ours")]
    NoVerifyToken,
}
