//! What a visitor has heard: [`Ear`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use flow_testkit::stubs::Message;

/// What came into the chat of a visitor.
#[derive(Debug, Default)]
pub struct Ear(Mutex<Heard>);

#[derive(Debug, Default)]
pub struct Heard {
    pub is_greeted: bool,
    /// The replies by what they answer, in order, those that came again included.
    pub replies: Vec<String>,
    /// When the reply to each first came.
    pub at: HashMap<String, Instant>,
    /// The key of each message that has one, and how often it came.
    keys: HashMap<String, usize>,
    pub keyboard: Option<Keyboard>,
    /// All that the bot has handled, as it tells in the end.
    pub account: Option<Vec<String>>,
    /// What is no reply of the conversation.
    pub strange: Vec<String>,
}

/// Buttons that were shown.
#[derive(Clone, Debug)]
pub struct Keyboard {
    pub message: Message,
    /// What it asks whether it is right.
    pub room: String,
    pub is_pressed: bool,
}

impl Ear {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in one message.
    pub fn hear(&self, message: Message) {
        let mut heard = self.heard();
        if let Some(key) = message.key() {
            *heard.keys.entry(key.to_owned()).or_default() += 1;
        }
        let text = message.text().to_owned();
        match text.split_once(": ") {
            _ if text == "How many guests?" => heard.is_greeted = true,
            // Nothing was handled.
            _ if text.trim_end() == "taken:" => heard.account = Some(Vec::new()),
            Some(("taken", taken)) => heard.account = Some(taken.split(' ').map(str::to_owned).collect()),
            Some((token, _)) => heard.reply(token.to_owned(), message),
            None => heard.strange.push(text),
        }
    }
}

impl Heard {
    fn reply(&mut self, token: String, message: Message) {
        let is_new = !self.at.contains_key(&token);
        self.at.entry(token.clone()).or_insert(message.at());
        self.replies.push(token.clone());
        if is_new && message.text().ends_with("Right?") {
            self.keyboard = Some(Keyboard { message, room: token, is_pressed: false });
        }
    }

    /// The button to press, if one was shown and not pressed: each once.
    pub fn press(&mut self) -> Option<Keyboard> {
        let keyboard = self.keyboard.as_mut().filter(|keyboard| !keyboard.is_pressed)?;
        keyboard.is_pressed = true;
        Some(keyboard.clone())
    }

    /// How many messages came again: of those that have a key, under the same one.
    pub fn again(&self) -> usize {
        if self.keys.is_empty() {
            return self.replies.len() - self.at.len();
        }
        self.keys.values().map(|count| count - 1).sum()
    }

    /// How many replies came again under another key.
    pub fn told_twice(&self) -> usize {
        if self.keys.is_empty() { 0 } else { (self.replies.len() - self.at.len()).saturating_sub(self.again()) }
    }
}
