//! What a store in this process holds: [`LiveSessions`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Record, SessionId, StoreError,
    store::{Claim, Commit, Due, Loaded, Post, Posted, Verdict},
};

use crate::{
    Usage,
    inboxes::{Fits, Inboxes},
    wakes::Wakes,
};

type Time = DateTime<Utc>;

/// How many expired records each commit sweeps. More than it can add, so that they get fewer.
const SWEPT_BY_A_COMMIT: usize = 4;

/// The records, in the order of their ids and of when they expire; what waits beside them; and when to look at which.
#[derive(Default)]
pub(crate) struct LiveSessions {
    sessions: BTreeMap<SessionId, LiveSession>,
    expiries: BTreeSet<(Time, SessionId)>,
    inboxes: Inboxes,
    wakes: Wakes,
    bytes: usize,
}

/// A record, and when it expires.
struct LiveSession {
    record: Record,
    expires_at: Option<Time>,
}

impl LiveSession {
    fn lives(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }
}

impl LiveSessions {
    pub(crate) fn usage(&self) -> Usage {
        Usage { sessions: self.sessions.len(), bytes: self.bytes + self.inboxes.bytes() }
    }

    /// The record of `id`, if it has not expired, with its first letters, and the time.
    pub(crate) fn load(&self, id: SessionId, letters: usize, now: Time) -> Loaded {
        Loaded::new(self.live(id, now).cloned(), now).with_letters(self.inboxes.first(id, letters))
    }

    fn live(&self, id: SessionId, now: Time) -> Option<&Record> {
        self.sessions.get(&id).filter(|session| session.lives(now)).map(|session| &session.record)
    }

    /// Compares and writes, and sweeps a few expired records.
    ///
    /// Fails with [`StoreError::Full`], and leaves what is stored, if there is no room even without the expired.
    pub(crate) fn commit(&mut self, commit: Commit, now: Time, bounds: Usage) -> Result<Verdict, StoreError> {
        self.sweep(SWEPT_BY_A_COMMIT, now);
        let id = commit.id;
        let current = self.live(id, now);
        let stored = current.map(Record::stamp);
        if stored == Some(commit.record.stamp()) {
            return Ok(Verdict::Done { waiting: self.inboxes.waiting(id) });
        }
        if stored != commit.expect.stamp() {
            return Ok(Verdict::Conflict(Loaded::new(current.cloned(), now)));
        }
        if !self.has_room(&commit, bounds) {
            self.sweep(usize::MAX, now);
            if !self.has_room(&commit, bounds) {
                return Err(StoreError::Full);
            }
        }
        self.put(commit, now);
        Ok(Verdict::Done { waiting: self.inboxes.waiting(id) })
    }

    /// Puts a letter beside the record, whether there is one or not.
    ///
    /// Fails with [`StoreError::Full`] if there is no room in the store, even without the expired records.
    pub(crate) fn post(&mut self, post: Post, now: Time, bounds: Usage) -> Result<Posted, StoreError> {
        let posted = match self.inboxes.fits(&post) {
            Fits::IsKnown => return Ok(Posted::Known),
            Fits::Not => return Ok(Posted::Full),
            Fits::First => Posted::First,
            Fits::Behind => Posted::Behind,
        };
        let bytes = post.letter.body.len();
        if self.usage().bytes + bytes > bounds.bytes {
            self.sweep(usize::MAX, now);
            if self.usage().bytes + bytes > bounds.bytes {
                return Err(StoreError::Full);
            }
        }
        let Post { id, flow, letter, lease, .. } = post;
        self.inboxes.push(id, letter);
        if posted == Posted::First {
            self.wakes.set(id, flow, end_of(lease, now));
        }
        Ok(posted)
    }

    /// Removes the record of `id` and its letters, and tells whether it was alive, or had any.
    pub(crate) fn remove(&mut self, id: SessionId, now: Time) -> bool {
        self.wakes.remove(id);
        let had_letters = self.inboxes.remove(id);
        self.take(id).is_some_and(|session| session.lives(now)) || had_letters
    }

