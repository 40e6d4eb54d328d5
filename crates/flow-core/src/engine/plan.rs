//! A turn with nothing left to decide: [`Planned`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    draft::Draft,
    error::EngineError,
    outcome::{Outcome, OutcomeKind},
    settings::Settings,
};
use crate::{
    Flow, Reply,
    clock::after,
    graph::Role,
    session::todo::Delivery,
    session::{Seen, Session},
    store::{Commit, Expect},
};

/// A turn that only waits for its commit.
pub(super) struct Planned<F: Flow> {
    pub(super) session: Session<F>,
    /// Whether a worker of this process is to deliver what it leaves.
    pub(super) hands_over: bool,
    pub(super) commit: Commit,
    pub(super) outcome: Outcome<F>,
}

impl<F: Flow> Planned<F> {
    /// Whether the turn brought the conversation to an end.
    pub(super) fn ends(&self) -> bool {
        !self.outcome.transitions.is_empty() && self.session.state.node().role == Role::End
    }
}

impl<F: Flow> Draft<F> {
    /// Ends the writing: renews the expiry, remembers the message, bounds what grows.
    ///
    /// Fails if the record would be too large, could not be read back, or would hold too much that is undelivered.
    pub(super) fn finish(mut self, identity: &Identity, settings: &Settings) -> Result<Planned<F>, EngineError> {
        self.replies.retain(|reply| !reply.is_silence());
        let (takers, session) = (self.takers, &mut self.session);
        if self.renews {
            session.expires_at = settings.expiry(session.created_at, session.updated_at);
        }
        session.seen.push(identity.seen(session.stamp.version, &self.replies));
        keep_last(&mut session.seen, settings.remembered_messages.max(1));
        let is_archived = takers.archive || session.is_archived();
        session.todo.tell_expiry = takers.expiries || is_archived;
        if is_archived {
            session.wants_archiving(self.now, settings.archive_interval);
        }
        session.cut_history(settings.history_limit, is_archived);
        if session.todo.undelivered() > settings.pending_limit {
            return Err(EngineError::Backlog { limit: settings.pending_limit });
        }
        let hands_over = takers.worker && session.claim_delivery(self.now, settings.claim());
        let commit = commit_of(session, self.expect, self.now, settings)?;
        let outcome = Outcome {
            session: session.id,
            state: Some(session.state.clone()),
            version: session.stamp.version,
            replies: self.replies,
            transitions: self.transitions,
            checkpoints: self.checkpoints,
            opened: self.opened,
            resumed: self.resumed,
            lost_turns: 0,
            kind: OutcomeKind::Taken,
        };
        Ok(Planned { session: self.session, hands_over, commit, outcome })
    }
}

impl<F: Flow> Session<F> {
    /// Whether an instance with an archive has begun to archive it, so that one without leaves it what it needs.
    pub(super) fn is_archived(&self) -> bool {
        !self.todo.archiving.is_blank()
    }

    /// Notes that there is something new to be archived.
    pub(super) fn wants_archiving(&mut self, now: DateTime<Utc>, interval: Duration) {
        let archiving = &mut self.todo.archiving;
        if archiving.refused.take().is_some() || archiving.due_at.is_none() {
            archiving.due_at = after(now, interval);
        }
    }

    /// Cuts what is beyond the limit off the history, the oldest steps first; if they are to be archived, none that is not.
    pub(super) fn cut_history(&mut self, limit: usize, is_archived: bool) {
        let archived = self.todo.archiving.steps.saturating_sub(self.past.steps);
        let spare = if is_archived { usize::try_from(archived).unwrap_or(usize::MAX) } else { usize::MAX };
        let surplus = self.history.len().saturating_sub(limit).min(spare);
        for step in self.history.drain(..surplus) {
            self.past.steps += 1;
            self.past.conversations += u64::from(step.by.begins());
        }
    }

    /// Takes the delivery of what is new for this process, unless older things are before it; tells whether it did.
    fn claim_delivery(&mut self, now: DateTime<Utc>, time: Duration) -> bool {
        let (todo, version) = (&mut self.todo, self.stamp.version);
        let is_all_new = !todo.pending.is_empty() && todo.pending.iter().all(|pending| pending.version == version);
        if is_all_new {
            todo.delivery = Some(Delivery::claimed(1, after(now, time).unwrap_or(now)));
        }
        is_all_new
    }
}

/// The commit that writes `session` over what `expect` says.
pub(super) fn commit_of<F: Flow>(
    session: &Session<F>,
    expect: Expect,
    now: DateTime<Utc>,
    settings: &Settings,
) -> Result<Commit, EngineError> {
    let state = session.state.name();
    let record = session.to_record().map_err(|_| EngineError::Unwritable { state })?;
    let (size, limit) = (record.bytes().len(), settings.record_limit);
    if size > limit {
        return Err(EngineError::RecordTooLarge { size, limit });
    }
    let commit = Commit::new(session.id, expect, record, F::GRAPH.name, state);
    Ok(commit.time_to_live(session.time_to_live(now, settings.expiry_grace)).wake_at(session.wake_at()))
}

/// Under which id a message is remembered.
pub(super) enum Identity {
    /// The id that its channel gave it.
    Given(String),
    /// One made up for this turn, so that a write whose answer was lost is known again.
    Own(String),
    /// A timer's, the same whoever takes its turn.
    Timer(String),
}

impl Identity {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Given(id) | Self::Own(id) | Self::Timer(id) => id,
        }
    }

    fn seen(&self, version: u64, replies: &[Reply]) -> Seen {
        let replies = match self {
            Self::Given(_) => replies.to_vec(),
            // Nobody who could hear them repeats a message under such an id.
            Self::Own(_) | Self::Timer(_) => Vec::new(),
        };
        Seen { id: self.as_str().to_owned(), version, replies }
    }
}

fn keep_last<T>(list: &mut Vec<T>, limit: usize) {
    let surplus = list.len().saturating_sub(limit);
    list.drain(..surplus);
}
