//! What the server knows: [`State`].

use std::collections::{HashSet, VecDeque};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Plan;

#[derive(Default)]
pub(super) struct State {
    pub(super) issued: usize,
    pub(super) valid: HashSet<String>,
    /// Each message taken, once, in order.
    pub(super) taken: Vec<String>,
    pub(super) known: HashSet<String>,
    /// The ids of all messages that came, repeats too.
    pub(super) posts: Vec<(String, Instant)>,
    /// What each message said that its browser had seen.
    pub(super) seen: Vec<Option<String>>,
    pub(super) planned: VecDeque<Plan>,
    pub(super) replies: Vec<Value>,
    pub(super) missed: u64,
    pub(super) typing: u64,
    /// Streams that were begun before this many cuts are to end.
    pub(super) cuts: u64,
    /// Streams that were begun before this many losses bring nothing more.
    pub(super) losses: u64,
    pub(super) resumed_after: Vec<Option<String>>,
    pub(super) open_streams: usize,
    pub(super) asked: usize,
    pub(super) holds_streams_back: bool,
    pub(super) is_away: bool,
    pub(super) refused_words: Option<&'static str>,
    pub(super) refuses_all: u16,
    pub(super) page: String,
    /// The other origin whose pages may speak to it.
    pub(super) allowed: Option<String>,
    /// What each message said of its language.
    pub(super) languages: Vec<Option<String>>,
}

impl State {
    pub(super) fn take(&mut self, id: &str, body: &Value) {
        if !self.known.insert(id.to_owned()) {
            return;
        }
        let said = body["text"].as_str().or(body["press"].as_str()).expect("a text or a press");
        self.taken.push(said.to_owned());
        self.say(match said {
            "choose" => json!({ "text": "Which one?", "to": id, "buttons": [
                { "label": "Cut", "press": "~cut" }, { "label": "Colour", "press": "~colour" },
            ] }),
            "Book a visit" => json!({ "text": "Gladly! What shall we do for you?", "to": id, "buttons": [
                { "label": "Cut and blow-dry", "press": "~cut" }, { "label": "Colour", "press": "~colour" },
            ] }),
            said => json!({ "text": format!("You said: {said}"), "to": id }),
        });
    }

    pub(super) fn say(&mut self, mut reply: Value) {
        reply["id"] = format!("{}", self.replies.len() + 1).into();
        if reply["at"].is_null() {
            reply["at"] = chrono::Utc::now().to_rfc3339().into();
        }
        self.replies.push(reply);
    }

    pub(super) fn after(&self, last: Option<&str>) -> Vec<Value> {
        let place = self.replies.iter().position(|reply| reply["id"].as_str() == last);
        self.replies[place.map_or(0, |place| place + 1)..].to_vec()
    }
}
