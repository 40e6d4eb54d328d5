//! The deliveries that a session owes: promised by a turn, claimed for a try, struck off, put off, or set aside as dead
//! letters. Each destination has an order and tries of its own.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    Key, LONGEST_ERROR, Session,
    destination::Destination,
    pending::{Delivery, Pending, SetAside, Snapshot, What},
    todo::Todo,
};
use crate::Flow;

/// A delivery that came to nothing.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) pending: Pending,
    /// How often it was tried.
    pub(crate) tries: u32,
    pub(crate) error: String,
    pub(crate) outlook: Outlook,
}

/// What can be hoped for a delivery that came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may be made later.
    Again,
    /// The same, and it may have been made.
    InDoubt,
    /// Nothing is to be tried for so long, and this counts as no try.
    Wait(Duration),
    /// It is never made; whether the flow is to hear that.
    Never { is_told: bool },
}

/// What a checkpoint is kept for: a hook, the archive, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) hook: bool,
    pub(crate) archive: bool,
}

/// What follows a [`Fault`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Setback {
    /// The delivery is tried again at this time.
    PutOff(DateTime<Utc>),
    /// The same, and this was no try.
    Wait(DateTime<Utc>),
    /// The delivery is a dead letter from this time on.
    SetAside(DateTime<Utc>),
}

/// A try that this process makes of what is pending for a destination.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) to: Destination,
    delivery: Delivery,
}

impl Claim {
    /// How often it was tried, this try included.
    pub(crate) fn tries(&self) -> u32 {
        self.delivery.tries
    }

    /// Until when the try has its destination to itself.
    pub(crate) fn ends_at(&self) -> DateTime<Utc> {
        self.delivery.not_before
    }

    /// Whether this may have been sent by a try before.
    pub(crate) fn doubts(&self, pending: &Pending) -> bool {
        self.delivery.doubted.is_some_and(|last| pending.place() <= last)
    }
}

impl<F: Flow> Session<F> {
    /// Has this delivered, under the key that has this index in the write that is being made.
    pub(crate) fn promise(&mut self, index: u32, at: DateTime<Utc>, what: What) {
        let pending = self.pending_of(index, at, what);
        self.parts.todo.pending.push(pending);
    }

    /// Keeps a checkpoint, once, for the hook and the archive if they want it, and gives its key.
    pub(crate) fn keep_checkpoint(&mut self, index: u32, at: DateTime<Utc>, snapshot: Snapshot, by: Wanted) -> Key {
        let mut checkpoint = self.pending_of(index, at, What::Checkpoint(snapshot));
        checkpoint.is_unarchived = by.archive;
        let key = checkpoint.key(self.parts.id);
        if by.hook {
            self.parts.todo.pending.push(checkpoint);
        } else {
            self.parts.todo.archiving.keep(&checkpoint);
        }
        key
    }

    pub(super) fn pending_of(&self, index: u32, at: DateTime<Utc>, what: What) -> Pending {
        Pending::new(self.parts.stamp, index, at, what)
    }

    /// Whether the record carries more than `limit` for one destination, dead letters included. Messages that were set aside go
    /// nowhere, and replies to a visitor who cannot be reached make room for each other: however many they are, they hold up no turn.
    pub(crate) fn is_overfull(&self, limit: usize) -> bool {
        let todo = &self.parts.todo;
        let aside = todo.set_aside.iter().map(|set_aside| &set_aside.pending);
        let aside = aside.filter(|pending| !matches!(pending.what, What::Letter(_) | What::Reply { .. }));
        let mut counts = BTreeMap::<_, usize>::new();
        for pending in todo.pending.iter().chain(aside) {
            *counts.entry(pending.goes_to()).or_default() += 1;
        }
        counts.values().any(|count| *count > limit)
    }

    /// What is to be delivered there, in this order.
    pub(crate) fn promised_to(&self, to: &Destination) -> Vec<Pending> {
        self.parts.todo.pending_for(to).cloned().collect()
    }

