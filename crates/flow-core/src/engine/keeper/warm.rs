//! Sessions as this process left them: [`Warm`], so that their next turn need not ask the store first.
//!
//! What is kept here is never believed. A turn that begins with it holds by the compare-and-set of its commit alone, and what a turn ends in
//! without a commit is found out over what is stored. So a session that was written, erased or lost elsewhere meanwhile costs one more
//! round, and nothing else.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::time::Instant;

use super::{Keeper, Known};
use crate::{Flow, SessionId, Stamp};

/// Sessions as this process left them, bounded in bytes: those that were longest without a turn go first.
pub(super) struct Warm<F: Flow> {
    kept: Mutex<Kept<F>>,
    /// How many bytes may be kept, all in all.
    most: usize,
}

/// Two generations: when the younger has half of the bytes, the older goes and the younger takes its place.
struct Kept<F: Flow> {
    young: Generation<F>,
    old: Generation<F>,
}

struct Generation<F: Flow> {
    sessions: HashMap<SessionId, Entry<F>>,
    bytes: usize,
}

/// What is known of a session.
struct Entry<F: Flow> {
    known: Option<Known<F>>,
    /// How often in a row a turn of this session found that another process had written it.
    losses: u32,
    /// When it did so last.
    lost_at: Option<Instant>,
}

/// After so many losses in a row, the turns of a session are taken to come elsewhere too.
const LOSSES: u32 = 2;

/// So long it is then read before each turn.
const APART: Duration = Duration::from_secs(60);

/// So long what the store has told of the time is gone on from.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// So much two clocks of this machine may differ in what has passed. One that was set, or a machine that has slept, shows in more.
const APART_BY: TimeDelta = TimeDelta::milliseconds(250);

/// What may expire so soon is not decided by what this machine takes for the time.
const SOON: TimeDelta = TimeDelta::seconds(1);

/// What a session takes in memory besides what its record has twice: its parts, and its place in the map.
const OVERHEAD: usize = 2_048;

impl<F: Flow> Default for Generation<F> {
    fn default() -> Self {
        Self { sessions: HashMap::new(), bytes: 0 }
    }
}

impl<F: Flow> Entry<F> {
    fn bytes(&self) -> usize {
        self.known.as_ref().map_or(OVERHEAD / 8, |known| 2 * known.record.bytes().len() + OVERHEAD)
    }

    fn is_apart(&self) -> bool {
        self.losses >= LOSSES && self.lost_at.is_some_and(|at| at.elapsed() < APART)
    }
}

impl<F: Flow> Generation<F> {
    fn insert(&mut self, id: SessionId, entry: Entry<F>) {
        self.bytes += entry.bytes();
        if let Some(before) = self.sessions.insert(id, entry) {
            self.bytes -= before.bytes();
        }
    }

    fn remove(&mut self, id: SessionId) -> Option<Entry<F>> {
        let entry = self.sessions.remove(&id)?;
        self.bytes -= entry.bytes();
        Some(entry)
    }
}

impl<F: Flow> Kept<F> {
    fn remove(&mut self, id: SessionId) -> Option<Entry<F>> {
        self.young.remove(id).or_else(|| self.old.remove(id))
    }
}

impl<F: Flow> Warm<F> {
    /// How many bytes are kept if nothing else is said.
    pub(super) const BYTES: usize = 64 * 1024 * 1024;

    /// Keeps so many bytes at most; nothing if that is none.
    pub(super) fn of_bytes(most: usize) -> Self {
        Self { kept: Mutex::new(Kept { young: Generation::default(), old: Generation::default() }), most }
    }

    /// Takes out what is kept of a session, unless its turns come elsewhere too.
    fn take(&self, id: SessionId) -> Option<Known<F>> {
        let mut kept = self.kept();
        let mut entry = kept.remove(id)?;
        let known = entry.known.take().filter(|_| !entry.is_apart());
        if entry.losses > 0 {
            kept.young.insert(id, entry);
        }
        known
    }

    /// Keeps a session as its turn has left it. Where no turn has begun with what was kept, another process is not known to write it less
    /// than before.
    fn keep(&self, known: Known<F>, was_warm: bool) {
        let id = known.session.id();
        let mut kept = self.kept();
        let before = kept.remove(id);
        let (losses, lost_at) = before.map_or((0, None), |entry| (entry.losses, entry.lost_at));
        let (losses, lost_at) = if was_warm { (0, None) } else { (losses, lost_at) };
        let entry = Entry { known: Some(known), losses, lost_at };
        if entry.bytes() > self.most / 2 {
            return;
        }
        kept.young.insert(id, entry);
        let old = if kept.young.bytes > self.most / 2 {
            let young = mem::take(&mut kept.young);
            mem::replace(&mut kept.old, young)
        } else {
            Generation::default()
        };
        drop(kept);
        // It may be large, and nobody has to wait for it.
        drop(old);
    }

    /// Notes that another process had written the session.
    fn lost(&self, id: SessionId) {
        let mut kept = self.kept();
        let losses = kept.remove(id).map_or(0, |entry| entry.losses);
        let entry = Entry { known: None, losses: losses.saturating_add(1), lost_at: Some(Instant::now()) };
        kept.young.insert(id, entry);
    }

    /// Forgets what is kept of a session, if it is of another write than this.
    pub(super) fn forget_but(&self, id: SessionId, stamp: Option<Stamp>) {
        if self.most == 0 {
            return;
        }
        let mut kept = self.kept();
        let Kept { young, old } = &mut *kept;
        for generation in [young, old] {
            let Some(entry) = generation.sessions.get_mut(&id) else { continue };
            if entry.known.as_ref().is_some_and(|known| Some(known.session.stamp()) != stamp) {
                generation.bytes -= entry.bytes();
                entry.known = None;
                generation.bytes += entry.bytes();
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept<F>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Flow> Keeper<F> {
    /// The session as this process left it, if a turn can begin with that; it is kept no more.
    pub(in crate::engine) fn take_warm(&self, id: SessionId) -> Option<Known<F>> {
        if self.warm.most == 0 {
            return None;
        }
        self.warm.take(id).filter(|known| self.knows_the_time(known))
    }

    /// Keeps a session as its turn has left it in the store, for the next.
    pub(in crate::engine) fn keep_warm(&self, known: Known<F>, was_warm: bool) {
        self.warm.keep(known, was_warm);
    }

    /// Whether anything is kept.
    pub(in crate::engine) fn keeps_warm(&self) -> bool {
        self.warm.most > 0
    }

    /// Notes that another process had written a session with which a turn began as it was left here.
    pub(in crate::engine) fn was_written_elsewhere(&self, id: SessionId) {
        self.warm.lost(id);
    }

    /// Whether what time it is can be told well enough for a turn: it was heard not long ago, nothing has set a clock or stopped the machine
    /// since, and nothing expires within what may be wrong about it.
    fn knows_the_time(&self, known: &Known<F>) -> bool {
        let (least, most) = self.time.since(known.heard);
        let now = self.now(known);
        let expires = known.session.expires_at().is_some_and(|at| at - now <= SOON);
        most <= LONGEST && most - least <= APART_BY && !expires && !known.session.has_lapsed()
    }
}
