//! Slack's Web API, as far as a bot needs it.

use flow_http::client::{Answer, Call, Client};
use serde::Serialize;
use serde_json::Value;

use crate::refusal::Refusal;

#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) client: Client,
}

impl Api {
    pub(crate) fn new() -> Self {
        Self { base: "https://slack.com/api".to_owned(), client: Client::new() }
    }

    /// Has this method do what `arguments` say.
    pub(crate) async fn ask(&self, token: &str, method: &str, arguments: &impl Serialize) -> Result<Value, Refusal> {
        let body = serde_json::to_vec(arguments).map_err(|_| Refusal::because("unwritable"))?;
        // Without the character set Slack warns with each answer.
        let call = Call::post(format!("{}/{method}", self.base)).body("application/json; charset=utf-8", body);
        self.answered(call.bearer(token)).await
    }

    /// What this method tells.
    pub(crate) async fn look(&self, token: &str, method: &str, query: &[(&str, &str)]) -> Result<Value, Refusal> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.answered(Call::get(format!("{}/{method}?{query}", self.base)).bearer(token)).await
    }

    async fn answered(&self, call: Call) -> Result<Value, Refusal> {
        let answer = self.client.call(call).await.map_err(|none| {
            if none.may_have_arrived() { Refusal::Perhaps } else { Refusal::NotReached(none.to_string()) }
        })?;
        read(&answer)
    }
}

fn read(answer: &Answer) -> Result<Value, Refusal> {
    match answer.status().as_u16() {
        429 => return Err(Refusal::TooMany(answer.retry_after())),
        500.. => return Err(Refusal::Perhaps),
        _ => {}
    }
    // What is no answer of Slack's may stand between, before or behind it.
    let told: Value = answer.json().map_err(|_| Refusal::Perhaps)?;
    if told["ok"] == true { Ok(told) } else { Err(Refusal::because(told["error"].as_str().unwrap_or_default())) }
}
