//! Taking turns: one input handled to the end, and stored whole or not at all.
//!
//! A message's way, from the top: [`Turns::take`] times it, `admit` lets it in, checks its size and waits for its turn,
//! `take_admitted` gives all that follows one deadline, `take_stored` reads the session. `rounds` recognises a repeat, has
//! `decide` plan the turn, and commits the plan, again and again until the commit holds. What the store says to that is the outcome.

mod answer;
mod asking;
mod contention;
mod decide;
mod draft;
mod ending;
mod entering;
mod errands;
mod in_memory;
mod indexed;
mod letters;
mod mail;
mod measure;
mod order;
mod pausing;
mod plan;
mod present;
mod pressing;
mod recalling;
mod recognising;
mod report;
mod request;
mod rounds;
mod saying;

mod typing;
mod words;

use std::sync::Arc;

use tokio::{sync::Semaphore, time::Instant};

use super::{
    attendance::Attendance,
    channels::Channels,
    error::EngineError,
    following::Archivist,
    gate::Gate,
    handler::Handler,
    hooks::Hooks,
    keeper::{Backing, Keeper, Known},
    ledger::Ledger,
    observers::Observers,
    outcome::Outcome,
    settings::Settings,
    tray::Tray,
    watchdog::Watchdog,
};
use crate::{Flow, Message, SessionId, StoreError, Unreadable, handler::fetch::Fetchers, resilience::deadline};

pub(super) use letters::{Drainer, Left};
pub(super) use mail::Mail;
pub(super) use measure::can_be_stored;
pub(super) use order::{Order, Ordered};
pub(super) use request::{Received, TurnRequest, Undelivered};

use errands::TurnErrands;

/// Takes the turns of a flow, whatever they are for.
pub(super) struct Turns<F: Flow> {
    pub(super) keeper: Arc<Keeper<F>>,
    /// Where sessions are looked for that the store does not have.
    pub(super) archivist: Option<Arc<Archivist<F>>>,
    pub(super) handler: Arc<dyn Handler<F>>,
    /// What gets the bytes of files.
    pub(super) fetchers: Fetchers,
    pub(super) hooks: Arc<Hooks<F>>,
    pub(super) channels: Arc<Channels<F>>,
    pub(super) tray: Arc<Tray<F>>,
    pub(super) ledger: Arc<Ledger<F>>,
    pub(super) gate: Arc<Gate>,
    pub(super) attendance: Arc<Attendance<F>>,
    pub(super) settings: Arc<Settings>,
    pub(super) observers: Arc<Observers>,
    pub(super) watchdog: Watchdog,
    /// The place of the one letter at a time over which two processes have ended.
    pub(super) suspects: Semaphore,
}

/// A turn that was taken.
pub(super) struct Taken<F: Flow> {
    pub(super) outcome: Outcome<F>,
    /// The session as the turn left it in the store, or found it there; none if there is none, or it is ahead in memory: what
    /// a worker archives or delivers must not be what may yet be lost.
    pub(super) known: Option<Known<F>>,
}

/// What a turn has met on its way.
#[derive(Debug, Default)]
struct Course {
    /// How often it asked to write.
    rounds: u32,
    /// What was wrong with the stored session, if it went into quarantine.
    damage: Option<Unreadable>,
    /// How many letters the last commit has left in the inbox; none if that is not known.
    waiting: Option<usize>,
    /// Whether its letter was posted, and is not in the inbox.
    is_missed: bool,
}

impl<F: Flow> Turns<F> {
    /// Takes the turn of an operator, or of what became of a reply.
    pub(super) async fn take(&self, id: SessionId, request: TurnRequest<'_, F>) -> Result<Outcome<F>, EngineError> {
        self.take_on(id, None, &request, &mut Course::default()).await.map(|taken| taken.outcome)
    }

