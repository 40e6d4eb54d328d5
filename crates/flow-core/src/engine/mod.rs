//! What runs turns: the [`Engine`].
//!
//! Its rooms know each other one way: `keeper` alone speaks to the store, `following` keeps the archive behind it, `turn`
//! takes turns with both, and `upkeep` does what is due with all three.

mod archiving;
mod attendance;
mod became;
mod builder;
mod by_name;
mod caught;
mod channel;
mod channels;
mod collecting;
mod counters;
mod durability;
mod erasing;
mod error;
mod exporting;
mod fate;
mod following;
mod gate;
pub(crate) mod handler;
mod health;
mod hooks;
mod intake;
mod keeper;
mod lease;
mod ledger;
mod lifetime;
mod listing;
mod names;
mod observed;
mod observer;
mod observers;
mod operated;
mod operator;
mod outcome;
mod phrases;
mod places;
mod policies;
mod purging;
mod receipts;
mod said;
mod settings;
mod shutdown;
mod slots;
mod transcript;
mod tray;
mod turn;
mod upkeep;
mod watchdog;

use std::{fmt, pin::Pin, sync::Arc};

use tracing::{Instrument, info_span};

use crate::{Flow, Identifies, Input, Message, Reply, Session, SessionId, Signal, Wire as _};

pub use crate::record::RecordForm;
pub use became::Became;
pub use builder::EngineBuilder;
pub use by_name::StateFault;
pub use caught::Panicked;
pub use channel::{Channel, Outgoing};
pub use collecting::{Collector, Heard, Shelf};
pub use counters::{ArchiveStats, Stats};
pub use durability::Durability;
pub use error::{Busy, EngineError};
pub use fate::{Doubt, Fate, Found, Scope};
pub use following::CaughtUp;
pub use health::Health;
pub use intake::{Accepted, Inbox};
pub use lease::Lease;
pub use listing::{Listed, Listing};
pub use observed::{BatchEnded, DeliveryEnded, DeliveryFate, DeliveryKind, LaidOut, LetterTried};
pub use observer::{CallEnded, Event, Observer, Trigger, TurnEnded, TurnKind, Verb};
pub use operated::{Deed, Operated};
pub use operator::Operator;
pub use outcome::{Opened, Outcome, OutcomeKind};
pub use phrases::Phrases;
pub use policies::{Backlog, Damage, Outage, Resume};
pub use receipts::Noted;
pub use said::Said;
pub use settings::{Archival, Deadlines, Expiry, Limits, Retries};
pub use shutdown::Shutdown;
pub use slots::{Reserved, Slots};
pub use upkeep::{Daily, Worker};

use attendance::Attendance;
use collecting::Hub;
use following::Archivist;
use gate::Gate;
use intake::Intake;
use keeper::{Keeper, stays};
use observers::Observers;
use turn::Turns;
use upkeep::Upkeep;

/// Runs the turns of a flow over a store. Clones share everything.
///
/// ```
/// use flow_core::{Flow, SessionId, Step, Turn};
/// use flow_memory::MemoryStore;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// enum Greeting {
///     #[state(start, ask = "Who is there?", to(Greeted))]
///     Hello,
///     #[state(end, say = "Good day, {name}.")]
///     Greeted { name: String },
/// }
/// # struct Host;
/// # impl GreetingHandler for Host {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), flow_core::EngineError> {
/// let engine = Greeting::engine(Host).store(MemoryStore::new());
/// let id = SessionId::random();
/// engine.handle(id, "hi").await?;
/// let outcome = engine.handle(id, "Ana").await?;
/// assert_eq!(outcome.texts(), ["Good day, Ana."]);
/// # Ok(())
/// # }
/// ```
pub struct Engine<F: Flow> {
    rooms: Arc<Rooms<F>>,
}

struct Rooms<F: Flow> {
    keeper: Arc<Keeper<F>>,
    archivist: Option<Arc<Archivist<F>>>,
    turns: Arc<Turns<F>>,
    intake: Arc<Intake<F>>,
    upkeep: Arc<Upkeep<F>>,
    attendance: Arc<Attendance<F>>,
    gate: Arc<Gate>,
    observers: Arc<Observers>,
    /// Who waits in this process for what is said.
    hub: Arc<Hub>,
    /// How what was said is kept; none if it is not.
    said: Option<Said>,
}

