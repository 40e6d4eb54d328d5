//! Deliveries: in order, at least once, each with its key; what fails is tried again later, and set aside in the end.

use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug_span};

use super::{
    Inner,
    caught::caught,
    error::EngineError,
    hooks::{Delivered, hand_to_each},
    settings::after,
    stats::Event,
};
use crate::{
    Announcement, Effect, Flow, Session, SessionId,
    todo::{Delivery, Pending, SetAside, What},
};

/// A delivery that came to nothing.
struct Fault {
    pending: Pending,
    tries: u32,
    error: String,
}

impl<F: Flow> Inner<F> {
    /// Delivers what is due, if nobody else is at it.
    pub(super) async fn deliver(&self, id: SessionId) -> Result<(), EngineError> {
        let claimed = self.amend(id, |session| {
            let now = self.clock.now();
            let todo = &mut session.todo;
            if todo.deliver_at().is_none_or(|at| at > now) {
                return false;
            }
            let tries = todo.delivery.map_or(0, |delivery| delivery.tries) + 1;
            todo.delivery = Some(Delivery { tries, not_before: after(now, self.settings.claim()).unwrap_or(now) });
            true
        });
        match claimed.await? {
            Some(session) => self.deliver_claimed(session).await,
            None => Ok(()),
        }
    }

    /// Delivers what is pending, in order, up to the first that fails. That this is under way the record says already.
    pub(super) async fn deliver_claimed(&self, session: Session<F>) -> Result<(), EngineError> {
        let (delivered, fault) = self.hand_out(&session).instrument(debug_span!("deliver")).await;
        let struck_off = self.amend(session.id, |session| {
            let todo = &mut session.todo;
            todo.pending.retain(|pending| !delivered.iter().any(|done| done.is_same(pending)));
            todo.delivery = None;
            if let Some(fault) = &fault
                && todo.pending.first().is_some_and(|first| first.is_same(&fault.pending))
            {
                self.put_off(session, fault);
            }
            true
        });
        struck_off.await.inspect_err(|_| {
            tracing::warn!(session = %session.id, "what was delivered stays listed, and will be delivered again");
        })?;
        if let Some(fault) = fault.filter(|fault| self.is_given_up(fault)) {
            self.counters.count(Event::SetAside);
            tracing::error!(key = %fault.pending.key(session.id), tries = fault.tries, "a delivery was set aside");
        }
        Ok(())
    }

    async fn hand_out(&self, session: &Session<F>) -> (Vec<Pending>, Option<Fault>) {
        let began = Instant::now();
        let mut delivered = Vec::new();
        for pending in &session.todo.pending {
            // The claim must not end under a delivery.
            if began.elapsed() > self.settings.hook_deadline {
                break;
            }
            let first = delivered.is_empty();
            match self.deliver_one(session, pending).await {
                Ok(()) => delivered.push(pending.clone()),
                Err(error) => {
                    let tries = session.todo.delivery.filter(|_| first).map_or(1, |delivery| delivery.tries);
                    return (delivered, Some(Fault { pending: pending.clone(), tries, error }));
                }
            }
        }
        (delivered, None)
    }

    /// Delivers one; else tells what it failed with.
    async fn deliver_one(&self, session: &Session<F>, pending: &Pending) -> Result<(), String> {
        let key = pending.key(session.id);
        let delivery = timeout(self.settings.hook_deadline, caught(self.hand_over(session, pending))).await;
        let (fault, error) = match delivery {
            Ok(Ok(Ok(()))) => {
                self.counters.count(Event::Delivered);
                return Ok(());
            }
            Ok(Ok(Err(error))) => ("its hook failed", error.to_string()),
            Ok(Err(panicked)) => ("its hook panicked", panicked.to_string()),
            Err(late) => ("its hook took too long", late.to_string()),
        };
        self.counters.count(Event::Undelivered);
        // The hook's error is its own to log: its text may hold what the checkpoint holds.
        tracing::warn!(%key, fault, "a delivery failed, and will be tried again");
        Err(error.chars().take(LONGEST_ERROR).collect())
    }

    async fn hand_over(&self, session: &Session<F>, pending: &Pending) -> Delivered {
        let (key, at, hooks) = (pending.key(session.id), pending.at, &self.hooks);
        // With no hook left, what an earlier process promised to deliver stays for one that has a hook.
        match &pending.what {
            What::Checkpoint(snapshot) => {
                hand_to_each("checkpoints", &hooks.checkpoint, || pending.read(snapshot, session.id)).await
            }
            What::Lapse(snapshot) => {
                hand_to_each("expiries", &hooks.expired, || pending.read(snapshot, session.id)).await
            }
            What::Effect { kind, payload } => {
                let effect = || Ok(Effect { key, kind: kind.clone(), payload: payload.clone(), at });
                hand_to_each("effects", &hooks.effect, effect).await
            }
            What::Announcement { replies } => {
                let announcement = || Ok(Announcement { key, replies: replies.clone(), at });
                hand_to_each("announcements", &hooks.announcement, announcement).await
            }
        }
    }

    /// Has the first of what is pending tried again later, or sets it aside.
    fn put_off(&self, session: &mut Session<F>, fault: &Fault) {
        let now = self.clock.now();
        if self.is_given_up(fault) {
            let pending = session.todo.pending.remove(0);
            session.todo.set_aside.push(SetAside { pending, at: now, error: fault.error.clone() });
        } else {
            let not_before = after(now, self.settings.retry_pause(fault.tries)).unwrap_or(now);
            session.todo.delivery = Some(Delivery { tries: fault.tries, not_before });
        }
    }

    fn is_given_up(&self, fault: &Fault) -> bool {
        fault.tries >= self.settings.delivery_tries
    }
}

/// So much of an error is kept with what is set aside.
const LONGEST_ERROR: usize = 300;
