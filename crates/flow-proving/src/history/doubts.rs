//! Messages that may have had a turn of which nobody told: [`Doubts`].

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{Conversation, Moment, turns::Turn};

/// The messages of a session that may have had a turn, each of which explains one gap at the most.
pub(super) struct Doubts {
    /// When each was first sent, the latest first.
    sent: Vec<Moment>,
    /// From here on the record tells all turns.
    told_from: u64,
}

impl Doubts {
    pub(super) fn of(conversation: &Conversation, turns: &BTreeMap<u64, Turn<'_>>) -> Self {
        let known: BTreeSet<_> = turns.values().map(|turn| turn.message).collect();
        let doubtful = conversation
            .messages
            .iter()
            .filter(|(message, said)| said.may_be_taken() && !known.contains(message.as_str()));
        let mut sent: Vec<_> = doubtful.map(|(_, said)| said.first_sent).collect();
        sent.sort_unstable_by_key(|moment| Reverse(*moment));
        Self { sent, told_from: conversation.told_from() }
    }

    /// Whether one of them may have had its turn at one of these versions, before this moment; then it explains no other.
    ///
    /// Gaps are asked about in the order of their versions.
    pub(super) fn explain(&mut self, versions: Range<u64>, before: Moment) -> bool {
        let is_room = versions.start < versions.end.min(self.told_from);
        // A later gap is not over before an earlier one is: whatever explains this one would explain that one too, so it
        // does not matter which is taken.
        is_room && self.sent.pop_if(|sent| *sent < before).is_some()
    }
}