    /// Has the expiry of the session told, or not.
    pub(crate) fn tell_expiry(&mut self, is_told: bool) {
        self.parts.todo.tell_expiry = is_told;
    }

    /// The destinations for which something that is pending may be delivered now.
    pub(crate) fn due_destinations(&self, now: DateTime<Utc>) -> Vec<Destination> {
        let mut destinations = self.parts.todo.destinations();
        destinations.retain(|to| self.parts.todo.deliver_to_at(to).is_some_and(|at| at <= now));
        destinations
    }

    /// Claims for this process the first try of what is new, for each destination that it has a place for and that has nothing
    /// older.
    pub(crate) fn claim_first_tries(
        &mut self,
        until: DateTime<Utc>,
        has_place: impl Fn(&Destination) -> bool,
    ) -> Vec<Claim> {
        let mut destinations = self.parts.todo.destinations();
        let stamp = self.parts.stamp;
        destinations.retain(|to| {
            // What is set aside for want of room may still be under way.
            let is_at_rest = !self.parts.todo.deliveries.contains_key(to);
            is_at_rest && self.parts.todo.pending_for(to).all(|pending| pending.stamp() == stamp) && has_place(to)
        });
        self.claim(destinations, until)
    }

    /// Claims the next try of what is pending for these destinations, where there is anything.
    pub(crate) fn claim(
        &mut self,
        destinations: impl IntoIterator<Item = Destination>,
        until: DateTime<Utc>,
    ) -> Vec<Claim> {
        let mut claims = Vec::new();
        for to in destinations {
            if self.parts.todo.pending_for(&to).next().is_none() {
                continue;
            }
            let before = self.parts.todo.deliveries.get(&to);
            let tries = before.map_or(0, |delivery| delivery.tries) + 1;
            let mut delivery = Delivery::claimed(tries, until);
            if to.channel().is_some() {
                delivery.reaches = Some(self.parts.stamp.version);
                delivery.doubted = before.and_then(Delivery::doubts);
            }
            self.parts.todo.deliveries.insert(to.clone(), delivery);
            claims.push(Claim { to, delivery });
        }
        claims
    }

    /// Has what is pending there asked for again at that time. It was not tried, and so no try is counted.
    pub(crate) fn put_off(&mut self, to: Destination, until: DateTime<Utc>) {
        let before = self.parts.todo.deliveries.get(&to).copied().unwrap_or(Delivery::put_off(0, until));
        self.parts.todo.deliveries.insert(to, Delivery { not_before: until, ..before });
    }

    /// Has what is new and goes where nothing was tried asked for at the time that this says, if it says one.
    pub(crate) fn put_new_off(&mut self, until: impl Fn(&Destination) -> Option<DateTime<Utc>>) {
        for to in self.parts.todo.destinations() {
            if let Some(until) = until(&to).filter(|_| self.is_untried(&to)) {
                self.put_off(to, until);
            }
        }
    }

    /// Gives up a claim under which nothing was tried, unless another worker has claimed it meanwhile; it is asked for again at
    /// that time. Tells whether this changes anything.
    pub(crate) fn give_back(&mut self, claim: &Claim, until: DateTime<Utc>) -> bool {
        let is_ours = self.parts.todo.deliveries.get(&claim.to) == Some(&claim.delivery);
        if is_ours {
            let untried = Delivery::put_off(claim.tries().saturating_sub(1), until);
            let untried = Delivery { doubted: claim.delivery.doubted, ..untried };
            self.parts.todo.deliveries.insert(claim.to.clone(), untried);
        }
        is_ours
    }

    /// Whether something is pending for this destination, and no try was made or put off.
    pub(crate) fn is_untried(&self, to: &Destination) -> bool {
        !self.parts.todo.deliveries.contains_key(to) && self.parts.todo.pending_for(to).next().is_some()
    }

