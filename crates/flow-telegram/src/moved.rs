//! Groups that have become supergroups: [`Moved`].

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::chat::Chat;

/// How many are remembered. The others are asked for again.
const REMEMBERED: usize = 256;

/// Which chat a group is now, as Telegram has told: a group that becomes a supergroup has another number from then on.
#[derive(Debug, Default)]
pub(crate) struct Moved(Mutex<VecDeque<(i64, i64)>>);

impl Moved {
    /// The chat that this one is now.
    pub(crate) fn now(&self, chat: Chat) -> Chat {
        let moved = self.chats().iter().find(|(from, _)| *from == chat.id).map(|(_, to)| *to);
        moved.map_or(chat, |id| Chat { id, ..chat })
    }

    pub(crate) fn note(&self, from: i64, to: i64) {
        let mut chats = self.chats();
        chats.retain(|(known, _)| *known != from);
        chats.push_back((from, to));
        if chats.len() > REMEMBERED {
            chats.pop_front();
        }
    }

    fn chats(&self) -> MutexGuard<'_, VecDeque<(i64, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
