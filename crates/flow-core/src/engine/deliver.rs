//! After the commit: checkpoints and effects are delivered in order, and what was delivered leaves the record.

use tokio::time::timeout;
use tracing::{Instrument, debug_span};

use super::{
    Inner,
    caught::caught,
    draft::commit_of,
    hooks::{Delivery, hand_to_each},
    stats::Event,
};
use crate::{
    Flow, Session,
    store::{Expect, Outcome},
    todo::{Effect, Pending, What},
};

impl<F: Flow> Inner<F> {
    /// Delivers what is pending, in order, up to the first that fails; that one and the rest stay for the next turn.
    pub(super) async fn deliver(&self, session: Session<F>) {
        if !session.pending.is_empty() {
            self.deliver_pending(session).instrument(debug_span!("deliver")).await;
        }
    }

    async fn deliver_pending(&self, session: Session<F>) {
        let mut delivered = Vec::new();
        for pending in &session.pending {
            if !self.deliver_one(&session, pending).await {
                break;
            }
            delivered.push(pending.clone());
        }
        if !delivered.is_empty() {
            self.strike_off(session, &delivered).await;
        }
    }

    /// Tells whether it was delivered.
    async fn deliver_one(&self, session: &Session<F>, pending: &Pending) -> bool {
        let key = pending.key(session.id);
        let delivery = timeout(self.settings.hook_deadline, caught(self.hand_over(session, pending))).await;
        let fault = match delivery {
            Ok(Ok(Ok(()))) => {
                self.counters.count(Event::Delivered);
                return true;
            }
            Ok(Ok(Err(_))) => "its hook failed",
            Ok(Err(_)) => "its hook panicked",
            Err(_) => "its hook took too long",
        };
        self.counters.count(Event::Undelivered);
        // The hook's error is its own to log: its text may hold what the checkpoint holds.
        tracing::warn!(%key, fault, "a checkpoint or effect was not delivered, and is kept for the next turn");
        false
    }

    async fn hand_over(&self, session: &Session<F>, pending: &Pending) -> Delivery {
        // With no hook left, what an earlier process promised to deliver stays for one that has a hook.
        if let Some(checkpoint) = pending.as_checkpoint::<F>(session.id) {
            require("checkpoints", &self.hooks.checkpoint)?;
            return hand_to_each(&self.hooks.checkpoint, &checkpoint?).await;
        }
        let What::Effect { kind, payload } = &pending.what else {
            unreachable!("a checkpoint reads as one or fails to");
        };
        require("effects", &self.hooks.effect)?;
        let key = pending.key(session.id);
        let effect = Effect { key, kind: kind.clone(), payload: payload.clone(), at: pending.at };
        hand_to_each(&self.hooks.effect, &effect).await
    }

    /// Takes what was delivered off the record's list. If that fails it is delivered again, under the same key.
    async fn strike_off(&self, mut session: Session<F>, delivered: &[Pending]) {
        for _ in 0..self.settings.rounds {
            session.pending.retain(|pending| !delivered.iter().any(|done| done.is_same(pending)));
            let expect = Expect::At(session.stamp);
            session.stamp = session.stamp.next();
            let Ok(commit) = commit_of(&session, expect, self.clock.now(), &self.settings) else { break };
            match self.commit(commit).await {
                Ok(Outcome::Conflict(Some(current))) => match Session::from_record(session.id, &current) {
                    Ok(current) => session = current,
                    Err(_) => break,
                },
                // Done, or the session is gone and its list with it.
                Ok(_) => return,
                Err(_) => break,
            }
        }
        tracing::warn!(session = %session.id, "what was delivered stays listed, and will be delivered again");
    }
}

fn require<T>(what: &str, hooks: &[T]) -> Result<(), String> {
    if hooks.is_empty() { Err(format!("there is no hook for {what}")) } else { Ok(()) }
}
