//! What platforms tell of replies that they were sent: [`Engine::take_receipt`].

use tracing::{Instrument, info_span};

use super::{
    Became, Engine, EngineError,
    caught::caught_call,
    observer::Event,
    turn::{Received, TurnRequest},
};
use crate::{
    Address, Flow, Key,
    session::{GivenUpReply, TurnId},
};

/// What came of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Noted {
    /// Nothing: there is no session that has said this.
    Nothing,
    /// All that it means is stored.
    Stored,
    /// The flow was to hear of it, and its handler failed. Taken again, it is tried again.
    Failed,
}

impl<F: Flow> Engine<F> {
    /// Takes note of what a platform tells of the reply that it was sent under this key, to this address: a delivery receipt. It may
    /// tell so as often as it likes, in any order, and to any process.
    ///
    /// A reply that its platform has is struck off, though the try to send it is in doubt, was cut off by the end of its process, or
    /// was set aside; it is not sent again. One that [failed](Became::Failed) is a dead letter, as far as its record still has it, and
    /// told to the flow once ([`EngineBuilder::tell_undeliverable`](crate::EngineBuilder::tell_undeliverable)); the others are where
    /// that is wanted ([`EngineBuilder::tell_receipts`](crate::EngineBuilder::tell_receipts)). Most receipts say what the record says,
    /// and write nothing.
    ///
    /// Fails if what it means could not be stored now: the platform is to tell it again.
    ///
    /// ```
    /// # use flow_core::{Address, Engine, EngineError, Flow, Key, engine::{Became, Noted}};
    /// # async fn example<F: Flow>(engine: &Engine<F>, key: &str) -> Result<(), EngineError> {
    /// let address = Address::new("whatsapp", "436641234567");
    /// if let Ok(key) = key.parse::<Key>() {
    ///     let noted = engine.take_receipt(key, &address, &Became::Delivered).await?;
    ///     println!("{}", noted == Noted::Stored);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn take_receipt(&self, key: Key, address: &Address, became: &Became) -> Result<Noted, EngineError> {
        let span = info_span!("receipt", flow = F::GRAPH.name, session = %key.session);
        let noted = match became {
            Became::Failed(reason) => self.was_given_up(key, address, reason).instrument(span.clone()).await?,
            _ => self.was_sent(key, address).instrument(span.clone()).await?,
        };
        if noted == Noted::Nothing {
            return Ok(Noted::Nothing);
        }
        self.hear_receipt(key, address, became).instrument(span).await
    }

    /// Strikes off what was sent, if it still is to be.
    async fn was_sent(&self, key: Key, address: &Address) -> Result<Noted, EngineError> {
        let rooms = &self.rooms;
        // The next commit says so.
        if rooms.turns.ledger.has_sent(key) {
            return Ok(Noted::Stored);
        }
        let mut noted = Noted::Nothing;
        let amended = rooms.keeper.amend(key.session, |session, _| {
            noted = if session.may_have_decided(key) { Noted::Stored } else { Noted::Nothing };
            noted == Noted::Stored && session.was_sent(key, address.channel())
        });
        if amended.await?.has_changed() {
            tracing::debug!(%key, "a reply that was to be sent is there already, as its platform tells");
        }
        Ok(noted)
    }

    async fn was_given_up(&self, key: Key, address: &Address, reason: &str) -> Result<Noted, EngineError> {
        let rooms = &self.rooms;
        let (is_told, memory) = (rooms.turns.channels.tells_undeliverable(), rooms.turns.settings.limits.memory());
        let given_up = GivenUpReply { key, address, reason, is_told };
        let (mut noted, mut forgotten) = (Noted::Nothing, None);
        let amended = rooms.keeper.amend(key.session, |session, now| {
            noted = if session.may_have_decided(key) { Noted::Stored } else { Noted::Nothing };
            forgotten = if noted == Noted::Stored { session.was_given_up(given_up, now, memory) } else { None };
            forgotten.is_some()
        });
        if amended.await?.has_changed() {
            for _ in 0..forgotten.unwrap_or_default() {
                rooms.observers.happened(Event::MessageForgotten);
            }
            rooms.attendance.look_now_and_then();
            // The reason may quote the visitor.
            tracing::warn!(%key, "a platform has given up a reply that it had taken");
        }
        Ok(noted)
    }

    /// Has the flow hear what became of a reply, if it wants to.
    async fn hear_receipt(&self, key: Key, address: &Address, became: &Became) -> Result<Noted, EngineError> {
        let turns = &self.rooms.turns;
        if matches!(became, Became::Failed(_)) && turns.channels.tells_undeliverable() {
            return Ok(Noted::Stored);
        }
        let signal = match caught_call(|| turns.channels.signal_of_receipt(address, became)) {
            Ok(Some(signal)) => signal,
            Ok(None) => return Ok(Noted::Stored),
            Err(_) => return Ok(Noted::Failed),
        };
        let received = Received { key, id: TurnId::receipt(key, became.name()), signal };
        match turns.take(key.session, TurnRequest::Receipt(&received)).await {
            Ok(outcome) if outcome.is_failed() => Ok(Noted::Failed),
            // There is nobody left to hear it.
            Ok(_) | Err(EngineError::NoSession) => Ok(Noted::Stored),
            Err(error) => Err(error),
        }
    }
}