    /// Takes a lease on sessions that are due, the longest due first.
    pub(crate) fn claim(&mut self, claim: &Claim, now: Time) -> Due {
        let due_at = claim.not_after.map_or(now, |not_after| not_after.min(now));
        let (mut claimed, mut forgotten) = (Vec::new(), 0);
        while claimed.len() < claim.limit
            && let Some(id) = self.wakes.first(&claim.flow, due_at)
        {
            self.wakes.remove(id);
            if self.live(id, now).is_some() || self.inboxes.waiting(id) > 0 {
                claimed.push(id);
            } else {
                self.take(id);
                forgotten += 1;
            }
        }
        // The lease begins only now: one of no time at all would be due at once, and claimed for ever.
        for id in &claimed {
            self.wakes.set(*id, claim.flow.clone(), end_of(claim.lease, now));
        }
        Due::new(claimed, now).forgotten(forgotten)
    }

    /// Up to `limit` live sessions behind `after`, in the order of their ids.
    pub(crate) fn ids(&self, after: Option<SessionId>, limit: usize, now: Time) -> Vec<SessionId> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let living = self.sessions.range((after, Bound::Unbounded)).filter(|(_, session)| session.lives(now));
        living.take(limit).map(|(id, _)| *id).collect()
    }

    fn has_room(&self, commit: &Commit, bounds: Usage) -> bool {
        let old = self.sessions.get(&commit.id).map(|session| session.record.bytes().len());
        let (old_bytes, new_bytes) = (old.unwrap_or(0), commit.record.bytes().len());
        let sessions = self.sessions.len() + usize::from(old.is_none());
        sessions <= bounds.sessions && self.usage().bytes - old_bytes + new_bytes <= bounds.bytes
    }

    fn put(&mut self, commit: Commit, now: Time) {
        let Commit { id, record, flow, time_to_live, wake_at, takes, while_waiting, .. } = commit;
        self.take(id);
        self.bytes += record.bytes().len();
        // A time to live beyond chrono's time keeps the record.
        let time_to_live = time_to_live.and_then(|time_to_live| TimeDelta::from_std(time_to_live).ok());
        let expires_at = time_to_live.and_then(|time_to_live| now.checked_add_signed(time_to_live));
        self.expiries.extend(expires_at.map(|expires_at| (expires_at, id)));
        self.sessions.insert(id, LiveSession { record, expires_at });
        self.inboxes.take(id, &takes);
        let wake_at = match while_waiting {
            _ if self.inboxes.waiting(id) == 0 => wake_at,
            Some(lease) => Some(end_of(lease, now)),
            // Whoever was to look after the letters still is.
            None => [self.wakes.at(id), wake_at].into_iter().flatten().min(),
        };
        match wake_at {
            Some(at) => self.wakes.set(id, flow, at),
            None => self.wakes.remove(id),
        }
    }

    /// Removes a record, and when it expires.
    fn take(&mut self, id: SessionId) -> Option<LiveSession> {
        let session = self.sessions.remove(&id)?;
        session.expires_at.map(|expires_at| self.expiries.remove(&(expires_at, id)));
        self.bytes -= session.record.bytes().len();
        Some(session)
    }

    /// Removes up to `most` expired records, the longest expired first, and no letter.
    fn sweep(&mut self, most: usize, now: Time) {
        for _ in 0..most {
            match self.expiries.first().copied() {
                Some((expires_at, id)) if expires_at <= now => {
                    self.take(id);
                    if self.inboxes.waiting(id) == 0 {
                        self.wakes.remove(id);
                    }
                }
                _ => return,
            }
        }
    }
}

/// When a lease ends that begins now. One beyond chrono's time does not.
fn end_of(lease: Duration, now: Time) -> Time {
    TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease)).unwrap_or(Time::MAX_UTC)
}
