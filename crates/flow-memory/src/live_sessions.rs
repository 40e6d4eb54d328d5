//! What a store in this process holds: [`LiveSessions`].

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Record, SessionId, StoreError,
    store::{Claim, Commit, Due, Loaded, Post, Posted, Quarantined, Raw, Verdict},
};
use uuid::Uuid;

use crate::{
    Usage,
    inboxes::{Fits, Inboxes},
    quarantine::QuarantinedSessions,
    wakes::Wakes,
};

type Time = DateTime<Utc>;

/// How many expired records each commit sweeps. More than it can add, so that they get fewer.
const SWEPT_BY_A_COMMIT: usize = 4;

/// How many any other call sweeps, so that the store empties where nothing new is written.
const SWEPT_BY_A_LOOK: usize = 2;

/// The records, in the order of their ids and of when they expire; what waits beside them; and when to look at which.
#[derive(Default)]
pub(crate) struct LiveSessions {
    sessions: BTreeMap<SessionId, LiveSession>,
    expiries: BTreeSet<(Time, SessionId)>,
    inboxes: Inboxes,
    wakes: Wakes,
    /// How many sessions of a flow were swept though they had a wake time, and no caller was told.
    forgotten: HashMap<Cow<'static, str>, u64>,
    bytes: usize,
    quarantine: QuarantinedSessions,
}

/// A record, whose it is, and when it expires.
struct LiveSession {
    record: Record,
    flow: Cow<'static, str>,
    expires_at: Option<Time>,
}

impl LiveSession {
    fn lives(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }
}

impl LiveSessions {
    pub(crate) fn usage(&self) -> Usage {
        let bytes = self.bytes + self.quarantine.bytes() + self.inboxes.bytes();
        Usage { sessions: self.sessions.len(), bytes }
    }

    /// The record of `id`, if it has not expired, with its first letters, and the time.
    pub(crate) fn load(&mut self, id: SessionId, letters: usize, now: Time) -> Loaded {
        self.sweep(SWEPT_BY_A_LOOK, now);
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
        self.quarantine.sweep(now);
        let id = commit.id;
        let current = self.live(id, now);
        let stored = current.map(Record::stamp);
        if stored == Some(commit.record.stamp()) {
            return Ok(Verdict::Done { waiting: self.inboxes.waiting(id) });
        }
        let must_wait = commit.in_line && self.inboxes.has_before(id, &commit.takes);
        if must_wait || stored != commit.expect.stamp() {
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
        self.sweep(SWEPT_BY_A_LOOK, now);
        self.wakes.remove(id);
        let had_letters = self.inboxes.remove(id);
        self.take(id).is_some_and(|session| session.lives(now)) || had_letters
    }

    /// Takes a lease on sessions that are due, the longest due first.
    pub(crate) fn claim(&mut self, claim: &Claim, now: Time) -> Due {
        self.sweep(SWEPT_BY_A_LOOK, now);
        let due_at = claim.not_after.map_or(now, |not_after| not_after.min(now));
        let (mut claimed, mut forgotten) = (Vec::new(), self.forgotten.remove(&claim.flow).unwrap_or_default());
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

    /// Up to `limit` live sessions behind `after`, in the order of their ids; of one flow, or of all.
    pub(crate) fn ids(
        &mut self,
        flow: Option<&str>,
        after: Option<SessionId>,
        limit: usize,
        now: Time,
    ) -> Vec<SessionId> {
        self.sweep(SWEPT_BY_A_LOOK, now);
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let living = self.sessions.range((after, Bound::Unbounded)).filter(|(_, session)| session.lives(now));
        let wanted = living.filter(|(_, session)| flow.is_none_or(|flow| session.flow == flow));
        wanted.take(limit).map(|(id, _)| *id).collect()
    }

    /// How many live sessions the flow has.
    pub(crate) fn count(&self, flow: &str, now: Time) -> usize {
        self.sessions.values().filter(|session| session.lives(now) && session.flow == flow).count()
    }

    /// What is stored of `id`, if it has not expired.
    pub(crate) fn raw(&self, id: SessionId, now: Time) -> Option<Raw> {
        self.live(id, now).map(|record| Raw::new(record.bytes().clone()))
    }

    /// Moves what is stored of `id` into quarantine if it still is `raw`, or was moved there as this entry.
    pub(crate) fn put_in_quarantine(
        &mut self,
        id: SessionId,
        raw: &Raw,
        entry: Uuid,
        until: Option<Time>,
        now: Time,
    ) -> bool {
        if self.quarantine.has(id, entry) {
            return true;
        }
        if self.raw(id, now).as_ref() != Some(raw) {
            return false;
        }
        let Some(session) = self.take(id) else { return false };
        if self.inboxes.waiting(id) == 0 {
            self.wakes.remove(id);
        }
        self.quarantine.put(id, entry, &session.record, now, until);
        true
    }

    pub(crate) fn quarantined(&self, id: SessionId, now: Time) -> Vec<Quarantined> {
        self.quarantine.list(id, now)
    }

    pub(crate) fn forget_quarantined(&mut self, id: SessionId, now: Time) -> bool {
        self.quarantine.forget(id, now)
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
        let expires_at = time_to_live.and_then(|time_to_live| after(now, time_to_live));
        self.expiries.extend(expires_at.map(|expires_at| (expires_at, id)));
        self.bytes += record.bytes().len();
        self.sessions.insert(id, LiveSession { record, flow: flow.clone(), expires_at });
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

    /// Removes up to `most` expired records, the longest expired first, and counts those that had a wake time. Letters stay.
    fn sweep(&mut self, most: usize, now: Time) {
        for _ in 0..most {
            let Some((_, id)) = self.expiries.first().filter(|(expires_at, _)| *expires_at <= now) else { return };
            let id = *id;
            let waits = self.wakes.at(id).is_some() && self.inboxes.waiting(id) == 0;
            if let Some(session) = self.take(id).filter(|_| waits) {
                self.wakes.remove(id);
                *self.forgotten.entry(session.flow).or_default() += 1;
            }
        }
    }
}

/// When a lease ends that begins now. One beyond chrono's time does not.
fn end_of(lease: Duration, now: Time) -> Time {
    after(now, lease).unwrap_or(Time::MAX_UTC)
}

/// So long after `now`; none beyond chrono's time, and so for ever.
pub(crate) fn after(now: Time, time: Duration) -> Option<Time> {
    now.checked_add_signed(TimeDelta::from_std(time).ok()?)
}
