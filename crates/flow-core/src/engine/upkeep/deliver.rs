//! Deliveries: in order, at least once, each with its idempotency key. What fails is tried again later, and is set aside as
//! a dead letter in the end.

use std::error::Error as StdError;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug_span};

use super::{Event, Upkeep};
use crate::{
    Announcement, Effect, Flow, Halt, Session, SessionId, Wire,
    clock::after,
    engine::{
        caught::caught,
        error::EngineError,
        hooks::{Delivered, hand_to_each},
        keeper::{Amended, Known},
    },
    session::{Fault, Pending, Setback, What},
};

impl<F: Flow> Upkeep<F> {
    /// Delivers what is due, if no other worker is at it, and gives the session as it is then.
    pub(super) async fn deliver(&self, known: Known<F>) -> Result<Option<Known<F>>, EngineError> {
        let (id, mut given_up) = (known.session.id(), None);
        let claimed = self.keeper.amend_known(known, |session, now| {
            if !session.is_delivery_due(now) {
                return false;
            }
            given_up = session.unheard_try().filter(|fault| self.is_given_up(fault));
            if let Some(fault) = &given_up {
                session.set_back(fault, Setback::SetAside(now));
            }
            session.claim_next_try(after(now, self.settings.deadlines.claim()).unwrap_or(now));
            true
        });
        let claimed = claimed.await?;
        if let Some(fault) = &given_up {
            self.tell_given_up(id, fault);
        }
        match claimed {
            Amended::Changed(known) if known.session.delivery().is_some() => self.deliver_claimed(known).await,
            other => Ok(other.known()),
        }
    }

    /// Delivers what a turn has laid into the tray, unless it has waited so long that its claim could end under a delivery.
    /// Then it is left to the worker that looks at the session after the claim.
    pub(super) async fn deliver_from_tray(&self, known: Known<F>) -> Result<(), EngineError> {
        let ends = after(self.keeper.now(&known), self.settings.deadlines.longest_delivery());
        match known.session.delivery() {
            Some(claim) if ends.is_some_and(|ends| ends <= claim.not_before) => {
                self.deliver_claimed(known).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Delivers what is pending, in order, up to the first that fails. The record says already that this is under way.
    async fn deliver_claimed(&self, known: Known<F>) -> Result<Option<Known<F>>, EngineError> {
        let (claim, id) = (known.session.delivery(), known.session.id());
        let (delivered, fault) = self.hand_out(&known.session).instrument(debug_span!("deliver")).await;
        let struck_off = self.keeper.amend_known(known, |session, now| {
            let setback = fault.as_ref().map(|fault| (fault, self.setback_of(fault, now)));
            session.strike_off(&delivered, claim, setback)
        });
        let struck_off = struck_off.await.inspect_err(|_| {
            tracing::warn!(session = %id, "what was delivered stays listed, and will be delivered again");
        })?;
        if let Some(fault) = fault.filter(|fault| self.is_given_up(fault)) {
            self.tell_given_up(id, &fault);
        }
        Ok(struck_off.known())
    }

    async fn hand_out(&self, session: &Session<F>) -> (Vec<Pending>, Option<Fault>) {
        let began = Instant::now();
        let tries = session.delivery().map_or(1, |delivery| delivery.tries);
        let mut delivered = Vec::new();
        for pending in session.promised() {
            // The claim must not end under a delivery.
            if began.elapsed() > self.settings.deadlines.hook {
                break;
            }
            let first = delivered.is_empty();
            if !first && tries > 1 {
                // After a try whose worker died, deliveries are made one at a time, to find the one that kills.
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
        let key = pending.key(session.id());
        let delivery = timeout(self.settings.deadlines.hook, caught(self.hand_over(session, pending))).await;
        let (fault, error) = match delivery {
            Ok(Ok(Ok(()))) => {
                self.observers.happened(Event::Delivered);
                return Ok(());
            }
            Ok(Ok(Err(error))) => ("it failed", error.to_string()),
            Ok(Err(panicked)) => ("it panicked", panicked.to_string()),
            Err(late) => ("it took too long", late.to_string()),
        };
        self.observers.happened(Event::Undelivered);
        // The error is for the hook, or the handler, to log: its text may hold what the checkpoint or the effect holds.
        tracing::warn!(%key, fault, "a delivery failed, and will be tried again");
        Err(error)
    }

    async fn hand_over(&self, session: &Session<F>, pending: &Pending) -> Delivered {
        let (key, at, hooks) = (pending.key(session.id()), pending.at, &self.hooks);
        // With no hook left, what an earlier process promised to deliver stays for one that has a hook.
        match &pending.what {
            What::Checkpoint(snapshot) => {
                hand_to_each("checkpoints", &hooks.checkpoint, || pending.read(snapshot, session.id())).await
            }
            What::Lapse(snapshot) => {
                hand_to_each("expiries", &hooks.expired, || pending.read(snapshot, session.id())).await
            }
            What::Effect { kind, payload } => {
                let read = || read_effect::<F>(kind, payload);
                for hook in &hooks.effect {
                    hook(Effect { key, effect: read()?, at }).await?;
                }
                self.handler.deliver(read()?, key).await.map_err(refusal)
            }
            What::Announcement { replies } => {
                let announcement = || Ok(Announcement { key, replies: replies.clone(), at });
                hand_to_each("announcements", &hooks.announcement, announcement).await
            }
        }
    }

    /// What follows the fault: another try later, or none.
    fn setback_of(&self, fault: &Fault, now: DateTime<Utc>) -> Setback {
        let retries = &self.settings.retries;
        if self.is_given_up(fault) {
            Setback::SetAside(now)
        } else {
            Setback::PutOff(after(now, retries.pause_after(fault.tries)).unwrap_or(now))
        }
    }

    fn is_given_up(&self, fault: &Fault) -> bool {
        self.settings.retries.are_used_up(fault.tries)
    }

    fn tell_given_up(&self, id: SessionId, fault: &Fault) {
        self.observers.happened(Event::SetAside);
        tracing::error!(key = %fault.pending.key(id), tries = fault.tries, "a delivery was set aside");
    }
}

/// The effect as the flow declares it.
///
/// Fails if it does not: a later release may, or an earlier one did. The effect then stays, as what fails stays.
fn read_effect<F: Flow>(kind: &str, payload: &Value) -> Result<F::Effect, Box<dyn StdError + Send + Sync>> {
    let read = F::Effect::read(kind, payload.clone());
    Ok(read.ok_or_else(|| format!("this release declares no effect `{kind}`"))??)
}

/// Why the handler did not deliver.
fn refusal(halt: Halt) -> Box<dyn StdError + Send + Sync> {
    match halt {
        Halt::Failed(failure) => failure.into_cause(),
        Halt::Reask(_) => "an answer was rejected where none was asked for".into(),
    }
}
