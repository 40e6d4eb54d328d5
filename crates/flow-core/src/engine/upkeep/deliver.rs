//! Deliveries: at least once, each with its idempotency key; for each destination in order, and for none behind another. What
//! fails is tried again later, and is set aside as a dead letter in the end.

use std::{collections::HashMap, error::Error as StdError, fmt::Display, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::{
    Event, Upkeep,
    deliverer::{Deliverer, SHARE},
};
use crate::{
    Announcement, Effect, Flow, Halt, Key, Outgoing, SessionId, Wire,
    clock::after,
    engine::{
        caught::caught,
        error::EngineError,
        handler::Driver,
        hooks::{Delivered, hand_to_each},
        keeper::{Amended, Known},
        observed::{DeliveryEnded, DeliveryFate, DeliveryKind},
        places::{Place, Places},
        tray::Laid,
    },
    session::{Claim, Destination, Fault, Outlook, Pending, Setback, What},
};

/// What a try has come to.
pub(super) struct HandedOut {
    pub(super) claim: Claim,
    pub(super) delivered: Vec<Pending>,
    pub(super) fault: Option<Fault>,
}

/// A delivery that was not made, or perhaps was.
pub(super) struct Missed {
    /// What happened, for the log.
    pub(super) fault: &'static str,
    pub(super) error: String,
    pub(super) outlook: Outlook,
}

impl Missed {
    /// One that may be made later.
    pub(super) fn again(fault: &'static str, error: &(impl Display + ?Sized)) -> Self {
        Self { fault, error: error.to_string(), outlook: Outlook::Again }
    }
}

impl<F: Flow> Upkeep<F> {
    /// Delivers what is due, if no other worker is at it, and gives the session as it is then.
    ///
    /// A destination that has no place is asked for again later. The place for what is short is left.
    pub(super) async fn deliver(
        self: &Arc<Self>,
        known: Known<F>,
        places: &Places,
        short: &mut Option<Place>,
    ) -> Result<Option<Known<F>>, EngineError> {
        let (id, mut given_up, mut claims) = (known.session.id(), Vec::new(), Vec::new());
        let now = self.keeper.now(&known);
        // By a channel that rests nothing is tried.
        let (resting, wanted): (Vec<_>, Vec<_>) =
            known.session.due_destinations(now).into_iter().partition(|to| self.channels.rest_of(to).is_some());
        let resting = resting.into_iter().filter_map(|to| Some((to.clone(), after(now, self.channels.rest_of(&to)?)?)));
        let resting: Vec<_> = resting.collect();
        let taken: HashMap<_, _> = places.at(&wanted, short).await.into_iter().collect();
        let (wanted, full): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|to| taken.contains_key(to));
        let mut again: Vec<_> = asked_again(full, places, self.keeper.now(&known)).collect();
        again.extend(resting);
        let claimed = self.keeper.amend_known(known, |session, now| {
            let due = session.due_destinations(now);
            given_up.clear();
            for (to, until) in again.iter().filter(|(to, _)| due.contains(to)) {
                session.put_off(to.clone(), *until);
            }
            let is_due = !due.is_empty();
            let due: Vec<_> = due.into_iter().filter(|to| wanted.contains(to)).collect();
            for to in &due {
                if let Some(fault) = session.unheard_try(to).filter(|fault| self.is_given_up(fault)) {
                    session.set_back(to, &fault, Setback::SetAside(now));
                    given_up.push(fault);
                }
            }
            claims = session.claim(due, self.claim_end(now));
            is_due
        });
        let claimed = claimed.await?;
        for fault in &given_up {
            self.tell_given_up(id, fault);
        }
        match claimed {
            Amended::Changed(known) => Deliverer::new(Arc::clone(self), known, taken).deliver(claims).await,
            other => Ok(other.known()),
        }
    }

    /// Delivers what a turn has laid into the tray, unless it has waited so long that its claim could end under a delivery.
    /// Then it is left to the worker that looks at the session after the claim.
    pub(super) async fn deliver_from_tray(self: &Arc<Self>, laid: Laid<F>, places: &Places) -> Result<(), EngineError> {
        let wanted: Vec<_> = laid.claims.iter().map(|claim| claim.to.clone()).collect();
        let taken: HashMap<_, _> = places.at(&wanted, &mut None).await.into_iter().collect();
        let deadlines = &self.settings.deadlines;
        if laid.waited(&self.keeper.time) + deadlines.longest_delivery() > deadlines.claim() {
            return Ok(());
        }
        let Laid { mut known, claims, under_way, .. } = laid;
        let (claims, full): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| taken.contains_key(&claim.to));
        if !full.is_empty() {
            let (full_ones, now) = (full.iter().map(|claim| claim.to.clone()), self.keeper.now(&known));
            let again: HashMap<_, _> = asked_again(full_ones, places, now).collect();
            let given_back = self.keeper.amend_known(known, |session, _| {
                let given_back = full.iter().filter(|claim| session.give_back(claim, again[&claim.to]));
                given_back.count() > 0
            });
            let Some(still_known) = given_back.await?.known() else { return Ok(()) };
            known = still_known;
        }
        let deliverer = Deliverer::new(Arc::clone(self), known, taken).of_this_process(under_way);
        deliverer.deliver(claims).await.map(drop)
    }

    /// Until when a try that begins now has its destination to itself.
    pub(super) fn claim_end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        after(now, self.settings.deadlines.claim()).unwrap_or(now)
    }

    /// Delivers what is pending for one destination, in order, up to the first that fails.
    pub(super) async fn hand_out(&self, id: SessionId, claim: Claim, pending: Vec<Pending>) -> HandedOut {
        let (began, tries) = (Instant::now(), claim.tries());
        let mut delivered = Vec::new();
        for pending in pending {
            // The claim must not end under a delivery.
            if began.elapsed() > self.settings.deadlines.hook.min(SHARE) {
                break;
            }
            let first = delivered.is_empty();
            if !first && tries > 1 {
                // After a try whose worker died, deliveries are made one at a time, to find the one that kills.
                break;
            }
            // The first alone was tried before.
            let tries_of_this = if first { tries } else { 1 };
            match self.deliver_one(id, &pending, claim.doubts(&pending), tries_of_this).await {
                Ok(()) => delivered.push(pending),
                Err(Missed { error, outlook, .. }) => {
                    let fault = Fault { pending, tries: tries_of_this, error, outlook };
                    return HandedOut { claim, delivered, fault: Some(fault) };
                }
            }
        }
        HandedOut { claim, delivered, fault: None }
    }

    /// Delivers one; else tells what it failed with.
    async fn deliver_one(&self, id: SessionId, pending: &Pending, is_doubted: bool, tries: u32) -> Result<(), Missed> {
        let (key, began) = (pending.key(id), Instant::now());
        let decided = self.keeper.time.now(self.keeper.last_heard(id)) - pending.at;
        let made = self.hand_over(id, pending, is_doubted).await;
        self.tell_ended(pending, tries, decided.to_std().unwrap_or_default(), began.elapsed(), made.as_ref().err());
        match made {
            Ok(()) => {
                self.observers.happened(Event::Delivered);
                tracing::debug!(%key, to = %pending.goes_to(), "a delivery was made");
                Ok(())
            }
            Err(missed) => {
                self.tell_missed(key, &missed);
                Err(missed)
            }
        }
    }

    fn tell_ended(&self, pending: &Pending, tries: u32, waited: Duration, took: Duration, missed: Option<&Missed>) {
        let channel = match &pending.what {
            What::Reply { address, .. } => Some(self.channels.label_of(address.channel())),
            _ => None,
        };
        let Some(kind) = kind_of(&pending.what) else { return };
        let fate = match missed.map(|missed| &missed.outlook) {
            None => DeliveryFate::Delivered,
            Some(Outlook::Wait(_)) => DeliveryFate::Waits,
            Some(Outlook::Never { .. }) => DeliveryFate::Never,
            Some(Outlook::InDoubt) => DeliveryFate::InDoubt,
            Some(Outlook::Again) => DeliveryFate::Failed,
        };
        let ended = DeliveryEnded { flow: F::GRAPH.name, kind, channel, fate, tries, waited, took };
        self.observers.delivery_ended(&ended);
    }

    fn tell_missed(&self, key: Key, missed: &Missed) {
        let fault = missed.fault;
        // The error is for the hook, the handler or the channel to log: its text may hold what is delivered.
        match missed.outlook {
            Outlook::Wait(_) => {
                tracing::debug!(%key, "a reply waits, because its platform says so");
            }
            Outlook::Never { .. } => {
                tracing::warn!(%key, fault, "a reply is set aside: its channel will not send it");
            }
            Outlook::Again | Outlook::InDoubt => {
                self.observers.happened(Event::Undelivered);
                tracing::warn!(%key, fault, "a delivery failed, and will be tried again");
            }
        }
    }

    async fn hand_over(&self, id: SessionId, pending: &Pending, is_doubted: bool) -> Result<(), Missed> {
        let (key, at, hooks) = (pending.key(id), pending.at, &self.hooks);
        // With no hook left, what an earlier process promised to deliver stays for one that has a hook.
        match &pending.what {
            What::Checkpoint(snapshot) => {
                self.in_time(hand_to_each("checkpoints", &hooks.checkpoint, || pending.read_snapshot(snapshot, id)))
                    .await
            }
            What::Lapse(snapshot) => {
                self.in_time(hand_to_each("expiries", &hooks.expired, || pending.read_snapshot(snapshot, id))).await
            }
            What::Effect { kind, payload } => {
                let own: &dyn Driver = &*self.handler;
                let delivery = async {
                    let (driver, name) = match kind.split_once('/') {
                        Some((flow, name)) => {
                            let driver =
                                own.of_flow(flow).ok_or_else(|| format!("this release runs no flow `{flow}`"))?;
                            (driver, name)
                        }
                        None => {
                            for hook in &hooks.effect {
                                hook(Effect { key, effect: read_effect::<F>(kind, payload)?, at }).await?;
                            }
                            (own, &**kind)
                        }
                    };
                    driver.deliver(name, payload, key).await.map_err(refusal)
                };
                self.in_time(delivery).await
            }
            What::Letter(_) => Err(Missed::again("it goes nowhere", "a message that came in is only ever set aside")),
            What::Announcement { replies } => {
                let announcement = || Ok(Announcement { key, replies: replies.clone(), at });
                self.in_time(hand_to_each("announcements", &hooks.announcement, announcement)).await
            }
            What::Reply { address, reply } => {
                self.send(&Outgoing::new(key, address.clone(), reply.clone(), at), is_doubted).await
            }
            // A turn has a deadline of its own.
            What::Undeliverable { address, reason } => {
                let told = caught(self.tell_undeliverable(key, address, reason)).await;
                told.unwrap_or_else(|panicked| Err(panicked.into()))
                    .map_err(|error| Missed::again("it failed", &*error))
            }
        }
    }

    /// What a hook's delivery comes to within its deadline.
    async fn in_time(&self, delivery: impl Future<Output = Delivered>) -> Result<(), Missed> {
        match timeout(self.settings.deadlines.hook, caught(delivery)).await {
            Ok(Ok(made)) => made.map_err(|error| Missed::again("it failed", &*error)),
            Ok(Err(panicked)) => Err(Missed::again("it panicked", &panicked)),
            Err(late) => Err(Missed::again("it took too long", &late)),
        }
    }

    /// What follows the fault: another try later, or none.
    pub(super) fn setback_of(&self, fault: &Fault, now: DateTime<Utc>) -> Setback {
        let later = |time| after(now, time).unwrap_or(now);
        match fault.outlook {
            _ if self.is_given_up(fault) => Setback::SetAside(now),
            Outlook::Wait(time) => Setback::Wait(later(time)),
            _ => Setback::PutOff(later(self.settings.retries.pause_after(fault.tries))),
        }
    }

    pub(super) fn is_given_up(&self, fault: &Fault) -> bool {
        match fault.outlook {
            Outlook::Never { .. } => true,
            Outlook::Wait(_) => false,
            Outlook::Again | Outlook::InDoubt => self.settings.retries.are_used_up(fault.tries),
        }
    }

    pub(super) fn tell_given_up(&self, id: SessionId, fault: &Fault) {
        self.observers.happened(Event::SetAside);
        if let Outlook::Never { .. } = fault.outlook {
            // That was told, and nothing is broken.
            return;
        }
        tracing::error!(key = %fault.pending.key(id), tries = fault.tries, "a delivery was set aside");
    }
}

/// What is delivered, as observers hear of it; none of what is never delivered.
fn kind_of(what: &What) -> Option<DeliveryKind> {
    Some(match what {
        What::Checkpoint(_) => DeliveryKind::Checkpoint,
        What::Lapse(_) => DeliveryKind::Expiry,
        What::Effect { .. } => DeliveryKind::Effect,
        What::Announcement { .. } => DeliveryKind::Announcement,
        What::Reply { .. } => DeliveryKind::Reply,
        What::Undeliverable { .. } => DeliveryKind::Undeliverable,
        What::Letter(_) => return None,
    })
}

/// When each of these, for which there was no place, is asked for again.
fn asked_again(
    full: impl IntoIterator<Item = Destination>,
    places: &Places,
    now: DateTime<Utc>,
) -> impl Iterator<Item = (Destination, DateTime<Utc>)> {
    full.into_iter().map(move |to| {
        let until = after(now, places.again_in(&to)).unwrap_or(now);
        (to, until)
    })
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
