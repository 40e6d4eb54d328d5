//! Messages that may have had a turn although no answer said so: [`Doubts`].

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
        // A later gap is not over before an earlier one is. So a message that explains the earlier gap would explain the
        // later one too, and any of them may be used up.
        is_room && self.sent.pop_if(|sent| *sent < before).is_some()
    }
}
