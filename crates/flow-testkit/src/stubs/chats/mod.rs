//! What stands in the chats of a stub: [`Chats`].

mod message;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

pub use message::{Attached, Button, Message};

/// How many messages of a chat are kept unless it is said.
const KEPT: usize = 1_000;

/// All chats, by the platform's name for each.
pub(super) struct Chats(Mutex<Inner>);

struct Inner {
    chats: HashMap<String, Chat>,
    kept: usize,
}

#[derive(Default)]
struct Chat {
    messages: VecDeque<Message>,
    /// How many of the bot there were, those that are no longer kept included.
    heard: usize,
    /// How many of the bot a visitor has asked for one by one.
    taken: usize,
    changed: Arc<Notify>,
}

impl Default for Chats {
    fn default() -> Self {
        Self(Mutex::new(Inner { chats: HashMap::new(), kept: KEPT }))
    }
}

impl Chats {
    /// Keeps this many messages of a chat, the newest.
    pub(super) fn keep(&self, messages: usize) {
        self.inner().kept = messages.max(1);
    }

    /// Takes a message into a chat.
    pub(super) fn show(&self, chat: &str, message: Message) {
        let mut inner = self.inner();
        let kept = inner.kept;
        let chat = inner.chat(chat);
        chat.heard += usize::from(message.is_of_bot());
        chat.messages.push_back(message);
        while chat.messages.len() > kept {
            chat.messages.pop_front();
        }
        chat.changed.notify_waiters();
    }

    /// Changes the message of this id, if it is there.
    pub(super) fn change<T>(&self, chat: &str, id: &str, change: impl FnOnce(&mut Message) -> T) -> Option<T> {
        let mut inner = self.inner();
        let chat = inner.chats.get_mut(chat)?;
        let changed = change(chat.messages.iter_mut().rev().find(|message| message.id() == id)?);
        chat.changed.notify_waiters();
        Some(changed)
    }

    /// Takes the message of this id away.
    pub(super) fn delete(&self, chat: &str, id: &str) -> bool {
        let mut inner = self.inner();
        let Some(chat) = inner.chats.get_mut(chat) else { return false };
        let before = chat.messages.len();
        chat.messages.retain(|message| message.id() != id);
        chat.changed.notify_waiters();
        chat.messages.len() < before
    }

    /// All that is kept of a chat, in order.
    pub(super) fn all(&self, chat: &str) -> Vec<Message> {
        self.inner().chats.get(chat).map(|chat| chat.messages.iter().cloned().collect()).unwrap_or_default()
    }

    /// The newest message of a chat that passes.
    pub(super) fn newest(&self, chat: &str, passes: impl Fn(&Message) -> bool) -> Option<Message> {
        let inner = self.inner();
        inner.chats.get(chat)?.messages.iter().rev().find(|message| passes(message)).cloned()
    }

    /// The next message of the bot that was not taken yet.
    pub(super) fn take(&self, chat: &str) -> Option<Message> {
        let mut inner = self.inner();
        let chat = inner.chat(chat);
        let behind = chat.heard - chat.taken;
        let message =
            chat.messages.iter().filter(|message| message.is_of_bot()).rev().nth(behind.checked_sub(1)?).cloned();
        chat.taken += 1;
        message
    }

    /// How many messages of the bot came into a chat.
    pub(super) fn heard(&self, chat: &str) -> usize {
        self.inner().chats.get(chat).map_or(0, |chat| chat.heard)
    }

    /// What is told when something in a chat changes.
    pub(super) fn changed(&self, chat: &str) -> Arc<Notify> {
        Arc::clone(&self.inner().chat(chat).changed)
    }

    /// Forgets all that was said.
    pub(super) fn clear(&self) {
        // The chats themselves stay, because visitors wait in them.
        for chat in self.inner().chats.values_mut() {
            chat.messages.clear();
            (chat.heard, chat.taken) = (0, 0);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn chat(&mut self, name: &str) -> &mut Chat {
        if !self.chats.contains_key(name) {
            self.chats.insert(name.to_owned(), Chat::default());
        }
        self.chats.get_mut(name).expect("it was put there")
    }
}
