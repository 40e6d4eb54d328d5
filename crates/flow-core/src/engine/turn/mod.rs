//! Taking turns: one input handled to the end, and stored whole or not at all.
//!
//! A message's way, from the top: [`Turns::take`] lets it in and times it, `admit` checks its size and waits for the
//! session's lock, `take_stored` reads the session, `take_rounds` recognises a repeat, has `decide` plan the turn, and
//! commits the plan, in rounds until the commit holds. What the store says to that is the outcome.

mod answer;
mod contention;
mod decide;
mod draft;
mod ending;
mod measure;
mod plan;
mod report;
mod request;

use std::sync::Arc;

use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::{
    error::{Busy, EngineError},
    following::{Archivist, Found},
    gate::Gate,
    handler::Handler,
    hooks::Hooks,
    keeper::{Backing, Committed, Keeper, Known, Reading},
    observer::Event,
    observers::Observers,
    outcome::{Outcome, OutcomeKind},
    settings::Settings,
    tray::Tray,
};
use crate::{Flow, Session, SessionId, session::TurnId};

pub(super) use request::TurnRequest;

use contention::Contention;
use draft::Takers;
use plan::Planned;
use request::{Before, Stop};

/// Takes the turns of a flow, whatever they are for.
pub(super) struct Turns<F: Flow> {
    pub(super) keeper: Arc<Keeper<F>>,
    /// Where sessions are looked for that the store does not have.
    pub(super) archivist: Option<Arc<Archivist<F>>>,
    pub(super) handler: Arc<dyn Handler<F>>,
    pub(super) hooks: Arc<Hooks<F>>,
    pub(super) tray: Arc<Tray<F>>,
    pub(super) gate: Arc<Gate>,
    pub(super) settings: Arc<Settings>,
    pub(super) observers: Arc<Observers>,
}

/// A turn that was taken.
pub(super) struct Taken<F: Flow> {
    pub(super) outcome: Outcome<F>,
    /// The session as the turn left it in the store, or found it there; none if there is none, or it is ahead in memory: what
    /// a worker archives or delivers must not be what may yet be lost.
    pub(super) known: Option<Known<F>>,
}

impl<F: Flow> Turns<F> {
    /// Takes the turn of a message, or of an operator.
    pub(super) async fn take(&self, id: SessionId, request: TurnRequest<'_, F>) -> Result<Outcome<F>, EngineError> {
        self.take_timed(id, None, &request).await.map(|taken| taken.outcome)
    }

    /// Takes a turn that is due, of a session that was just read for it.
    pub(super) async fn take_due(&self, known: Known<F>, request: TurnRequest<'_, F>) -> Result<Taken<F>, EngineError> {
        self.take_timed(known.session.id(), Some(known), &request).await
    }

    async fn take_timed(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
    ) -> Result<Taken<F>, EngineError> {
        let (began, mut rounds) = (Instant::now(), 0);
        // On the heap, so that a user's future that awaits a turn stays small.
        let taken = match Box::pin(self.admit(id, known, request, &mut rounds)).await {
            Err(EngineError::Store(error)) => self.answer_for_store(id, request, error),
            taken => taken,
        };
        self.tell(id, request, &taken, rounds, began);
        self.keeper.hand_back_later();
        taken
    }

    /// Takes a turn when there is room for it, and in memory where the store is away and that is wished.
    async fn admit(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
        rounds: &mut u32,
    ) -> Result<Taken<F>, EngineError> {
        let _pass = self.gate.enter(self.settings.limits.turns_at_once)?;
        if let TurnRequest::Message(message) = request {
            self.settings.limits.measure(message)?;
        }
        // Turns of one session wait for each other here, so that within a process no conflict is ever seen.
        let _lock = self.keeper.lock(id).await;
        let turn = request.turn_id();
        let taken = self.take_stored(id, known, request, &turn, rounds).await;
        let taken = match taken {
            Err(EngineError::Store(error)) if error.is_outage() && self.keeper.goes_on_in_memory() => {
                match self.take_in_memory(id, request, &turn, rounds).await {
                    // There is no room for it: then it is the store's error that matters.
                    Err(EngineError::Store(_)) => Err(error.into()),
                    taken => taken.map(|taken| Taken { outcome: taken.outcome.in_memory(error), known: None }),
                }
            }
            taken => taken,
        };
        let lost_turns = |outcome| Outcome { lost_turns: self.keeper.tell_lost(id), ..outcome };
        taken.map(|taken| Taken { outcome: lost_turns(taken.outcome), ..taken })
    }

    async fn take_stored(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
        turn: &TurnId,
        rounds: &mut u32,
    ) -> Result<Taken<F>, EngineError> {
        self.keeper.hand_back(id).await?;
        let stored = match known {
            Some(known) => known.into(),
            None => self.keeper.read(id).await?,
        };
        self.take_rounds(Backing::Store, id, stored, request, turn, rounds).await
    }

