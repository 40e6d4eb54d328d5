//! The salon's calendar: [`Calendar`], which visitors race for.
//!
//! Each time is a conversation of its own, a small flow that nobody talks to and that is told by signals. It lies in the store in
//! which the talks are, so that a time is sold once, whichever process sells it, and whenever it was started.

use std::{sync::Arc, time::Duration};

use flow_chat::{Engine, EngineError, Flow, Secret, Session, SessionId, Step, Store, Turn, memory::MemoryStore};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::{
    flow::{Booking, Slot},
    salon::Salon,
};

/// A moment of a talk, in milliseconds since 1970: by its store's clock, which tells what came first.
type Moment = i64;

/// For how long a time may be held by a talk that does not say so: longer than a turn takes by far, which takes the time before it is
/// stored.
const LONG: Moment = 15 * 60 * 1000;

/// One time of the salon.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "salon_time")]
pub enum Time {
    #[state(start, silent, handled, signals(Take(Claim)), to(Held))]
    Free,

    /// For a visitor who has said yes. It is theirs once they have confirmed it.
    #[state(silent, handled, signals(Take(Claim), Keep(SessionId), GiveBack(Claim)), to(Free, Held, Sold))]
    Held { by: SessionId, since: Moment },

    /// No end: a conversation that is over hears nothing more, and the next word would begin it anew.
    #[state(silent, handled, endless, signals(Take(Claim), Keep(SessionId), GiveBack(Claim)), to(Sold))]
    Sold { by: SessionId },
}

pub use time::*;

/// What a visitor wants of a time, and when.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Claim {
    by: SessionId,
    at: Moment,
}

/// What a time does when it is told something. What is not for it changes nothing.
struct Keeper;

impl TimeHandler for Keeper {
    async fn free(&self, _: Free, turn: Turn<'_, Free>) -> Step<Free> {
        turn.stay("")
    }

    async fn free_on_take(&self, _: Free, claim: Claim, turn: Turn<'_, Free>) -> Step<Free> {
        turn.to(Held { by: claim.by, since: claim.at })
    }

    async fn held(&self, _: Held, turn: Turn<'_, Held>) -> Step<Held> {
        turn.stay("")
    }

    /// Taken once more it is theirs from then on: what they give back is what they had before.
    async fn held_on_take(&self, state: Held, claim: Claim, turn: Turn<'_, Held>) -> Step<Held> {
        if state.by == claim.by && state.since < claim.at {
            turn.to(Held { by: claim.by, since: claim.at })
        } else {
            turn.stay("")
        }
    }

    async fn held_on_keep(&self, state: Held, by: SessionId, turn: Turn<'_, Held>) -> Step<Held> {
        if state.by == by { turn.to(Sold { by }) } else { turn.stay("") }
    }

    /// That it is given back may be told late, when the same visitor has taken it once more.
    async fn held_on_give_back(&self, state: Held, claim: Claim, turn: Turn<'_, Held>) -> Step<Held> {
        if state.by == claim.by && state.since <= claim.at { turn.to(Free) } else { turn.stay("") }
    }

    async fn sold(&self, _: Sold, turn: Turn<'_, Sold>) -> Step<Sold> {
        turn.stay("")
    }

    async fn sold_on_take(&self, _: Sold, _: Claim, turn: Turn<'_, Sold>) -> Step<Sold> {
        turn.stay("")
    }

    async fn sold_on_keep(&self, _: Sold, _: SessionId, turn: Turn<'_, Sold>) -> Step<Sold> {
        turn.stay("")
    }

    async fn sold_on_give_back(&self, _: Sold, _: Claim, turn: Turn<'_, Sold>) -> Step<Sold> {
        turn.stay("")
    }
}

/// The times that the salon can be visited at, in this order. Clones share what is known of them.
#[derive(Clone)]
pub struct Calendar {
    slots: Vec<Slot>,
    times: Engine<Time>,
    /// Where the visitors stand; none if that is not known.
    talks: Option<Talks>,
    takes: Duration,
}

/// The talks that are held in the store of the calendar, to look at.
#[derive(Clone)]
struct Talks {
    store: Arc<dyn Store>,
    engine: Engine<Booking>,
}

impl Talks {
    fn kept_in(store: Arc<dyn Store>) -> Self {
        let salon = Salon::new(Calendar::alone([], &store));
        Self { engine: salon.engine().store(Arc::clone(&store)), store }
    }

    /// Whether the visitor has let go of the time: their talk is gone, or stands elsewhere and has nothing to tell of it any more.
    async fn have_left(&self, slot: &Slot, visitor: SessionId) -> Result<bool, EngineError> {
        let Some(talk) = self.engine.peek(visitor).await? else {
            // One that has expired tells so.
            return Ok(self.store.load(visitor, 0).await?.record.is_none());
        };
        let is_theirs = match talk.state() {
            Booking::BookSendLink { slot: theirs, .. } | Booking::BookConfirmed { slot: theirs, .. } => theirs == slot,
            _ => false,
        };
        Ok(!is_theirs && talk.pending() == 0 && talk.set_aside().is_empty())
    }
}

