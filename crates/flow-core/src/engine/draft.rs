//! A turn being written: [`Draft`], which becomes [`Planned`] once there is nothing left to decide.

use chrono::{DateTime, Utc};

use super::{
    error::EngineError,
    outcome::{Opened, Outcome, OutcomeKind},
    settings::Settings,
};
use crate::{
    Cause, Flow, Key, Reply, SessionId, Transition,
    graph::{EdgeKind, Role},
    session::{Seen, Session},
    step,
    store::{Commit, Expect},
    todo::{Pending, What},
};

/// The session as the turn will leave it, and what the turn has to tell.
pub(super) struct Draft<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) replies: Vec<Reply>,
    expect: Expect,
    transitions: Vec<Transition>,
    checkpoints: Vec<Key>,
    opened: Option<Opened>,
    indices: u32,
}

impl<F: Flow> Draft<F> {
    /// A turn of a session that goes on.
    pub(super) fn going_on(mut session: Session<F>, now: DateTime<Utc>) -> Self {
        let expect = Expect::At(session.stamp);
        session.stamp = session.stamp.next();
        session.updated_at = now;
        Self::new(session, expect, None)
    }

    /// A turn that begins a conversation; the one before, if there was one, leaves its history and its to-do list.
    pub(super) fn beginning(id: SessionId, before: Option<Session<F>>, opened: Opened, now: DateTime<Utc>) -> Self {
        let expect = before.as_ref().map_or(Expect::Absent, |session| Expect::At(session.stamp));
        let stamp = before.as_ref().map_or_else(crate::Stamp::first, |session| session.stamp.next());
        let (state, history, language, seen, pending) = match before {
            Some(before) => (before.state, before.history, before.language, before.seen, before.pending),
            None => (F::start(), Vec::new(), None, Vec::new(), Vec::new()),
        };
        let session = Session {
            id,
            stamp,
            state,
            shared: F::Shared::default(),
            history,
            created_at: now,
            updated_at: now,
            expires_at: None,
            language,
            tries: 0,
            seen,
            pending,
            held: None,
        };
        Self::new(session, expect, Some(opened))
    }

    fn new(session: Session<F>, expect: Expect, opened: Option<Opened>) -> Self {
        let (replies, transitions, checkpoints) = Default::default();
        Self { session, replies, expect, transitions, checkpoints, opened, indices: 0 }
    }

    /// Takes the step to `state`.
    ///
    /// Fails if the graph does not have it: the compiler checked it, and every commit does once more.
    pub(super) fn enter(&mut self, state: F, by: Cause, edge: Option<EdgeKind>) -> Result<(), EngineError> {
        let from = self.session.state.node().name;
        if let Some(edge) = edge
            && !F::GRAPH.allows(self.session.state.index(), state.index(), edge)
        {
            return Err(EngineError::Undeclared { from, to: state.name() });
        }
        let opened_first = self.opened == Some(Opened::First) && by == Cause::Opened;
        let from = (!opened_first).then(|| from.to_owned());
        let transition = Transition { from, to: state.name().to_owned(), by, at: self.session.updated_at };
        self.session.history.push(transition.clone());
        self.transitions.push(transition);
        self.session.tries = 0;
        self.session.state = state;
        Ok(())
    }

    /// Keeps a checkpoint of the state as it is, to be delivered if `deliverable`.
    pub(super) fn checkpoint(&mut self, deliverable: bool) -> Result<(), EngineError> {
        let what = What::checkpoint(&self.session.state, &self.session.shared).map_err(|_| self.unwritable())?;
        let pending = self.numbered(what);
        self.checkpoints.push(pending.key(self.session.id));
        if deliverable {
            self.session.pending.push(pending);
        }
        Ok(())
    }

    /// Has an effect delivered.
    pub(super) fn effect(&mut self, effect: step::Effect) {
        let pending = self.numbered(What::Effect { kind: effect.kind, payload: effect.payload });
        self.session.pending.push(pending);
    }

    fn numbered(&mut self, what: What) -> Pending {
        let index = self.indices;
        self.indices += 1;
        Pending { version: self.session.stamp.version, index, at: self.session.updated_at, what }
    }

    fn unwritable(&self) -> EngineError {
        EngineError::Unwritable { state: self.session.state.name() }
    }

    /// Ends the writing: renews the expiry, remembers the message, bounds what grows.
    ///
    /// Fails if the record would be too large, could not be read back, or would hold too much that is undelivered.
    pub(super) fn finish(mut self, identity: &Identity, settings: &Settings) -> Result<Planned<F>, EngineError> {
        self.replies.retain(|reply| !reply.is_silence());
        let session = &mut self.session;
        session.expires_at = settings.expiry(session.created_at, session.updated_at);
        session.seen.push(identity.seen(session.stamp.version, &self.replies));
        keep_last(&mut session.seen, settings.remembered_messages.max(1));
        keep_last(&mut session.history, settings.history_limit);
        if session.pending.len() > settings.pending_limit {
            return Err(EngineError::Backlog { limit: settings.pending_limit });
        }
        let commit = commit_of(session, self.expect, session.updated_at, settings)?;
        let outcome = Outcome {
            session: session.id,
            state: Some(session.state.clone()),
            version: session.stamp.version,
            replies: self.replies,
            transitions: self.transitions,
            checkpoints: self.checkpoints,
            opened: self.opened,
            lost_turns: 0,
            kind: OutcomeKind::Taken,
        };
        Ok(Planned { session: self.session, commit, outcome })
    }
}

/// A turn that only waits for its commit.
pub(super) struct Planned<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) commit: Commit,
    pub(super) outcome: Outcome<F>,
}

impl<F: Flow> Planned<F> {
    /// Whether the turn brought the conversation to an end.
    pub(super) fn ends(&self) -> bool {
        !self.outcome.transitions.is_empty() && self.session.state.node().role == Role::End
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
    let time_to_live = session.expires_at.map(|expires_at| settings.time_to_live(expires_at, now));
    Ok(Commit { id: session.id, expect, record, time_to_live, wake_at: session.wake_at() })
}

/// Under which id a message is remembered.
pub(super) enum Identity {
    /// The id that its channel gave it.
    Given(String),
    /// One made up for this turn, so that a write whose answer was lost is known again.
    Own(String),
}

impl Identity {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Given(id) | Self::Own(id) => id,
        }
    }

    fn seen(&self, version: u64, replies: &[Reply]) -> Seen {
        let replies = match self {
            Self::Given(_) => replies.to_vec(),
            // Nobody can repeat a message under an id that only this turn knows.
            Self::Own(_) => Vec::new(),
        };
        Seen { id: self.as_str().to_owned(), version, replies }
    }
}

fn keep_last<T>(list: &mut Vec<T>, limit: usize) {
    let surplus = list.len().saturating_sub(limit);
    list.drain(..surplus);
}
