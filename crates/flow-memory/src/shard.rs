//! A part of the sessions, under one lock: [`Shard`].

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    mem,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Record, SessionId,
    store::{Commit, Expect, Verdict},
};

use crate::room::{Full, Room, Usage};

type Time = DateTime<Utc>;

/// Some of the sessions: their records, and the two indexes over them.
///
/// An entry of an index is there if and only if its record says so.
#[derive(Default)]
pub(crate) struct Shard {
    records: HashMap<SessionId, Held>,
    wakes: BTreeSet<(Time, SessionId)>,
    expiries: BTreeSet<(Time, SessionId)>,
}

/// A record, and when its session expires and wakes.
struct Held {
    record: Record,
    expires_at: Option<Time>,
    wake_at: Option<Time>,
}

impl Held {
    fn new(commit: &Commit, now: Time) -> Self {
        // A time to live beyond chrono's time keeps the record.
        let time_to_live = commit.time_to_live.and_then(|time_to_live| TimeDelta::from_std(time_to_live).ok());
        let expires_at = time_to_live.and_then(|time_to_live| now.checked_add_signed(time_to_live));
        Self { record: commit.record.clone(), expires_at, wake_at: commit.wake_at }
    }

    fn lives(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }

    fn times(&self) -> (Option<Time>, Option<Time>) {
        (self.expires_at, self.wake_at)
    }

    fn usage(&self) -> Usage {
        Usage { sessions: 1, bytes: self.record.bytes().len() }
    }
}

impl Shard {
    /// The record of `id`, and when it expires.
    pub(crate) fn get(&self, id: SessionId) -> Option<(Record, Option<Time>)> {
        self.records.get(&id).map(|held| (held.record.clone(), held.expires_at))
    }

    /// Commits, if there is room.
    pub(crate) fn commit(&mut self, commit: &Commit, now: Time, room: &Room) -> Result<Verdict, Full> {
        let mut entry = self.records.entry(commit.id);
        let current = match &mut entry {
            Entry::Occupied(held) => Some(held.get()),
            Entry::Vacant(_) => None,
        };
        if let Some(outcome) = settled(commit, current.filter(|held| held.lives(now))) {
            return Ok(outcome);
        }
        let (old, new) = (current.map(Held::times).unwrap_or_default(), Held::new(commit, now));
        room.exchange(current.map(Held::usage).unwrap_or_default(), new.usage())?;
        reindex(&mut self.expiries, commit.id, old.0, new.expires_at);
        reindex(&mut self.wakes, commit.id, old.1, new.wake_at);
        entry.insert_entry(new);
        Ok(Verdict::Done)
    }

    /// Removes the record of `id`, and tells whether it was alive.
    pub(crate) fn remove(&mut self, id: SessionId, now: Time, room: &Room) -> bool {
        self.bury(id, room).is_some_and(|held| held.lives(now))
    }

    /// Removes up to `most` expired records, and tells how many.
    pub(crate) fn sweep(&mut self, most: usize, now: Time, room: &Room) -> usize {
        for swept in 0..most {
            match self.expiries.first() {
                Some((expires_at, id)) if *expires_at <= now => self.bury(*id, room),
                _ => return swept,
            };
        }
        most
    }

    /// The session that is longest due at `due_at`, and since when. Expired ones on the way to it are removed.
    pub(crate) fn longest_due(&mut self, due_at: Time, now: Time, room: &Room) -> Option<(Time, SessionId)> {
        loop {
            let (wake_at, id) = *self.wakes.first().filter(|(wake_at, _)| *wake_at <= due_at)?;
            if self.records.get(&id).is_some_and(|held| held.lives(now)) {
                return Some((wake_at, id));
            }
            self.bury(id, room);
        }
    }

    /// Moves the wake time of `id`.
    pub(crate) fn wake_later(&mut self, id: SessionId, wake_at: Option<Time>) {
        if let Some(held) = self.records.get_mut(&id) {
            let old = mem::replace(&mut held.wake_at, wake_at);
            reindex(&mut self.wakes, id, old, wake_at);
        }
    }

    /// Up to `limit` live sessions that come after `after`, the smallest id first.
    pub(crate) fn ids(&self, after: Option<SessionId>, limit: usize, now: Time) -> Vec<SessionId> {
        // Looks at every id of the shard: an order kept beside the map would slow down each turn, not just a browse.
        let after = |id: &SessionId| after.is_none_or(|after| *id > after);
        let living = self.records.iter().filter(|(id, held)| after(id) && held.lives(now));
        let mut ids: Vec<_> = living.map(|(id, _)| *id).collect();
        if ids.len() > limit {
            ids.select_nth_unstable(limit);
            ids.truncate(limit);
        }
        ids.sort_unstable();
        ids
    }

    fn bury(&mut self, id: SessionId, room: &Room) -> Option<Held> {
        let held = self.records.remove(&id)?;
        reindex(&mut self.expiries, id, held.expires_at, None);
        reindex(&mut self.wakes, id, held.wake_at, None);
        room.give_back(held.usage());
        Some(held)
    }
}

/// What becomes of a commit that is not to be written, because it was or because something stands against it.
fn settled(commit: &Commit, current: Option<&Held>) -> Option<Verdict> {
    let stored = current.map(|held| held.record.stamp());
    if stored == Some(commit.record.stamp()) {
        return Some(Verdict::Done);
    }
    let expected = match commit.expect {
        Expect::Absent => None,
        Expect::At(stamp) => Some(stamp),
    };
    (stored != expected).then(|| Verdict::Conflict(current.map(|held| held.record.clone())))
}

fn reindex(index: &mut BTreeSet<(Time, SessionId)>, id: SessionId, old: Option<Time>, new: Option<Time>) {
    if old != new {
        old.map(|old| index.remove(&(old, id)));
        new.map(|new| index.insert((new, id)));
    }
}
