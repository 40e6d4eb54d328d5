//! What a visitor has heard: [`Ear`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Deserialize;
use tokio::time::Instant;

/// What came on the stream of a visitor.
#[derive(Debug, Default)]
pub struct Ear(Mutex<Heard>);

#[derive(Debug, Default)]
pub struct Heard {
    /// The id of the last reply.
    pub last: Option<String>,
    /// Each reply by its id.
    replies: HashMap<String, String>,
    /// When the reply to each message first came.
    pub at: HashMap<u64, Instant>,
    /// How often a stream was begun.
    pub streams: usize,
    /// Whether a stream has told all that waited, once.
    pub is_ready: bool,
    /// Replies that came again under their id.
    pub again: usize,
    /// What may not be: one message answered under two ids, one id for two replies, or a reply that counts other than the visitor.
    pub wrong: Vec<String>,
    /// Replies that no longer waited.
    pub missed: u64,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    text: String,
}

#[derive(Deserialize)]
struct Missed {
    count: u64,
}

impl Ear {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in one event of a stream, as it came.
    pub fn hear(&self, event: &str) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (Some(kind), Some(data)) = (field("event"), field("data")) else { return };
        let mut heard = self.heard();
        match kind {
            "ready" => heard.is_ready = true,
            "missed" => heard.missed += serde_json::from_str::<Missed>(data).expect("a count").count,
            "reply" => heard.reply(serde_json::from_str(data).expect("a reply")),
            _ => {}
        }
    }
}

impl Heard {
    fn reply(&mut self, Told { id, text }: Told) {
        self.last = Some(id.clone());
        if let Some(before) = self.replies.get(&id) {
            self.again += 1;
            if *before != text {
                self.wrong.push(format!("{id} is {before:?} and {text:?}"));
            }
            return;
        }
        // The question that opens the conversation has no number.
        if let Some((number, count)) = text.split_once(" of ") {
            let number: u64 = number.parse().expect("a number");
            if count != number.to_string() || self.at.insert(number, Instant::now()).is_some() {
                self.wrong.push(text.clone());
            }
        }
        self.replies.insert(id, text);
    }
}
