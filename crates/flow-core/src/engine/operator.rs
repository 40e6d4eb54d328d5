//! What a person may do to a session: [`Operator`], who has a name and a reason.

use std::time::Duration;

use serde_json::Value;
use tracing::{Instrument, info_span};

use super::{
    Engine, EngineError, Outcome,
    by_name::state_by_name,
    operated::{Deed, Operated},
    turn::{Order, Ordered, TurnRequest},
};
use crate::{By, Cause, Flow, Reply, Session, SessionId, Transition};

impl<F: Flow> Engine<F> {
    /// What an operator may do, by name and with a reason: both stand in the history of each session that is touched.
    ///
    /// ```
    /// use flow_core::{By, Cause, Flow, SessionId};
    /// # use flow_memory::MemoryStore;
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "visit_with_an_operator")]
    /// enum Visit {
    ///     #[state(start, ask = "Your name?", to(Party))]
    ///     Welcome,
    ///     #[state(ask = "For how many, {name}?", to(Booked))]
    ///     Party { name: String },
    ///     #[state(end, say = "A table for {guests}, {name}.")]
    ///     Booked { name: String, guests: u8 },
    /// }
    /// # struct Host;
    /// # impl VisitHandler for Host {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flow_core::EngineError> {
    /// # let engine = Visit::engine(Host).store(MemoryStore::new());
    /// # let id = SessionId::random();
    /// engine.handle(id, "hi").await?;
    /// let ana = engine.operator(By::new("ana", "ticket 4711: booked by telephone"));
    /// ana.pause(id).await?;
    /// assert!(engine.handle(id, "hello?").await?.is_paused());
    /// let fields = serde_json::json!({"name": "Kai", "guests": 4});
    /// ana.force_to(id, "BOOKED", &fields).await?;
    /// let outcome = ana.resume(id).await?;
    /// assert_eq!(outcome.texts(), ["A table for 4, Kai."]);
    /// assert_eq!(outcome.transitions[0].by, Cause::Unpaused);
    /// # Ok(())
    /// # }
    /// ```
    pub fn operator(&self, by: By) -> Operator<'_, F> {
        Operator { engine: self, by }
    }
}

/// What a person may do to a session, by name and with a reason. Made by [`Engine::operator`].
///
/// Each of these fails with [`EngineError::By`], and does nothing, if the name or the reason will not do. What has been done is
/// in the history, as a step with its [`operator`](Transition::operator), in the log, and told to the observers
/// ([`Observer::operated`](crate::Observer::operated)).
///
/// What a session says to its visitor by an operator's hand is an announcement, if the engine has a hook for those; the
/// outcome shows it to the operator. An expired session is taken up by it.
#[derive(Clone, Debug)]
pub struct Operator<'e, F: Flow> {
    engine: &'e Engine<F>,
    by: By,
}

