//! What platforms tell of replies that they were sent: the verbs of a receipt.

use chrono::{DateTime, Utc};

use super::{
    Key, LONGEST_ERROR, Memory, Session, TurnId,
    pending::{Pending, SetAside, What},
};
use crate::{Address, Flow, SessionId};

/// A reply that its platform had taken, and has given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenUpReply<'r> {
    pub(crate) key: Key,
    /// Where it was sent, as the platform tells.
    pub(crate) address: &'r Address,
    pub(crate) reason: &'r str,
    /// Whether the flow is to hear of it.
    pub(crate) is_told: bool,
}

impl<F: Flow> Session<F> {
    /// Whether a write of this session may have decided the reply with this key.
    pub(crate) fn may_have_decided(&self, key: Key) -> bool {
        key.session == self.parts.id && key.stamp.version <= self.parts.stamp.version
    }

    /// Strikes off a reply that the platform behind this channel has, whatever became of the try to send it. Tells whether it still
    /// was to be sent, or set aside.
    pub(crate) fn was_sent(&mut self, key: Key, channel: &str) -> bool {
        let (id, before) = (self.parts.id, self.parts.todo.set_aside.len());
        // Receipts overtake each other: what was given up is not brought back by what was told before.
        self.parts.todo.set_aside.retain(|aside| aside.is_final || !is_reply(&aside.pending, id, key, channel));
        let was_aside = self.parts.todo.set_aside.len() < before;
        self.take_reply(key, channel).is_some() || was_aside
    }

    /// Has a reply be a dead letter for good, if it still is known, and the flow hear of it if that is wanted.
    ///
    /// Tells how many ids were forgotten before their time for that of this receipt; none if it was known, or if there is nothing to do.
    pub(crate) fn was_given_up(
        &mut self,
        given_up: GivenUpReply<'_>,
        now: DateTime<Utc>,
        memory: Memory,
    ) -> Option<u64> {
        let GivenUpReply { key, address, reason, is_told } = given_up;
        let (receipt, error): (_, String) =
            (TurnId::receipt(key, "failed"), reason.chars().take(LONGEST_ERROR).collect());
        if is_told && self.knows(&TurnId::Given(receipt.clone()), now, memory) {
            return None;
        }
        let sent_to = self.give_up(key, address.channel(), &error, now);
        if !is_told {
            return sent_to.map(|_| 0);
        }
        // What a platform calls a place need not be what it was given: where it was sent is known better here.
        let reached = self.address().filter(|reached| reached.channel() == address.channel());
        let address = sent_to.as_ref().or(reached).unwrap_or(address).clone();
        let heard = Pending::new(key.stamp, key.index, now, What::Undeliverable { address, reason: error });
        if !self.parts.todo.pending.iter().any(|pending| pending.is_same(&heard)) {
            self.parts.todo.pending.push(heard);
        }
        Some(self.parts.known_ids.add(&receipt, now, memory))
    }

    /// Has a reply be a dead letter for good, if it still is known and is none yet. Tells where it was sent.
    fn give_up(&mut self, key: Key, channel: &str, error: &str, at: DateTime<Utc>) -> Option<Address> {
        let id = self.parts.id;
        let is_it = |aside: &&mut SetAside| is_reply(&aside.pending, id, key, channel);
        if let Some(aside) = self.parts.todo.set_aside.iter_mut().find(is_it) {
            let was_final = std::mem::replace(&mut aside.is_final, true);
            error.clone_into(&mut aside.error);
            return address_of(&aside.pending).filter(|_| !was_final);
        }
        let pending = self.take_reply(key, channel)?;
        let address = address_of(&pending);
        self.parts.todo.set_aside.push(SetAside { is_final: true, ..SetAside::new(pending, at, error) });
        address
    }

    /// Takes a reply off the list of what is to be sent, if it is on it.
    fn take_reply(&mut self, key: Key, channel: &str) -> Option<Pending> {
        let place =
            self.parts.todo.pending.iter().position(|pending| is_reply(pending, self.parts.id, key, channel))?;
        let to = self.parts.todo.pending[place].goes_to();
        let was_first = self.parts.todo.pending_for(&to).next().is_some_and(|first| first.key(self.parts.id) == key);
        let reply = self.parts.todo.pending.remove(place);
        let is_claimed = self.parts.todo.deliveries.get(&to).is_some_and(|delivery| delivery.is_claimed);
        if self.parts.todo.pending_for(&to).next().is_none() {
            // Whoever is at it sends nothing more.
            self.parts.todo.deliveries.remove(&to);
        } else if was_first && !is_claimed {
            // The tries were those of this one.
            let before = self.parts.todo.deliveries.remove(&to);
            self.doubt_the_rest(&to, before.and_then(|delivery| delivery.doubts()));
        }
        Some(reply)
    }
}

/// Whether this is the reply with this key, to be sent by this channel.
fn is_reply(pending: &Pending, session: SessionId, key: Key, channel: &str) -> bool {
    pending.key(session) == key && matches!(&pending.what, What::Reply { address, .. } if address.channel() == channel)
}

fn address_of(pending: &Pending) -> Option<Address> {
    match &pending.what {
        What::Reply { address, .. } => Some(address.clone()),
        _ => None,
    }
}
