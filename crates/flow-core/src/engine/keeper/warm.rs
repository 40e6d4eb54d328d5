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

use super::{Keeper, Known, Reading};
use crate::{Flow, SessionId, Stamp};

/// Sessions as this process left them, bounded in bytes: those that were longest without a turn go first.
pub(super) struct Warm<F: Flow> {
    kept: Mutex<Kept<F>>,
    /// How many bytes may be kept, all in all.
    most: usize,
}

/// Two generations: when the younger has half of the bytes, or is as old as a session may be here, the older goes and the younger takes its
/// place.
struct Kept<F: Flow> {
    young: Generation<F>,
    old: Generation<F>,
    /// The share of turns that found a session otherwise than it was left here.
    outdated: f32,
}

struct Generation<F: Flow> {
    sessions: HashMap<SessionId, Entry<F>>,
    bytes: usize,
    began: Instant,
}

/// What is known of a session.
struct Entry<F: Flow> {
    /// As a turn here has left it, if the next may begin with that.
    known: Option<Known<F>>,
    /// The last turn that was taken here.
    left: Stamp,
    /// How often in a row the next turn here found it so.
    hits: u8,
    /// How often in a row a turn here began with it, and another process had written it.
    losses: u8,
}

/// After so many losses in a row, the turns of a session are taken to come elsewhere too.
const LOSSES: u8 = 2;

/// Where turns come elsewhere too, so many of a session have to come here in a row before one begins with what was left.
const HITS: u8 = 4;

/// Of how many turns the share of those is told that would have begun with something out of date. The last count most.
const OF_TURNS: f32 = 32.0;

/// Beyond this share the sessions of this process are taken to go about.
const MOST_OUTDATED: f32 = 0.125;

/// So long what the store has told of the time is gone on from, and so long a generation goes on.
const LONGEST: Duration = Duration::from_secs(300);

/// So much two clocks of this machine may differ in what has passed. One that was set, or a machine that has slept, shows in more.
const APART_BY: TimeDelta = TimeDelta::milliseconds(250);

/// What may expire so soon is not decided by what this machine takes for the time.
const SOON: TimeDelta = TimeDelta::seconds(1);

/// What a session takes in memory besides what its record has twice: its parts.
const PARTS: usize = 2_048;

/// What an entry takes without it.
const ENTRY: usize = 256;

impl<F: Flow> Default for Generation<F> {
    fn default() -> Self {
        Self { sessions: HashMap::new(), bytes: 0, began: Instant::now() }
    }
}

fn bytes<F: Flow>(known: Option<&Known<F>>) -> usize {
    known.map_or(ENTRY, |known| 2 * known.record.bytes().len() + PARTS + ENTRY)
}

impl<F: Flow> Generation<F> {
    /// Has this kept of a session from now on, and gives what was.
    fn put(&mut self, id: SessionId, known: Option<Known<F>>) -> Option<Known<F>> {
        let entry = self.sessions.get_mut(&id)?;
        self.bytes += bytes(known.as_ref());
        let before = mem::replace(&mut entry.known, known);
        self.bytes -= bytes(before.as_ref());
        before
    }

    fn remove(&mut self, id: SessionId) -> Option<Entry<F>> {
        let entry = self.sessions.remove(&id)?;
        self.bytes -= bytes(entry.known.as_ref());
        Some(entry)
    }

    fn insert(&mut self, id: SessionId, entry: Entry<F>) {
        self.bytes += bytes(entry.known.as_ref());
        self.sessions.insert(id, entry);
    }
}

impl<F: Flow> Kept<F> {
    fn generation(&mut self, id: SessionId) -> &mut Generation<F> {
        if self.young.sessions.contains_key(&id) { &mut self.young } else { &mut self.old }
    }

    fn entry(&mut self, id: SessionId) -> Option<&mut Entry<F>> {
        self.generation(id).sessions.get_mut(&id)
    }

    /// Whether a turn of the session is taken to find it as it was left here.
    fn trusts(&self, entry: &Entry<F>) -> bool {
        entry.hits >= HITS || (entry.losses < LOSSES && self.outdated <= MOST_OUTDATED)
    }

    /// Notes whether a turn has found the session as it was left here, and whether it had begun with that.
    fn found(&mut self, id: SessionId, is_as_left: bool, was_warm: bool) {
        let Some(entry) = self.entry(id) else { return };
        entry.hits = if is_as_left { entry.hits.saturating_add(1) } else { 0 };
        if was_warm {
            entry.losses = if is_as_left { 0 } else { entry.losses.saturating_add(1) };
        }
        self.outdated += (f32::from(u8::from(!is_as_left)) - self.outdated) / OF_TURNS;
    }
}