impl<F: Flow> Engine<F> {
    /// Handles one message to the end: the whole turn is stored, or nothing.
    ///
    /// Dropping the future loses at most the outcome: the same message, sent again with its id, gets it.
    pub fn handle(
        &self,
        id: impl Identifies,
        message: impl Into<Message>,
    ) -> Pin<Box<dyn Future<Output = Result<Outcome<F>, EngineError>> + Send + '_>> {
        // No `impl Future`, whose type would have these two in it: what is no id would then be an error wherever the future goes.
        let (id, message) = (id.session_id(), message.into());
        Box::pin(async move {
            let span = info_span!("turn", flow = F::GRAPH.name, session = %id);
            let (outcome, waiting) = self.rooms.turns.take_message(id, &message).instrument(span).await?;
            if waiting.is_some_and(|letters| letters > 0) {
                self.rooms.intake.look_after(id);
            }
            Ok(outcome)
        })
    }

    /// Tells a live session that something happened outside.
    ///
    /// Fails with [`EngineError::NoSession`] if there is none: an event opens no conversation.
    ///
    /// A state that does not declare the signal does not take it, and the outcome says so ([`Outcome::is_unheard`]). A signal
    /// with an idempotency key is a message: `engine.handle(id, Input::signal(&signal)?.with_id(key))`.
    pub async fn signal(&self, id: SessionId, signal: F::Signal) -> Result<Outcome<F>, EngineError> {
        let input = Input::signal(&signal).map_err(|_| EngineError::UnwritableSignal)?;
        self.handle(id, input).await
    }

    /// The same with a signal of a flow that a state of this one runs, however deep: the nearest state of that flow hears of it.
    ///
    /// That this engine's flow runs that flow is checked as the program is built.
    ///
    /// ```
    /// use flow_core::{Engine, EngineError, Flow, SessionId, Step, Turn};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "shop_that_is_paid")]
    /// enum Shop {
    ///     #[state(start, run = Payment, to(Sent))]
    ///     Paying,
    ///     #[state(end, say = "It is on its way.")]
    ///     Sent,
    /// }
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "payment_in_a_shop")]
    /// enum Payment {
    ///     #[state(start, say = "Pay on the page that we have sent you.", signals(Paid), to(Done))]
    ///     Waiting,
    ///     #[state(end)]
    ///     Done,
    /// }
    ///
    /// use {payment::*, shop::*};
    ///
    /// # struct Host;
    /// # impl ShopHandler for Host {
    /// #     async fn paying_done(&self, _: Paying, _: PaymentEnd, turn: Turn<'_, Paying>) -> Step<Paying> {
    /// #         turn.to(Sent)
    /// #     }
    /// # }
    /// # impl PaymentHandler for Host {
    /// #     async fn waiting(&self, _: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
    /// #         turn.stay("Not yet.")
    /// #     }
    /// #     async fn waiting_on_paid(&self, _: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
    /// #         turn.to(Done)
    /// #     }
    /// # }
    /// # async fn example(engine: &Engine<Shop>, id: SessionId) -> Result<(), EngineError> {
    /// engine.signal_in::<Payment>(id, PaymentSignal::Paid).await?;
    /// # Ok(())
    /// # }
    /// # fn main() { let _ = Shop::engine(Host); }
    /// ```
    ///
    /// A signal of a flow that is not run here does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use flow_core::{Engine, Flow, SessionId};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// enum Tour {
    ///     #[state(start, say = "Come in.", to(Left))]
    ///     Begun,
    ///     #[state(end)]
    ///     Left,
    /// }
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// enum Transfer {
    ///     #[state(start, say = "Pay, please.", signals(Paid), to(Over))]
    ///     Asked,
    ///     #[state(end)]
    ///     Over,
    /// }
    ///
    /// # use transfer::*;
    /// fn paid<'e>(engine: &'e Engine<Tour>, id: SessionId) -> Box<dyn Future<Output = ()> + 'e> {
    ///     Box::new(async move { drop(engine.signal_in::<Transfer>(id, TransferSignal::Paid).await) })
    /// }
    /// # fn main() { let _ = paid as fn(_, _) -> _; }
    /// ```
    pub async fn signal_in<G: Flow>(&self, id: SessionId, signal: G::Signal) -> Result<Outcome<F>, EngineError> {
        const { assert!(F::GRAPH.runs(G::GRAPH.name), "this engine's flow does not run the flow that declares the signal") }
        let payload = signal.payload().map_err(|_| EngineError::UnwritableSignal)?;
        let name = format!("{}/{}", G::GRAPH.name, signal.name());
        self.handle(id, Input::Signal(Signal::new(&name, payload))).await
    }

    /// The session as it is stored, or in memory while its store is away, without renewing it; none if there is no live
    /// one.
    pub async fn peek(&self, id: SessionId) -> Result<Option<Session<F>>, EngineError> {
        let span = info_span!("peek", flow = F::GRAPH.name, session = %id);
        let keeper = &self.rooms.keeper;
        let told = keeper.look_up(id).instrument(span).await?;
        let Some(known) = told.open(id).map_err(stays)?.known else { return Ok(None) };
        let is_expired = keeper.is_expired(&known.session, keeper.now(&known));
        Ok((!is_expired).then_some(known.session))
    }

    /// The present question, as it would be asked now, without a turn: for a page that is loaded again, a second device, a bot that was
    /// started again. None if nothing is asked: there is no live session, its conversation is over, or a person has taken over.
    ///
    /// Its buttons and numbers are those that the visitor was shown. Where that cannot be, because the handler would show another list by
    /// now, the buttons have no numbers, and stand for their words. A state whose time is over is passed over, as the visitor's next message
    /// will do.
    ///
    /// Fails with [`EngineError::Handler`] if the handler cannot ask.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow, SessionId};
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
    /// match engine.prompt(id).await? {
    ///     Some(question) => println!("{}", question.text()),
    ///     None => println!("Say hello."),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn prompt(&self, id: SessionId) -> Result<Option<Reply>, EngineError> {
        let _pass = self.rooms.gate.enter()?;
        let span = info_span!("prompt", flow = F::GRAPH.name, session = %id);
        let keeper = &self.rooms.keeper;
        let told = keeper.look_up(id).instrument(span.clone()).await?;
        let Some(known) = told.open(id).map_err(stays)?.known else { return Ok(None) };
        let now = keeper.now(&known);
        if keeper.is_expired(&known.session, now) {
            return Ok(None);
        }
        self.rooms.turns.present(known.session, now).instrument(span).await
    }

    /// Removes a session from the store, and tells whether there was one.
    ///
    /// What is archived of it stays, and its visitor goes on from there: [`erase`](Operator::erase) forgets that too.
    pub async fn remove(&self, id: SessionId) -> Result<bool, EngineError> {
        let _pass = self.rooms.gate.enter()?;
        let _lock = self.rooms.keeper.lock(id).await;
        let span = info_span!("forget", flow = F::GRAPH.name, session = %id);
        let was_there = self.rooms.keeper.remove(id).instrument(span).await?;
        if was_there {
            tracing::debug!(session = %id, "a session was removed");
        }
        Ok(was_there)
    }

    /// What the engine has done so far.
    pub fn stats(&self) -> Stats {
        let rooms = &self.rooms;
        let (skew, unattended) = (rooms.keeper.time.skew(), rooms.attendance.is_missed());
        rooms.observers.counters.snapshot(
            &rooms.gate,
            rooms.intake.under_way.now(),
            skew,
            unattended,
            rooms.keeper.counts(),
        )
    }
}

impl<F: Flow> Clone for Engine<F> {
    fn clone(&self) -> Self {
        Self { rooms: Arc::clone(&self.rooms) }
    }
}

impl<F: Flow> fmt::Debug for Engine<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("flow", &F::GRAPH.name).field("stats", &self.stats()).finish_non_exhaustive()
    }
}
