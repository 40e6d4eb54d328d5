//! Meta's Graph API, as a number speaks with it: [`Graph`].

use std::fmt;

use flow_http::client::{Answer, Call, Client, NoAnswer};
use serde::Deserialize;
use serde_json::Value;

/// The version of the Graph API that is spoken.
pub const VERSION: &str = "v25.0";

/// A number, its token, and how they are used. `Debug` shows neither token nor address.
#[derive(Clone)]
pub(crate) struct Graph {
    pub(crate) client: Client,
    pub(crate) base: String,
    pub(crate) number_id: String,
    token: String,
}

impl Graph {
    pub(crate) fn new(number_id: String, token: String) -> Self {
        Self { client: Client::new(), base: "https://graph.facebook.com".to_owned(), number_id, token }
    }

    /// Says this for the number: a message, or that one was read.
    pub(crate) async fn say(&self, message: &Value) -> Result<Answer, NoAnswer> {
        self.tell(&format!("{}/messages", self.number_id), message).await
    }

    /// Tells something of the Graph this.
    pub(crate) async fn tell(&self, path: &str, what: &Value) -> Result<Answer, NoAnswer> {
        self.client.call(Call::post(self.address_of(path)).bearer(&self.token).json(what)).await
    }

    /// What is told of something of the Graph.
    pub(crate) async fn ask(&self, path: &str) -> Result<Answer, NoAnswer> {
        self.client.call(Call::get(self.address_of(path)).bearer(&self.token)).await
    }

    /// What is at an address that the Graph has named.
    pub(crate) async fn get(&self, address: &str, largest: usize) -> Result<Answer, NoAnswer> {
        self.client.call(Call::get(address).bearer(&self.token).largest_answer(largest)).await
    }

    fn address_of(&self, path: &str) -> String {
        format!("{}/{VERSION}/{path}", self.base)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("number_id", &self.number_id).finish_non_exhaustive()
    }
}

/// An error of the Graph API. What it says in words is not read: it may quote what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct GraphError {
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) error_subcode: Option<i64>,
}

impl GraphError {
    /// The error that an answer tells, if it does.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        #[derive(Deserialize)]
        struct Told {
            error: GraphError,
        }
        answer.json().ok().map(|Told { error }| error)
    }
}
