//! The turns of a session, as far as they are known: [`Turn`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Conversation, Moment, Said, Violation};

/// A turn that was acknowledged, or that the record remembers.
pub(super) struct Turn<'h> {
    pub(super) message: &'h str,
    pub(super) first_sent: Moment,
    /// When it, or one after it, was known to be over; the end of time if none was.
    pub(super) over_by: Moment,
    pub(super) began: Standing<'h>,
    pub(super) ended: Standing<'h>,
}

/// Where a session is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing<'h> {
    /// There is none yet.
    Nowhere,
    In(&'h str),
    /// It is not known: no answer told.
    Unknown,
}

impl<'h> Standing<'h> {
    pub(super) fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }

    pub(super) fn state(self) -> Option<&'h str> {
        if let Self::In(state) = self { Some(state) } else { None }
    }
}

/// The turns by their versions. A message that has several is found here, and counted with the first.
pub(super) fn turns<'h>(conversation: &'h Conversation, violations: &mut Vec<Violation>) -> BTreeMap<u64, Turn<'h>> {
    let mut turns = BTreeMap::<u64, Turn<'h>>::new();
    for (message, versions) in versions(conversation) {
        let said = conversation.messages.get(message);
        let version = check_once(message, &versions, said, violations);
        if let Some(other) = turns.insert(version, Turn::of(message, version, said)) {
            let messages = (other.message.to_owned(), message.to_owned());
            violations.push(Violation::SharedVersion { version, messages });
        }
    }
    let mut over_by = Moment::MAX;
    for turn in turns.values_mut().rev() {
        over_by = over_by.min(turn.over_by);
        turn.over_by = over_by;
    }
    turns
}

/// At which versions each message is said to have had a turn, by an answer or by the record.
fn versions(conversation: &Conversation) -> BTreeMap<&str, BTreeSet<u64>> {
    let mut versions = BTreeMap::<&str, BTreeSet<u64>>::new();
    for (message, said) in &conversation.messages {
        for acknowledgement in &said.acknowledgements {
            versions.entry(message).or_default().insert(acknowledgement.version);
        }
    }
    for (message, version) in conversation.stored.iter().flat_map(|stored| &stored.remembered) {
        versions.entry(message).or_default().insert(*version);
    }
    versions
}

/// The message has one turn, was taken as new once at the most, and not if it failed. Gives the turn's version.
fn check_once(message: &str, versions: &BTreeSet<u64>, said: Option<&Said>, violations: &mut Vec<Violation>) -> u64 {
    let version = *versions.first().expect("a message is only here for a version");
    let as_new = said.map_or(0, |said| said.acknowledgements.iter().filter(|heard| !heard.is_repeat).count());
    if as_new > 1 || versions.len() > 1 {
        let versions = (version, *versions.iter().nth(1).unwrap_or(&version));
        violations.push(Violation::AppliedTwice { message: message.to_owned(), versions });
    }
    if said.is_some_and(|said| !said.may_be_taken()) {
        violations.push(Violation::TakenThoughFailed { message: message.to_owned(), version });
    }
    version
}

impl<'h> Turn<'h> {
    fn of(message: &'h str, version: u64, said: Option<&'h Said>) -> Self {
        let (mut began, mut ended) = (Standing::Unknown, Standing::Unknown);
        // A repeat tells the state of today, not that of its turn.
        if let Some(heard) = said.and_then(|said| said.acknowledgements.iter().find(|heard| !heard.is_repeat)) {
            ended = Standing::In(&heard.state);
            began = match &heard.from {
                Some(from) => Standing::In(from),
                None if version == 1 => Standing::Nowhere,
                // It took no step.
                None => ended,
            };
        }
        let over_by = said.and_then(|said| said.first_heard).unwrap_or(Moment::MAX);
        // What only the record tells of may have been sent at any time.
        Self { message, first_sent: said.map_or(0, |said| said.first_sent), over_by, began, ended }
    }
}