impl<F: Flow> Operator<'_, F> {
    /// Moves a session to any state. Where the bot is paused it asks nothing before that ends.
    ///
    /// Fails with [`EngineError::NoSession`] if there is nothing to move.
    pub async fn force(&self, id: SessionId, state: F) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Force, Ok(Ordered::Move(state))).await
    }

    /// Moves a session to the state of this wire name, with these fields as a record has them: for a command line or a console,
    /// which does not have the flow's types. A state without fields takes `null`.
    ///
    /// Fails before anything is touched, with [`EngineError::NoSuchState`] if the flow has no such state, with
    /// [`EngineError::UnreadableState`] if a field is missing, is not one of the state's, or cannot hold what is given, and with
    /// [`EngineError::Unwritable`] if the state could not be stored.
    pub async fn force_to(&self, id: SessionId, name: &str, fields: &Value) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Force, state_by_name(name, fields).map(Ordered::Move)).await
    }

    /// Has the bot be silent, until [`resume`](Self::resume): a person takes over.
    ///
    /// What the visitor says is stored as a step of the history, [`Cause::Unanswered`], remembered as a message, and answered by
    /// nobody here: no handler runs, and no try is counted ([`Outcome::is_paused`]). It puts the expiry off as always. Signals are
    /// taken, because the world outside does not wait, and what they would say is said when the pause ends; timers wait for
    /// that, too. Where the conversation begins anew the pause is over.
    ///
    /// Paused again, a session is paused by the later order. Fails with [`EngineError::NoSession`] if there is no session.
    pub async fn pause(&self, id: SessionId) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Pause, Ok(Ordered::Pause(None))).await
    }

    /// The same for so much time. Then the bot goes on by itself.
    ///
    /// Fails with [`EngineError::PauseTime`], too, if that is no time, or ends beyond the calendar.
    pub async fn pause_for(&self, id: SessionId, time: Duration) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Pause, Ok(Ordered::Pause(Some(time)))).await
    }

    /// Has the bot go on. It says what signals had to say in the pause, and asks its question if another state was entered.
    ///
    /// Fails with [`EngineError::NotPaused`] if the bot is not paused.
    pub async fn resume(&self, id: SessionId) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Resume, Ok(Ordered::Resume { asks: false })).await
    }

    /// The same, and the bot asks the question of its state again.
    pub async fn resume_asking(&self, id: SessionId) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Resume, Ok(Ordered::Resume { asks: true })).await
    }

    /// Says something to the visitor, as a person, in a pause or not: it is sent at least once to where the visitor was last reached,
    /// or else is an announcement, delivered by the hook for those. The history tells that something was said, and not what.
    ///
    /// Fails with [`EngineError::NobodyTells`] if there is neither such a place nor such a hook, and with
    /// [`EngineError::NoSession`] if there is no session.
    pub async fn say(&self, id: SessionId, reply: impl Into<Reply>) -> Result<Outcome<F>, EngineError> {
        self.order(id, Deed::Say, Ok(Ordered::Say(reply.into()))).await
    }

    /// Has the dead letters of a session delivered again, before anything else that is pending and not under way, and tells
    /// how many there were.
    ///
    /// A session that the archive refused is offered to it once more. Messages that were set aside are accepted again, behind what
    /// waits.
    ///
    /// Fails with [`EngineError::InboxFull`] if the inbox has no room for all of these: as many are accepted as there is room for, and
    /// all deliveries are made again. The other messages stay aside until it is called once more.
    pub async fn retry(&self, id: SessionId) -> Result<usize, EngineError> {
        let is_archived = self.engine.rooms.archivist.is_some();
        let retried = async {
            self.by.check()?;
            let accepted = self.engine.accept_again(id).await;
            // An inbox that is full holds up no delivery.
            let delivered = self.amend(id, Cause::Retried, is_archived, Session::retry_set_aside).await;
            Ok(accepted? + delivered?)
        };
        let retried = retried.await;
        self.told(id, Deed::Retry, retried, |count| *count > 0)
    }

    /// Forgets the dead letters of a session, and tells how many there were.
    pub async fn dismiss(&self, id: SessionId) -> Result<usize, EngineError> {
        let dismissed = self.amend(id, Cause::Dismissed, false, Session::dismiss_set_aside).await;
        self.told(id, Deed::Dismiss, dismissed, |count| *count > 0)
    }

    /// Erases everything that is held of a session: its record with its to-do list and its place among what is due, what is
    /// in quarantine, and what is archived. Tells whether there was anything.
    ///
    /// No history is left of it: the log and the observers alone are told by whom, and why. A tombstone in the archive keeps
    /// what is on its way from bringing it back; without an archive there is none. If this fails, some of it may be left: it may
    /// be called again.
    pub async fn erase(&self, id: SessionId) -> Result<bool, EngineError> {
        let erased = match self.by.check() {
            Ok(()) => self.engine.erase_all_of(id).await,
            Err(invalid) => Err(invalid.into()),
        };
        self.told(id, Deed::Erase, erased, |was_there| *was_there)
    }

    /// Takes the turn of what is ordered.
    async fn order(
        &self,
        id: SessionId,
        deed: Deed,
        what: Result<Ordered<F>, EngineError>,
    ) -> Result<Outcome<F>, EngineError> {
        let taken = async {
            self.by.check()?;
            let order = Order { by: self.by.clone(), what: what? };
            self.engine.rooms.turns.take(id, TurnRequest::Operator(&order)).await
        };
        let span = info_span!("operator", flow = F::GRAPH.name, session = %id, deed = deed.as_str());
        let taken = taken.instrument(span).await;
        self.told(id, deed, taken, |outcome| !outcome.is_failed())
    }

    /// Changes the to-do list of a session, with a step that tells so, and tells how much of it was changed. That is no turn: one
    /// that is decided meanwhile stands.
    async fn amend(
        &self,
        id: SessionId,
        cause: Cause,
        is_archived: bool,
        mut change: impl FnMut(&mut Session<F>) -> usize,
    ) -> Result<usize, EngineError> {
        self.by.check()?;
        let (mut count, mut step) = (0, None::<Transition>);
        let amended = self.engine.rooms.keeper.amend(id, |session, now| {
            count = change(session);
            let is_changed = count > 0 || is_archived;
            step = is_changed.then(|| session.stand(cause, now, Some(self.by.clone())));
            is_changed
        });
        if amended.await?.has_changed()
            && let Some(step) = step
        {
            self.engine.rooms.turns.hooks.observe(id, &[step]);
        }
        Ok(count)
    }

    /// Has the log and the observers told.
    fn told<T>(
        &self,
        session: SessionId,
        deed: Deed,
        done: Result<T, EngineError>,
        has_changed: impl FnOnce(&T) -> bool,
    ) -> Result<T, EngineError> {
        let (has_changed, by) = (done.as_ref().is_ok_and(has_changed), &self.by);
        if has_changed {
            tracing::info!(%session, deed = deed.as_str(), by = by.name(), why = by.reason(), "an operator has acted");
        }
        let error = done.as_ref().err();
        let operated = Operated { flow: F::GRAPH.name, session, deed, by, has_changed, error };
        self.engine.rooms.observers.operated(&operated);
        done
    }
}
