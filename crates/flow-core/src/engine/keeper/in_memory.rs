//! Sessions that go on in memory while their store is away: [`InMemory`], a write-behind buffer.

use std::{
    collections::HashMap,
    mem::take,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Prefix, Record, SessionId,
    store::{Commit, Expect},
};

/// What this process knows of sessions, so that they can go on without their store, and what they then became.
///
/// Bounded: `limit` sessions are remembered, and as many go on.
#[derive(Debug)]
pub(super) struct InMemory {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What the store holds, as far as this process saw: what was seen lately, and what was seen before that.
    known: [HashMap<SessionId, Record>; 2],
    /// Writes whose answer was lost, until the next turn.
    doubts: HashMap<SessionId, Prefix>,
    ahead: HashMap<SessionId, AheadOfStore>,
    /// How many turns were lost of each session that had moved on elsewhere, until its visitor is told.
    lost: HashMap<SessionId, u32>,
    is_handing_back: bool,
}

/// A session that has gone on in memory.
#[derive(Clone, Debug)]
pub(super) struct AheadOfStore {
    /// What the store may hold, if no other instance wrote: what it held, or a write whose answer was lost.
    pub(super) bases: Vec<Expect>,
    /// The last turn's write.
    pub(super) commit: Commit,
    /// How many turns it has had here.
    pub(super) turns: u32,
}

impl InMemory {
    pub(super) fn for_sessions(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// Remembers what the store holds.
    pub(super) fn saw(&self, id: SessionId, record: Option<&Record>) {
        let mut state = self.state();
        state.doubts.remove(&id);
        for known in &mut state.known {
            known.remove(&id);
        }
        if let Some(record) = record {
            state.known[0].insert(id, record.clone());
            if state.known[0].len() >= self.limit.div_ceil(2) {
                // A session that was not seen since the last time is forgotten.
                state.known[1] = take(&mut state.known[0]);
            }
        }
    }

    /// Remembers that a write may have arrived.
    pub(super) fn doubts(&self, id: SessionId, prefix: Prefix) {
        self.state().doubts.insert(id, prefix);
    }

    /// The session as it is here, or as the store had it when it was last seen.
    pub(super) fn load(&self, id: SessionId) -> Option<Record> {
        let state = self.state();
        let ahead = state.ahead.get(&id).map(|ahead| &ahead.commit.record);
        ahead.or_else(|| state.known.iter().find_map(|known| known.get(&id))).cloned()
    }

    /// The last write that may have arrived, told once.
    pub(super) fn take_doubt(&self, id: SessionId) -> Option<Prefix> {
        self.state().doubts.remove(&id)
    }

    /// Takes a turn's write, and tells whether there was room for it.
    ///
    /// A write in `doubt` that the turn has all of may be written over, should it turn out to be in the store.
    pub(super) fn commit(&self, commit: Commit, doubt: Option<Prefix>) -> bool {
        let mut state = self.state();
        let doubt = doubt.map(Expect::At);
        // What is kept for a turn on the way is none itself.
        let turns = u32::from(commit.record.last_turn() == commit.record.stamp());
        if let Some(ahead) = state.ahead.get_mut(&commit.id) {
            // It was about to be handed back.
            ahead.bases.extend(doubt);
            ahead.commit = commit;
            ahead.turns += turns;
        } else {
            if state.ahead.len() >= self.limit {
                return false;
            }
            let bases = [commit.expect].into_iter().chain(doubt).collect();
            state.ahead.insert(commit.id, AheadOfStore { bases, commit, turns });
        }
        true
    }

    /// Whether this session is to be handed back.
    pub(super) fn is_ahead(&self, id: SessionId) -> bool {
        self.state().ahead.contains_key(&id)
    }

    /// What is to be handed back of this session.
    pub(super) fn ahead(&self, id: SessionId) -> Option<AheadOfStore> {
        self.state().ahead.get(&id).cloned()
    }

    /// The sessions that are to be handed back.
    pub(super) fn ids(&self) -> Vec<SessionId> {
        self.state().ahead.keys().copied().collect()
    }

    /// How many sessions are to be handed back.
    pub(super) fn len(&self) -> usize {
        self.state().ahead.len()
    }

    /// The session is in the store again, or is to be forgotten. Tells whether it was here.
    pub(super) fn release(&self, id: SessionId) -> bool {
        self.state().ahead.remove(&id).is_some()
    }

    /// The session could not be handed back.
    pub(super) fn lose(&self, id: SessionId) {
        let mut state = self.state();
        if let Some(ahead) = state.ahead.remove(&id)
            && state.lost.len() < self.limit
        {
            *state.lost.entry(id).or_default() += ahead.turns;
        }
    }

    /// How many turns of a session were lost, told once.
    pub(super) fn tell_lost(&self, id: SessionId) -> u32 {
        self.state().lost.remove(&id).unwrap_or_default()
    }

    /// Whether a task is to begin handing back: there is something to hand back, and no task does it yet.
    pub(super) fn begins_handing_back(&self) -> bool {
        let mut state = self.state();
        let begins = !state.is_handing_back && !state.ahead.is_empty();
        state.is_handing_back |= begins;
        begins
    }

    /// Whether the task that hands back is done, because there is nothing left.
    pub(super) fn ends_handing_back(&self) -> bool {
        let mut state = self.state();
        state.is_handing_back = !state.ahead.is_empty();
        !state.is_handing_back
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stamp;

    fn write(id: SessionId, expect: Expect, stamp: Stamp) -> Commit {
        let record = Record::compose(stamp, b"{}");
        Commit::new(id, expect, record, "booking", "WELCOME")
    }

    #[test]
    fn what_the_store_held_and_what_it_may_hold_are_where_a_session_goes_on_from() {
        let (in_memory, id) = (InMemory::for_sessions(10), SessionId::random());
        let (first, doubtful) = (Stamp::first(), Stamp::first().next());
        in_memory.saw(id, Some(&write(id, Expect::Absent, first).record));
        assert_eq!(in_memory.load(id).map(|record| record.stamp()), Some(first));
        in_memory.doubts(id, doubtful.into());
        let (second, third) = (first.next(), first.next().next());
        let doubt = in_memory.take_doubt(id);
        assert_eq!((doubt, in_memory.take_doubt(id)), (Some(doubtful.into()), None));
        assert!(in_memory.commit(write(id, Expect::At(first.into()), second), doubt), "there is room");
        in_memory.doubts(id, second.into());
        let doubt = in_memory.take_doubt(id);
        assert!(in_memory.commit(write(id, Expect::At(second.into()), third), doubt), "there is room");
        let ahead = in_memory.ahead(id).expect("it is here");
        assert_eq!(ahead.bases, [first, doubtful, second].map(|stamp| Expect::At(stamp.into())));
        assert_eq!((ahead.commit.record.stamp(), ahead.turns), (third, 2));
    }

    #[test]
    fn it_remembers_the_last_and_goes_on_with_no_more_than_its_bound() {
        let in_memory = InMemory::for_sessions(4);
        let ids: Vec<_> = (0..20).map(|_| SessionId::random()).collect();
        for id in &ids {
            in_memory.saw(*id, Some(&Record::compose(Stamp::first(), b"{}")));
        }
        let known = ids.iter().filter(|id| in_memory.load(**id).is_some()).count();
        assert!((2..=4).contains(&known), "{known} are known");
        assert!(in_memory.load(ids[19]).is_some());
        let taken = ids.iter().filter(|id| in_memory.commit(write(**id, Expect::Absent, Stamp::first()), None));
        assert_eq!(taken.count(), 4);
    }
}
