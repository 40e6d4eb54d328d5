//! A turn with nothing left to decide: [`Planned`].

use super::draft::Draft;
use crate::{
    Flow, Session,
    clock::after,
    engine::{
        Durability,
        error::EngineError,
        keeper::Keeper,
        outcome::{Outcome, OutcomeKind},
        settings::Settings,
    },
    session::TurnId,
    store::Commit,
};

/// A turn that only waits for its commit.
pub(super) struct Planned<F: Flow> {
    pub(super) session: Session<F>,
    /// Whether a worker of this process is to deliver what it leaves.
    pub(super) hands_over: bool,
    pub(super) commit: Commit,
    pub(super) outcome: Outcome<F>,
}

impl<F: Flow> Draft<F> {
    /// Ends the writing: renews the expiry, remembers the message, bounds what grows.
    ///
    /// Fails if the record would be too large, could not be read back, or would hold too much that is undelivered.
    pub(super) fn finish(
        mut self,
        turn: &TurnId,
        settings: &Settings,
        keeper: &Keeper<F>,
    ) -> Result<Planned<F>, EngineError> {
        self.replies.retain(|reply| !reply.is_silence());
        let (takers, session, limits) = (self.takers, &mut self.session, &settings.limits);
        if self.renews {
            session.expire_at(settings.expiry.expires_at(session.created_at(), session.updated_at()));
        }
        // No sender repeats a message under an id of ours, and so none hears its replies again.
        let remembered = if let TurnId::Given(_) = turn { &*self.replies } else { &[] };
        session.remember(turn.clone(), remembered, limits.remembered_messages.max(1));
        let is_archived = takers.archive || session.is_archived();
        session.tell_expiry(takers.expiries || is_archived);
        if is_archived {
            session.archive_by(after(self.now, settings.archival.interval));
        }
        session.cut_history(limits.history, is_archived);
        if session.undelivered() > limits.undelivered {
            return Err(EngineError::Backlog { limit: limits.undelivered });
        }
        let claim_ends = after(self.now, settings.deadlines.claim()).unwrap_or(self.now);
        let hands_over = takers.worker && session.claim_first_try(claim_ends);
        let commit = keeper.commit_of(session, self.expect, self.now)?;
        let outcome = Outcome {
            session: session.id(),
            state: Some(session.state().copy()),
            version: session.stamp().version,
            replies: self.replies,
            transitions: self.transitions,
            checkpoints: self.checkpoints,
            opened: self.opened,
            resumed: self.resumed,
            lost_turns: 0,
            kind: OutcomeKind::Taken,
            durability: Durability::Stored,
        };
        Ok(Planned { session: self.session, hands_over, commit, outcome })
    }
}