    /// The fault of the first that is pending there, if its claimed try never came back: its worker has died.
    pub(crate) fn unheard_try(&self, to: &Destination) -> Option<Fault> {
        let tries = self.parts.todo.deliveries.get(to).filter(|delivery| delivery.is_claimed)?.tries;
        let error = "the worker that tried it did not come back".to_owned();
        Some(Fault { pending: self.parts.todo.pending_for(to).next()?.clone(), tries, error, outlook: Outlook::Again })
    }

    /// Strikes off what was delivered under this claim, and ends the claim, unless another worker has claimed the rest
    /// meanwhile; the fault in the end, if there was one, sets the first of the rest back. Tells whether this changes anything.
    pub(crate) fn strike_off(
        &mut self,
        claim: &Claim,
        delivered: &[Pending],
        fault: Option<(&Fault, Setback)>,
    ) -> bool {
        let Todo { pending, set_aside, archiving, .. } = &mut self.parts.todo;
        let mut stays = |pending: &Pending| {
            let is_delivered = delivered.iter().any(|done| done.is_same(pending));
            if is_delivered {
                archiving.keep(pending);
            }
            !is_delivered
        };
        pending.retain(&mut stays);
        // What took so long that it was set aside meanwhile is no dead letter either.
        set_aside.retain(|set_aside| set_aside.is_final || stays(&set_aside.pending));
        if self.parts.todo.deliveries.get(&claim.to) != Some(&claim.delivery) {
            // The other worker notes what became of its try.
            return !delivered.is_empty();
        }
        self.parts.todo.deliveries.remove(&claim.to);
        self.doubt_the_rest(&claim.to, claim.delivery.doubted);
        if let Some((fault, setback)) = fault
            && self.parts.todo.pending_for(&claim.to).next().is_some_and(|first| first.is_same(&fault.pending))
        {
            self.set_back(&claim.to, fault, setback);
        }
        true
    }

    /// Has the first of what is pending there tried again later, or sets it aside.
    pub(crate) fn set_back(&mut self, to: &Destination, fault: &Fault, setback: Setback) {
        match setback {
            Setback::PutOff(until) | Setback::Wait(until) => {
                let was_tried = matches!(setback, Setback::PutOff(_));
                let tries = if was_tried { fault.tries } else { fault.tries.saturating_sub(1) };
                let is_doubted = fault.outlook == Outlook::InDoubt;
                let before = self.parts.todo.deliveries.get(to).and_then(|delivery| delivery.doubted);
                let doubted = before.max(is_doubted.then(|| fault.pending.place()));
                self.parts.todo.deliveries.insert(to.clone(), Delivery { doubted, ..Delivery::put_off(tries, until) });
            }
            Setback::SetAside(at) => {
                let before = self.parts.todo.deliveries.remove(to);
                if let Some(pending) = self.parts.todo.take_first(to) {
                    let error: String = fault.error.chars().take(LONGEST_ERROR).collect();
                    if let (What::Reply { address, .. }, Outlook::Never { is_told: true }) =
                        (&pending.what, fault.outlook)
                    {
                        let what = What::Undeliverable { address: address.clone(), reason: error.clone() };
                        self.parts.todo.pending.push(pending.clone().for_flow(at, what));
                    }
                    self.parts.todo.set_aside.push(SetAside::new(pending, at, error));
                }
                self.doubt_the_rest(to, before.and_then(|delivery| delivery.doubts()));
            }
        }
    }

    /// Keeps in mind that a try that never came back may have sent what is now the first there, too.
    pub(super) fn doubt_the_rest(&mut self, to: &Destination, doubted: Option<(u64, u32)>) {
        let first =
            self.parts.todo.pending_for(to).next().filter(|first| doubted.is_some_and(|last| first.place() <= last));
        if let Some(first) = first {
            let delivery = Delivery { doubted, ..Delivery::put_off(0, first.at) };
            self.parts.todo.deliveries.insert(to.clone(), delivery);
        }
    }
}