    /// Takes the turn of a message, and tells how many letters it has left in the inbox, if it knows.
    pub(super) async fn take_message(
        &self,
        id: SessionId,
        message: &Message,
    ) -> Result<(Outcome<F>, Option<usize>), EngineError> {
        let mut course = Course::default();
        let taken = self.take_on(id, None, &TurnRequest::Message(message), &mut course).await?;
        Ok((taken.outcome, course.waiting))
    }

    /// Takes a turn that is due, of a session that was just read for it.
    pub(super) async fn take_due(&self, known: Known<F>, request: TurnRequest<'_, F>) -> Result<Taken<F>, EngineError> {
        self.take_on(known.session.id(), Some(known), &request, &mut Course::default()).await
    }

    /// Takes a turn, and notes what it meets on its `course`.
    async fn take_on(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        let began = Instant::now();
        // On the heap, so that a user's future that awaits a turn stays small.
        let taken = match Box::pin(self.admit(id, known, request, course)).await {
            Err(EngineError::Store(error)) => self.answer_for_store(id, request, error),
            taken => taken,
        };
        let damage = course.damage.take();
        let taken = taken.map(|taken| Taken { outcome: taken.outcome.after(damage), ..taken });
        if !request.mail().is_some_and(|mail| mail.gave_way() || mail.was_erased()) {
            self.tell(id, request, &taken, course.rounds, began);
        }
        self.keeper.hand_back_later();
        taken
    }

    /// Takes a turn when it is its turn: behind the others of its session, and when there is a place.
    async fn admit(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        let is_due = request.is_due();
        let pass = if is_due { self.gate.enter_when_due()? } else { self.gate.enter()? };
        if let Some(message) = request.message() {
            self.settings.limits.measure(message)?;
            let sent = message.address().filter(|address| !self.settings.shelf.is_for(address.channel()));
            if let Some(address) = sent {
                self.channels.named(address.channel())?;
            }
        }
        // The line comes first, so that no session has more than one turn among those that wait for a place. What is due stands in
        // neither: behind a visitor's line it would hold up its worker, and with that the timers of others.
        let _place_in_line = if is_due {
            None
        } else {
            let line = self.keeper.stand_in_line(id).await?;
            Some((pass.place().await, line))
        };
        let ends = deadline::end_of(self.settings.deadlines.whole_turn());
        deadline::by(ends, self.take_admitted(id, known, request, course)).await
    }

    /// Takes a turn that has a place; in memory where the store is away and that is wished.
    async fn take_admitted(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        request: &TurnRequest<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        // Turns of one session wait for each other, so that within a process no conflict is ever seen.
        let _lock = self.keeper.lock(id).await;
        let turn = request.turn_id();
        let errands = TurnErrands::of(self, id, &turn, &turn, request.mail());
        let taken = self.take_stored(id, known, request, &errands, course).await;
        let taken = match taken {
            Err(EngineError::Store(error)) if error.is_outage() && self.may_go_on_in_memory(request) => {
                match Box::pin(self.take_in_memory(id, request, &errands, course)).await {
                    // There is no room for it: then it is the store's error that matters.
                    Err(EngineError::Store(_)) => Err(error.into()),
                    // Nothing came of it here, and what was sent to the store may be in place all the same.
                    Err(_) if matches!(error, StoreError::Unknown(_)) => Err(error.into()),
                    taken => taken.map(|taken| self.told_in_memory(id, taken, error)),
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
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        if self.keeper.is_ahead_of_store(id) {
            Box::pin(self.keeper.hand_back(id)).await?;
        }
        let stored = match known {
            Some(known) => known.into(),
            None => self.recall(id, request, course).await?,
        };
        if let Some(mail) = request.mail() {
            mail.begins();
            return Box::pin(self.take_accepted(id, stored, mail, request, errands, course)).await;
        }
        // On the heap, as the rounds of a message are.
        Box::pin(self.take_rounds(Backing::Store, id, stored, request, errands, course)).await
    }
}
