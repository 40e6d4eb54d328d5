//! Deliveries: in order, at least once, each with its key; what fails is tried again later, and set aside in the end.

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug_span};

use super::{
    Inner,
    caught::caught,
    error::EngineError,
    hooks::{Delivered, hand_to_each},
    stats::Event,
};
use crate::{
    Announcement, Effect, Flow, Session, SessionId,
    clock::after,
    session::todo::{Delivery, Pending, SetAside, What},
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
        let mut given_up = None;
        let claimed = self.amend(id, |session| {
            let now = self.clock.now();
            if session.todo.deliver_at().is_none_or(|at| at > now) {
                return false;
            }
            given_up = self.give_up_on_silence(session, now);
            let todo = &mut session.todo;
            let tries = todo.delivery.map_or(0, |delivery| delivery.tries) + 1;
            let until = after(now, self.settings.claim()).unwrap_or(now);
            todo.delivery = todo.pending.first().map(|_| Delivery::claimed(tries, until));
            true
        });
        let claimed = claimed.await?;
        if let Some(fault) = &given_up {
            self.tell_given_up(id, fault);
        }
        match claimed.filter(|session| session.todo.delivery.is_some()) {
            Some(session) => self.deliver_claimed(session).await,
            None => Ok(()),
        }
    }

    /// Delivers what a turn handed over, unless it has waited so long that its claim could end under a delivery: then it
    /// is for whoever looks after that.
    pub(super) async fn deliver_handed_over(&self, session: Session<F>) -> Result<(), EngineError> {
        let ends = after(self.clock.now(), self.settings.longest_delivery());
        match session.todo.delivery {
            Some(claim) if ends.is_some_and(|ends| ends <= claim.not_before) => self.deliver_claimed(session).await,
            _ => Ok(()),
        }
    }

    /// Delivers what is pending, in order, up to the first that fails. That this is under way the record says already.
    async fn deliver_claimed(&self, session: Session<F>) -> Result<(), EngineError> {
        let (claim, id) = (session.todo.delivery, session.id);
        let (delivered, fault) = self.hand_out(&session).instrument(debug_span!("deliver")).await;
        let struck_off = self.amend_known(session, |session| {
            let todo = &mut session.todo;
            todo.pending.retain(|pending| !delivered.iter().any(|done| done.is_same(pending)));
            if todo.delivery != claim {
                // It took so long that somebody else is at it, who says himself how it fares.
                return !delivered.is_empty();
            }
            todo.delivery = None;
            if let Some(fault) = &fault
                && todo.pending.first().is_some_and(|first| first.is_same(&fault.pending))
            {
                self.put_off(session, fault);
            }
            true
        });
        struck_off.await.inspect_err(|_| {
            tracing::warn!(session = %id, "what was delivered stays listed, and will be delivered again");
        })?;
        if let Some(fault) = fault.filter(|fault| self.is_given_up(fault)) {
            self.tell_given_up(id, &fault);
        }
        Ok(())
    }

    async fn hand_out(&self, session: &Session<F>) -> (Vec<Pending>, Option<Fault>) {
        let began = Instant::now();
        let tries = session.todo.delivery.map_or(1, |delivery| delivery.tries);
        let mut delivered = Vec::new();
        for pending in &session.todo.pending {
            // The claim must not end under a delivery.
            if began.elapsed() > self.settings.hook_deadline {
                break;
            }
            let first = delivered.is_empty();
            if !first && tries > 1 {
                // Who tried before may have been killed by a later one: one at a time, it is known by which.
                break;
            }
            match self.deliver_one(session, pending).await {
                Ok(()) => delivered.push(pending.clone()),
                Err(error) => {
                    let tries = if first { tries } else { 1 };
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

    /// Sets the first of what is pending aside if whoever tried it the last time never said what came of it.
    fn give_up_on_silence(&self, session: &mut Session<F>, now: DateTime<Utc>) -> Option<Fault> {
        let tries = session.todo.delivery.filter(|delivery| delivery.is_claimed)?.tries;
        let error = "whoever tried it did not come back".to_owned();
        let fault = Fault { pending: session.todo.pending.first()?.clone(), tries, error };
        self.is_given_up(&fault).then(|| {
            session.set_first_aside(&fault, now);
            fault
        })
    }

    /// Has the first of what is pending tried again later, or sets it aside.
    fn put_off(&self, session: &mut Session<F>, fault: &Fault) {
        let now = self.clock.now();
        if self.is_given_up(fault) {
            session.set_first_aside(fault, now);
        } else {
            let not_before = after(now, self.settings.retry_pause(fault.tries)).unwrap_or(now);
            session.todo.delivery = Some(Delivery::put_off(fault.tries, not_before));
        }
    }

    fn tell_given_up(&self, id: SessionId, fault: &Fault) {
        self.counters.count(Event::SetAside);
        tracing::error!(key = %fault.pending.key(id), tries = fault.tries, "a delivery was set aside");
    }

    fn is_given_up(&self, fault: &Fault) -> bool {
        fault.tries >= self.settings.delivery_tries
    }
}

impl<F: Flow> Session<F> {
    fn set_first_aside(&mut self, fault: &Fault, now: DateTime<Utc>) {
        let pending = self.todo.pending.remove(0);
        self.todo.set_aside.push(SetAside { pending, at: now, error: fault.error.clone() });
        self.todo.delivery = None;
    }
}

/// So much of an error is kept with what is set aside.
pub(super) const LONGEST_ERROR: usize = 300;
