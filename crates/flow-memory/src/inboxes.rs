//! What waits beside the records: [`Inboxes`].

use std::collections::HashMap;

use flow_core::{
    SessionId,
    store::{Letter, Post},
};

/// The letters of all sessions. A session without one has no inbox.
#[derive(Default)]
pub(crate) struct Inboxes {
    inboxes: HashMap<SessionId, Vec<Letter>>,
    bytes: usize,
}

/// What a post would be, if there is room for its letter in the store.
pub(crate) enum Fits {
    First,
    Behind,
    IsKnown,
    Not,
}

impl Inboxes {
    /// The bytes of all letters.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The first letters of `id`, as many as `limit`.
    pub(crate) fn first(&self, id: SessionId, limit: usize) -> Vec<Letter> {
        self.of(id).iter().take(limit).cloned().collect()
    }

    /// How many letters wait.
    pub(crate) fn waiting(&self, id: SessionId) -> usize {
        self.of(id).len()
    }

    /// Whether a letter waits before those of these names.
    pub(crate) fn has_before(&self, id: SessionId, names: &[[u8; 16]]) -> bool {
        self.of(id).first().is_some_and(|first| !names.contains(&first.name))
    }

    /// Whether the inbox takes the letter.
    pub(crate) fn fits(&self, post: &Post) -> Fits {
        let inbox = self.of(post.id);
        let bytes: usize = inbox.iter().map(|letter| letter.body.len()).sum();
        if inbox.iter().any(|letter| letter.name == post.letter.name) {
            Fits::IsKnown
        } else if inbox.len() >= post.letters || bytes.saturating_add(post.letter.body.len()) > post.bytes {
            Fits::Not
        } else if inbox.is_empty() {
            Fits::First
        } else {
            Fits::Behind
        }
    }

    pub(crate) fn push(&mut self, id: SessionId, letter: Letter) {
        self.bytes += letter.body.len();
        self.inboxes.entry(id).or_default().push(letter);
    }

    /// Takes the letters of these names off.
    pub(crate) fn take(&mut self, id: SessionId, names: &[[u8; 16]]) {
        let Some(inbox) = self.inboxes.get_mut(&id).filter(|_| !names.is_empty()) else { return };
        for taken in inbox.extract_if(.., |letter| names.contains(&letter.name)) {
            self.bytes -= taken.body.len();
        }
        if inbox.is_empty() {
            self.inboxes.remove(&id);
        }
    }

    /// Removes all letters, and tells whether there were any.
    pub(crate) fn remove(&mut self, id: SessionId) -> bool {
        let removed = self.inboxes.remove(&id);
        self.bytes -= removed.iter().flatten().map(|letter| letter.body.len()).sum::<usize>();
        removed.is_some()
    }

    fn of(&self, id: SessionId) -> &[Letter] {
        self.inboxes.get(&id).map_or(&[], Vec::as_slice)
    }
}