impl Calendar {
    /// A calendar in memory, whose times are free, and which knows of no talks.
    pub fn of<'s>(slots: impl IntoIterator<Item = &'s str>) -> Self {
        Self { talks: None, ..Self::kept_in(slots, MemoryStore::new()) }
    }

    /// A calendar whose times are kept in this store, in which the talks are. Those that it does not know yet are free.
    pub fn kept_in<'s>(slots: impl IntoIterator<Item = &'s str>, store: impl Store + 'static) -> Self {
        let store: Arc<dyn Store> = Arc::new(store);
        Self { talks: Some(Talks::kept_in(Arc::clone(&store))), ..Self::alone(slots, &store) }
    }

    fn alone<'s>(slots: impl IntoIterator<Item = &'s str>, store: &Arc<dyn Store>) -> Self {
        let slots = slots.into_iter().map(Slot::from).collect();
        Self { slots, times: Time::engine(Keeper).store(Arc::clone(store)), talks: None, takes: Duration::ZERO }
    }

    /// The same, which takes so long to answer.
    pub fn slow(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// The calendar, once it answers: a real one is asked over a wire.
    pub async fn asked(&self) -> &Self {
        if !self.takes.is_zero() {
            sleep(self.takes).await;
        }
        self
    }

    /// The times that the visitor can have.
    pub async fn free_for(&self, visitor: SessionId) -> Result<Vec<Slot>, EngineError> {
        let mut free = Vec::new();
        for slot in &self.slots {
            let time = self.times.peek(id_of(slot)).await?;
            match time.as_ref().map(Session::state) {
                None | Some(Time::Free) => free.push(slot.clone()),
                Some(Time::Held { by, .. }) if *by == visitor => free.push(slot.clone()),
                Some(Time::Held { .. } | Time::Sold { .. }) => {}
            }
        }
        Ok(free)
    }

    /// The time that the visitor holds beside this one; none if there is none.
    pub async fn held_beside(&self, slot: &Slot, visitor: SessionId) -> Result<Option<Slot>, EngineError> {
        for other in self.slots.iter().filter(|other| *other != slot) {
            let time = self.times.peek(id_of(other)).await?;
            if matches!(time.as_ref().map(Session::state), Some(Time::Held { by, .. }) if *by == visitor) {
                return Ok(Some(other.clone()));
            }
        }
        Ok(None)
    }

    /// Has what is held free again where nobody is there any more who holds it: a turn that has taken a time and was never stored, as
    /// when its process was killed, and whose visitor has not come back; a talk that was removed.
    pub async fn free_what_was_left(&self, now: Moment) -> Result<(), EngineError> {
        let Some(talks) = &self.talks else { return Ok(()) };
        for slot in &self.slots {
            let time = self.times.peek(id_of(slot)).await?;
            if let Some(Time::Held { by, since }) = time.as_ref().map(Session::state)
                && since.saturating_add(LONG) < now
                && talks.have_left(slot, *by).await?
            {
                // Who takes it meanwhile has it from then on.
                self.tell(slot, || TimeSignal::GiveBack(Claim { by: *by, at: *since })).await?;
            }
        }
        Ok(())
    }

    /// Takes the time for the visitor, and tells whether they have it now.
    ///
    /// May be called again for the same visitor: a handler can be run more than once for one turn.
    pub async fn take(&self, slot: &Slot, visitor: SessionId, at: Moment) -> Result<bool, EngineError> {
        // A time of which nobody has heard does not answer, and a list of old may name one that there is no more.
        if !self.slots.contains(slot) {
            return Ok(false);
        }
        let time = self.tell(slot, || TimeSignal::Take(Claim { by: visitor, at })).await?;
        Ok(matches!(time, Some(Time::Held { by, .. } | Time::Sold { by }) if by == visitor))
    }

    /// The time is the visitor's for good.
    pub async fn keep(&self, slot: &Slot, visitor: SessionId) -> Result<(), EngineError> {
        let time = self.tell(slot, || TimeSignal::Keep(visitor)).await?;
        if !matches!(time, Some(Time::Sold { by }) if by == visitor) {
            tracing::warn!(%visitor, %slot, "what was confirmed is not theirs in the calendar");
        }
        Ok(())
    }

    /// Gives back whatever the visitor had taken by then and has not confirmed, but for `kept`.
    pub async fn give_back(&self, visitor: SessionId, kept: Option<&Slot>, at: Moment) -> Result<(), EngineError> {
        for slot in self.slots.iter().filter(|slot| Some(*slot) != kept) {
            let time = self.times.peek(id_of(slot)).await?;
            if matches!(time.as_ref().map(Session::state), Some(Time::Held { by, .. }) if *by == visitor) {
                self.tell(slot, || TimeSignal::GiveBack(Claim { by: visitor, at })).await?;
            }
        }
        Ok(())
    }

    /// Tells a time something, and gives how it stands then.
    async fn tell(&self, slot: &Slot, signal: impl Fn() -> TimeSignal) -> Result<Option<Time>, EngineError> {
        let id = id_of(slot);
        let told = match self.times.signal(id, signal()).await {
            // Nobody has asked anything of this time yet: its conversation begins now.
            Err(EngineError::NoSession) => {
                if self.times.peek(id).await?.is_none() {
                    self.times.handle(id, "").await?;
                }
                self.times.signal(id, signal()).await?
            }
            told => told?,
        };
        Ok(told.state)
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::of([])
    }
}

/// Which conversation is that of this time: the same in every process.
fn id_of(slot: &Slot) -> SessionId {
    let secret = Secret::new(*b"the times of Salon Lumen, by name").expect("it is long enough");
    SessionId::derived(&secret, "calendar", &slot.to_string())
}
