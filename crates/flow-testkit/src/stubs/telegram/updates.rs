//! What has happened, and the bot does not have yet: [`Updates`].

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Telegram keeps a message for a day, and a press for 150 seconds.
pub(super) const MESSAGE_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
pub(super) const PRESS_KEPT: Duration = Duration::from_secs(150);

/// Updates by their id.
pub(super) struct Updates {
    pending: BTreeMap<u64, Update>,
    next: u64,
    /// Which kinds the bot wants. None: all but those that have to be asked for.
    allowed: Option<Vec<String>>,
}

/// One, as it is delivered.
#[derive(Clone)]
pub(super) struct Update {
    pub(super) id: u64,
    /// `message`, `callback_query`, ….
    pub(super) kind: String,
    pub(super) wire: Value,
    pub(super) chat: String,
    /// Telegram delivers the messages of a chat in order, and the presses of a user, but not one after the other.
    pub(super) lane: String,
    pub(super) expires: Instant,
    pub(super) trip: Option<u64>,
}

/// What a bot gets only if it asks for it: the documentation of `allowed_updates`.
const ASKED_FOR: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

impl Default for Updates {
    fn default() -> Self {
        Self { pending: BTreeMap::new(), next: 823_000_001, allowed: None }
    }
}

impl Updates {
    /// Takes one in, with an id. None if the bot does not want its kind.
    pub(super) fn push(&mut self, mut update: Update) -> Option<Update> {
        let is_wanted = match &self.allowed {
            Some(allowed) => allowed.contains(&update.kind),
            None => !ASKED_FOR.contains(&&*update.kind),
        };
        if !is_wanted {
            return None;
        }
        update.id = self.next;
        self.next += 1;
        update.wire["update_id"] = update.id.into();
        self.pending.insert(update.id, update.clone());
        Some(update)
    }

    /// An empty list is all but what has to be asked for. None leaves it as it was.
    pub(super) fn allow(&mut self, kinds: Option<Vec<String>>) {
        if let Some(kinds) = kinds {
            self.allowed = (!kinds.is_empty()).then_some(kinds);
        }
    }

    pub(super) fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    /// What `getUpdates` gives: all before the offset is forgotten, and a negative one counts from the end.
    ///
    /// The trips of what was forgotten, which the bot has, and what comes after it.
    pub(super) fn after(&mut self, offset: i64, limit: usize) -> (Vec<u64>, Vec<Update>) {
        self.forget_expired();
        let first = if offset < 0 {
            let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            self.pending.keys().rev().nth(kept - 1).or(self.pending.keys().next()).copied().unwrap_or_default()
        } else {
            offset.unsigned_abs()
        };
        let rest = self.pending.split_off(&first);
        let taken = std::mem::replace(&mut self.pending, rest);
        let given = self.pending.values().take(limit).cloned().collect();
        (taken.into_values().filter_map(|update| update.trip).collect(), given)
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.pending.remove(&id);
    }

    pub(super) fn get(&self, id: u64) -> Option<&Update> {
        self.pending.get(&id)
    }

    /// All that wait, in order.
    pub(super) fn pending(&mut self) -> Vec<Update> {
        self.forget_expired();
        self.pending.values().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    fn forget_expired(&mut self) {
        let now = Instant::now();
        self.pending.retain(|_, update| update.expires > now);
    }
}