    async fn take_in_memory(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        turn: &TurnId,
        rounds: &mut u32,
    ) -> Result<Taken<F>, EngineError> {
        let stored = self.keeper.read_from(id, Backing::Memory).await?;
        self.take_rounds(Backing::Memory, id, stored, request, turn, rounds).await
    }

    /// Plans the turn and commits it, again and again, until the commit holds or another writer has taken the turn. Where only
    /// the to-do list has changed meanwhile, the plan is put on the new one, and the handler is not asked again.
    async fn take_rounds(
        &self,
        backing: Backing,
        id: SessionId,
        mut stored: Reading<F>,
        request: &TurnRequest<'_, F>,
        turn: &TurnId,
        rounds: &mut u32,
    ) -> Result<Taken<F>, EngineError> {
        let takers = self.takers(backing);
        let mut lost: Option<Planned<F>> = None;
        let mut contention = Contention::default();
        let last_round = *rounds + self.settings.limits.rounds;
        loop {
            let told = stored.told();
            let before = self.before(backing, id, stored, request).await?;
            if let Some(outcome) = recognise(before.session.as_ref(), turn, lost.as_mut()) {
                let heard = told.heard;
                let known = before.session.zip(told.record).map(|(session, record)| Known { session, record, heard });
                return Ok(Taken { outcome, known });
            }
            if let Some(session) = &before.session
                && self.let_others_pass(&mut contention, session, before.at).await
            {
                stored = self.keeper.read_from(id, backing).await?;
                continue;
            }
            // Asked after the last conflict too: what it handed back may hold this very turn.
            if *rounds == last_round {
                return Err(Busy::Contended { rounds: self.settings.limits.rounds }.into());
            }
            *rounds += 1;
            let began = Instant::now();
            let decided = match (lost.take(), before) {
                // What came first was no turn.
                (Some(lost), Before { session: Some(stored), .. }) if lost.stands_on(&stored, request) => {
                    Ok(lost.put_on(stored))
                }
                (_, before) => {
                    let decided = self.decide(id, before, request, turn, takers);
                    decided.instrument(debug_span!("decide")).await
                }
            };
            let mut planned = match decided {
                Ok(planned) => planned,
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Unheard) => return self.pass_over(backing, id, told, request).await,
                Err(Stop::Failed(failure)) => return self.apologise(backing, id, told, request, failure).await,
            };
            let written = planned.write(&self.settings, &self.keeper, &self.tray)?;
            match self.keeper.commit(written.commit.clone(), backing).await? {
                Committed::Done => return Ok(self.settle(planned, written, told.heard, request)),
                Committed::Conflict(current) => {
                    self.observers.happened(Event::Conflict);
                    let current = self.reserve(&mut contention, id, current, began.elapsed()).await;
                    stored = current.open(id)?;
                    lost = Some(planned);
                }
            }
        }
    }

    /// What is wanted of what a turn leaves, if its session is backed by that.
    fn takers(&self, backing: Backing) -> Takers {
        Takers {
            checkpoints: self.hooks.takes_checkpoints(),
            expiries: self.hooks.takes_expiries(),
            announcements: self.hooks.takes_announcements(),
            archive: self.archivist.is_some(),
            // What is in memory may yet be lost, and is delivered when it is handed back.
            worker: backing == Backing::Store && self.tray.has_room(),
        }
    }

    /// The session before the turn: as it is stored, or else as it was archived.
    async fn before(
        &self,
        backing: Backing,
        id: SessionId,
        stored: Reading<F>,
        request: &TurnRequest<'_, F>,
    ) -> Result<Before<F>, EngineError> {
        let began = Instant::now();
        if let Some(known) = stored.known {
            let at = self.keeper.now(&known);
            return Ok(Before { session: Some(known.session), found: Found::Stored, at, began });
        }
        // Taken before the archive is asked: what is found there had not been erased by then.
        let at = self.keeper.time.now(stored.heard);
        match &self.archivist {
            Some(archivist) if request.opens() && backing == Backing::Store => {
                // On the heap, because it is rare and large.
                let (session, found) = Box::pin(archivist.find(id)).await?;
                let at = session.as_ref().map_or(at, |session| at.max(session.updated_at()));
                Ok(Before { session, found, at, began })
            }
            _ => Ok(Before { session: None, found: Found::Nowhere, at, began }),
        }
    }
}

/// The outcome of a message that has been handled before, or whose own write held though its answer was lost.
fn recognise<F: Flow>(before: Option<&Session<F>>, turn: &TurnId, lost: Option<&mut Planned<F>>) -> Option<Outcome<F>> {
    let session = before?;
    let seen = session.seen(turn)?.clone();
    let mut outcome = Outcome::unchanged(session, seen.replies, seen.version, OutcomeKind::Repeat);
    if let TurnId::Own(_) = turn
        && let Some(planned) = lost
    {
        // Only this turn knows the id: it is there because this turn wrote it.
        std::mem::swap(&mut outcome, &mut planned.outcome);
    }
    Some(outcome)
}
