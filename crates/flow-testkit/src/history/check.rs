//! The checks of one session's history.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use super::{Conversation, Said, Violation};

/// A turn, as far as it is known.
struct Turn<'h> {
    message: &'h str,
    first_sent: Instant,
    first_heard: Option<Instant>,
    /// Where it began and ended, if whoever took it said so.
    way: Option<(Option<&'h str>, &'h str)>,
}

/// Everything that no serial history of this session explains.
pub(super) fn violations(conversation: &Conversation) -> Vec<Violation> {
    let mut violations = Vec::new();
    let turns = turns(conversation, &mut violations);
    check_time(&turns, &mut violations);
    let doubts_left = check_way(&turns, conversation, &mut violations);
    check_end(&turns, conversation, doubts_left, &mut violations);
    violations
}

/// The turns by their versions.
fn turns<'h>(conversation: &'h Conversation, violations: &mut Vec<Violation>) -> BTreeMap<u64, Turn<'h>> {
    let mut turns = BTreeMap::<u64, Turn<'h>>::new();
    let remembered = |message: &str| {
        let stored = conversation.stored.iter().flat_map(|stored| &stored.remembered);
        stored.filter(|(id, _)| id == message).map(|(_, version)| *version).collect::<Vec<_>>()
    };
    for (message, said) in &conversation.messages {
        let mut versions: Vec<_> =
            said.acknowledgements.iter().map(|acknowledgement| acknowledgement.version).collect();
        versions.extend(remembered(message));
        versions.sort_unstable();
        versions.dedup();
        if let [one, other, ..] = versions[..] {
            violations.push(Violation::AppliedTwice { message: message.clone(), versions: (one, other) });
        }
        if said.acknowledgements.iter().filter(|acknowledgement| !acknowledgement.is_repeat).count() > 1
            && let [version] = versions[..]
        {
            violations.push(Violation::AppliedTwice { message: message.clone(), versions: (version, version) });
        }
        let Some(version) = versions.first() else { continue };
        if let Some(other) = turns.insert(*version, turn(message, said)) {
            let messages = (other.message.to_owned(), message.clone());
            violations.push(Violation::SharedVersion { version: *version, messages });
        }
    }
    turns
}

fn turn<'h>(message: &'h str, said: &'h Said) -> Turn<'h> {
    // A repeat tells the state of today, not that of its turn.
    let first = said.acknowledgements.iter().find(|acknowledgement| !acknowledgement.is_repeat);
    let way = first.map(|first| (first.from.as_deref(), first.state.as_str()));
    Turn { message, first_sent: said.first_sent, first_heard: said.first_heard, way }
}

/// No turn was begun after one that follows it was over.
fn check_time(turns: &BTreeMap<u64, Turn<'_>>, violations: &mut Vec<Violation>) {
    let mut over: Option<Instant> = None;
    for (version, turn) in turns.iter().rev() {
        if over.is_some_and(|over| over < turn.first_sent) {
            violations.push(Violation::AgainstTime { later: turn.message.to_owned(), version: *version });
        }
        over = over.into_iter().chain(turn.first_heard).min();
    }
}

/// Each turn began where the one before had ended, or something in doubt stands between them. Gives how many doubts are
/// left.
fn check_way(turns: &BTreeMap<u64, Turn<'_>>, conversation: &Conversation, violations: &mut Vec<Violation>) -> usize {
    let known: BTreeSet<_> = turns.values().map(|turn| turn.message).collect();
    let in_doubt = conversation.messages.iter().filter(|(_, said)| said.is_in_doubt);
    let mut doubts = in_doubt.filter(|(message, _)| !known.contains(message.as_str())).count();
    let mut ended: Option<&str> = None;
    for (version, turn) in turns {
        let Some((began, state)) = turn.way else {
            // It is known to have been taken, and not where it led.
            ended = None;
            continue;
        };
        // A turn without a step began where it ended; the opening of a session begins nowhere.
        if let (Some(before), Some(began)) = (ended, began.or((*version > 1).then_some(state)))
            && before != began
        {
            if doubts == 0 {
                let (ended, began) = (before.to_owned(), began.to_owned());
                violations.push(Violation::Gap { version: *version, ended, began });
            } else {
                doubts -= 1;
            }
        }
        ended = Some(state);
    }
    doubts
}

fn check_end(
    turns: &BTreeMap<u64, Turn<'_>>,
    conversation: &Conversation,
    doubts_left: usize,
    violations: &mut Vec<Violation>,
) {
    let Some((acknowledged, last)) = turns.last_key_value() else { return };
    match &conversation.stored {
        None => violations.push(Violation::Lost { acknowledged: *acknowledged, stored: None }),
        Some(stored) if stored.version < *acknowledged => {
            violations.push(Violation::Lost { acknowledged: *acknowledged, stored: Some(stored.version) });
        }
        Some(stored) => {
            if let Some((_, ended)) = last.way
                && stored.state != ended
                && doubts_left == 0
            {
                let (ended, stored) = (ended.to_owned(), stored.state.clone());
                violations.push(Violation::OtherState { ended, stored });
            }
        }
    }
}
