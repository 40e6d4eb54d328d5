//! What a store in this process holds in quarantine: [`QuarantinedSessions`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use flow_core::{Record, SessionId, store::Quarantined};
use uuid::Uuid;

type Time = DateTime<Utc>;

/// The records in quarantine, by their sessions.
#[derive(Default)]
pub(crate) struct QuarantinedSessions {
    sessions: HashMap<SessionId, Vec<(Uuid, Quarantined)>>,
    bytes: usize,
    /// When the next of them is to be forgotten.
    next: Option<Time>,
}

impl QuarantinedSessions {
    /// How many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether this entry is there.
    pub(crate) fn has(&self, id: SessionId, entry: Uuid) -> bool {
        self.sessions.get(&id).is_some_and(|entries| entries.iter().any(|(name, _)| *name == entry))
    }

    pub(crate) fn put(&mut self, id: SessionId, entry: Uuid, record: &Record, now: Time, until: Option<Time>) {
        self.sweep(now);
        self.bytes += record.bytes().len();
        self.next = self.next.into_iter().chain(until).min();
        self.sessions.entry(id).or_default().push((entry, Quarantined::new(record.bytes().clone(), now, until)));
    }

    pub(crate) fn list(&self, id: SessionId, now: Time) -> Vec<Quarantined> {
        let entries = self.sessions.get(&id).into_iter().flatten();
        entries.filter(|(_, quarantined)| lives(quarantined, now)).map(|(_, quarantined)| quarantined.clone()).collect()
    }

    pub(crate) fn forget(&mut self, id: SessionId, now: Time) -> bool {
        let was_there = !self.list(id, now).is_empty();
        self.keep(|other, _| *other != id);
        was_there
    }

    /// Forgets what has outlived its time, if anything has.
    pub(crate) fn sweep(&mut self, now: Time) {
        if self.next.is_some_and(|next| next <= now) {
            self.keep(|_, quarantined| lives(quarantined, now));
        }
    }

    fn keep(&mut self, is_kept: impl Fn(&SessionId, &Quarantined) -> bool) {
        self.sessions.retain(|id, entries| {
            entries.retain(|(_, quarantined)| is_kept(id, quarantined));
            !entries.is_empty()
        });
        let left = || self.sessions.values().flatten().map(|(_, quarantined)| quarantined);
        self.bytes = left().map(|quarantined| quarantined.bytes.len()).sum();
        self.next = left().filter_map(|quarantined| quarantined.until).min();
    }
}

fn lives(quarantined: &Quarantined, now: Time) -> bool {
    quarantined.until.is_none_or(|until| until > now)
}
