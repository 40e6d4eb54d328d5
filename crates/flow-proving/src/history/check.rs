//! The checks of one session's history.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Conversation, Moment, Violation,
    doubts::Doubts,
    turns::{Standing, Turn, turns},
};

/// Everything that no serial history of this session explains.
pub(super) fn violations(conversation: &Conversation) -> Vec<Violation> {
    let mut violations = Vec::new();
    let turns = turns(conversation, &mut violations);
    check_time(&turns, &mut violations);
    check_way(conversation, &turns, &mut violations);
    check_memory(conversation, &turns, &mut violations);
    violations
}

/// No turn was begun after one that follows it was over.
fn check_time(turns: &BTreeMap<u64, Turn<'_>>, violations: &mut Vec<Violation>) {
    for (version, turn) in turns.iter().filter(|(_, turn)| turn.over_by < turn.first_sent) {
        violations.push(Violation::AgainstTime { later: turn.message.to_owned(), version: *version });
    }
}

/// Each turn began where the one before had ended, and what is stored is where the last one ended; or something in doubt
/// stands between them.
fn check_way(conversation: &Conversation, turns: &BTreeMap<u64, Turn<'_>>, violations: &mut Vec<Violation>) {
    let mut doubts = Doubts::of(conversation, turns);
    let (mut last, mut place) = (0, Standing::Nowhere);
    for (version, turn) in turns {
        if !place.may_be(turn.began) && !doubts.explain(last + 1..*version, turn.over_by) {
            let (ended, began) = (owned(place), owned(turn.began));
            violations.push(Violation::Gap { version: *version, ended, began });
        }
        (last, place) = (*version, turn.ended);
    }
    match &conversation.stored {
        None if turns.is_empty() => {}
        None => violations.push(Violation::Lost { acknowledged: last, stored: None }),
        Some(stored) if stored.version < last => {
            violations.push(Violation::Lost { acknowledged: last, stored: Some(stored.version) });
        }
        Some(stored) => {
            let is_there = place.may_be(Standing::In(&stored.state));
            if !is_there && !doubts.explain(last + 1..stored.version + 1, Moment::MAX) {
                violations.push(Violation::OtherState { ended: owned(place), stored: stored.state.clone() });
            }
        }
    }
}

fn owned(standing: Standing<'_>) -> Option<String> {
    standing.state().map(str::to_owned)
}

/// The record remembers each turn since the earliest that it remembers.
fn check_memory(conversation: &Conversation, turns: &BTreeMap<u64, Turn<'_>>, violations: &mut Vec<Violation>) {
    let Some(stored) = &conversation.stored else { return };
    let remembered: BTreeSet<_> = stored.remembered.iter().map(|(_, version)| version).collect();
    for (version, turn) in turns.range(conversation.told_from()..) {
        // What is later than the record is lost, and that is told.
        if *version <= stored.version && !remembered.contains(version) {
            violations.push(Violation::Forgotten { message: turn.message.to_owned(), version: *version });
        }
    }
}
