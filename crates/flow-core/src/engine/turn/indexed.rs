//! What a turn knows of its session's entry in the store's wake index: [`Indexed`].

use chrono::{DateTime, Utc};

use super::request::TurnRequest;
use crate::{
    Flow, Record, Session,
    engine::keeper::{Backing, Told},
    store::{Commit, Expect, WakeIndex},
};

/// The record with which a turn has begun, which tells what it was stored with.
pub(super) struct Indexed {
    record: Option<Record>,
    /// Whether its entry may be another all the same.
    may_have_moved: bool,
    now: DateTime<Utc>,
}

impl Indexed {
    /// Of what a turn has begun with.
    ///
    /// What is due may be leased to a worker, and is then to be looked at later than the record says. So may be a record with answers of a turn
    /// that is not stored yet.
    pub(super) fn of<F: Flow>(
        told: &Told,
        session: Option<&Session<F>>,
        request: &TurnRequest<'_, F>,
        backing: Backing,
        now: DateTime<Utc>,
    ) -> Self {
        let is_of_a_visitor = matches!(request, TurnRequest::Message(_) | TurnRequest::Mail(_));
        let record = told.record.clone().filter(|_| backing == Backing::Store);
        Self { record, may_have_moved: !is_of_a_visitor || session.is_none_or(Session::has_errands), now }
    }

    /// The commit, which says what is known.
    pub(super) fn noted_on(self, commit: Commit) -> Commit {
        let Some(record) = self.record.filter(|record| commit.expect == Expect::At(record.prefix())) else {
            return commit;
        };
        let is_to_come = commit.wake_at.is_none_or(|at| at > self.now);
        let known = match record.wake_index(commit.wake_at) {
            WakeIndex::Right if self.may_have_moved || !is_to_come => WakeIndex::OfItsFlow,
            known => known,
        };
        commit.wake_index(known)
    }
}