impl<F: Flow> Warm<F> {
    /// Keeps so many bytes at most; nothing if that is none.
    pub(super) fn of_bytes(most: usize) -> Self {
        let kept = Kept { young: Generation::default(), old: Generation::default(), outdated: 0.0 };
        Self { kept: Mutex::new(kept), most }
    }

    /// Takes out what is kept of a session, if a turn may begin with that.
    fn take(&self, id: SessionId) -> Option<Known<F>> {
        self.kept().generation(id).put(id, None)
    }

    /// Keeps a session as its turn has left it, if that is taken to be of use.
    fn keep(&self, known: Known<F>) {
        let (id, left) = (known.session.id(), known.session.last_turn());
        let size = bytes(Some(&known));
        let mut kept = self.kept();
        let before = kept.young.remove(id).or_else(|| kept.old.remove(id));
        let (hits, losses) = before.map_or((0, 0), |entry| (entry.hits, entry.losses));
        let mut entry = Entry { known: None, left, hits, losses };
        if size <= self.most / 2 && kept.trusts(&entry) {
            entry.known = Some(known);
        }
        kept.young.insert(id, entry);
        let old = if kept.young.bytes > self.most / 2 || kept.young.began.elapsed() > LONGEST {
            let young = mem::take(&mut kept.young);
            mem::replace(&mut kept.old, young)
        } else {
            Generation::default()
        };
        drop(kept);
        // It may be large, and nobody has to wait for it.
        drop(old);
    }

    /// Forgets what is kept of a session, if it is of another write than this.
    pub(super) fn forget_but(&self, id: SessionId, stamp: Option<Stamp>) {
        if self.most == 0 {
            return;
        }
        let mut kept = self.kept();
        let Kept { young, old, .. } = &mut *kept;
        for generation in [young, old] {
            let known = generation.sessions.get(&id).and_then(|entry| entry.known.as_ref());
            if known.is_some_and(|known| Some(known.session.stamp()) != stamp) {
                generation.put(id, None);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept<F>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Flow> Keeper<F> {
    /// The session as this process left it, if a turn can begin with that; it is kept no more.
    pub(in crate::engine) fn remembered(&self, id: SessionId) -> Option<Reading<F>> {
        if !self.keeps_warm() {
            return None;
        }
        let known = self.warm.take(id).filter(|known| self.knows_the_time(known))?;
        Some(Reading { is_warm: true, ..known.into() })
    }

    /// Notes how a visitor's turn found its session, which it had to read.
    pub(in crate::engine) fn was_read(&self, id: SessionId, stored: &Reading<F>) {
        if !self.keeps_warm() {
            return;
        }
        let last_turn = stored.known.as_ref().map(|known| known.session.last_turn());
        let mut kept = self.warm.kept();
        if let Some(left) = kept.entry(id).map(|entry| entry.left) {
            kept.found(id, last_turn == Some(left), false);
        }
    }

    /// Keeps a session as its turn has left it in the store, for the next.
    pub(in crate::engine) fn keep_warm(&self, known: Known<F>, was_warm: bool) {
        if was_warm {
            self.warm.kept().found(known.session.id(), true, true);
        }
        self.warm.keep(known);
    }

    /// Keeps a session as a write has left it that was no turn, if its last turn was kept.
    pub(in crate::engine) fn keep_amended(&self, known: Known<F>) {
        let left = known.session.last_turn();
        if self.keeps_warm() && self.warm.kept().entry(known.session.id()).is_some_and(|entry| entry.left == left) {
            self.warm.keep(known);
        }
    }

    /// Whether anything is kept.
    pub(in crate::engine) fn keeps_warm(&self) -> bool {
        self.warm.most > 0
    }

    /// Notes that another process had written a session with which a turn began as it was left here.
    pub(in crate::engine) fn was_written_elsewhere(&self, id: SessionId) {
        self.warm.kept().found(id, false, true);
    }

    /// Whether what time it is can be told well enough for a turn: it was heard not long ago, nothing has set a clock or stopped the machine
    /// since, and nothing expires within what may be wrong about it.
    fn knows_the_time(&self, known: &Known<F>) -> bool {
        let (least, most) = self.time.since(known.heard);
        let now = self.now(known);
        let expires = known.session.expires_at().is_some_and(|at| at - now <= SOON);
        most <= TimeDelta::from_std(LONGEST).unwrap_or_default()
            && most - least <= APART_BY
            && !expires
            && !known.session.has_lapsed()
    }
}
