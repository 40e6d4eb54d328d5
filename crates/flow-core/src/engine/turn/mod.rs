//! Taking turns: one input handled to the end, and stored whole or not at all.
//!
//! A message's way, from the top: [`Turns::take`] times it, `admit` lets it in, checks its size and waits for its turn,
//! `take_admitted` gives all that follows one deadline, `take_stored` reads the session, `take_rounds` recognises a repeat, has
//! `decide` plan the turn, and commits the plan, in rounds until the commit holds. What the store says to that is the outcome.

mod answer;
mod contention;
mod decide;
mod draft;
mod ending;
mod errands;
mod letters;
mod mail;
mod measure;
mod order;
mod pausing;
mod plan;
mod pressing;
mod recognising;
mod report;
mod request;
mod saying;
mod typing;

use std::sync::Arc;

use tokio::{sync::Semaphore, time::Instant};
use tracing::{Instrument, debug_span};

use super::{
    attendance::Attendance,
    channels::Channels,
    durability::Durability,
    error::{Busy, EngineError},
    following::{Archivist, Found},
    gate::Gate,
    handler::Handler,
    hooks::Hooks,
    keeper::{Backing, Committed, Keeper, Known, Reading},
    ledger::Ledger,
    observer::Event,
    observers::Observers,
    outcome::Outcome,
    settings::Settings,
    tray::Tray,
    watchdog::Watchdog,
};
use crate::{Flow, SessionId, StoreError, Unreadable, handler::fetch::Fetcher, resilience::deadline};

pub(super) use letters::{Drainer, Left};
pub(super) use mail::Mail;
pub(super) use measure::can_be_stored;
pub(super) use order::{Order, Ordered};
pub(super) use request::{TurnRequest, Undelivered};

use contention::Contention;
use draft::Takers;
use errands::TurnErrands;
use plan::Planned;
use request::{Before, Stop};

/// Takes the turns of a flow, whatever they are for.
pub(super) struct Turns<F: Flow> {
    pub(super) keeper: Arc<Keeper<F>>,
    /// Where sessions are looked for that the store does not have.
    pub(super) archivist: Option<Arc<Archivist<F>>>,
    pub(super) handler: Arc<dyn Handler<F>>,
    /// What gets the bytes of files.
    pub(super) fetcher: Option<Arc<dyn Fetcher>>,
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
        self.take_on(id, known, request, &mut Course::default()).await
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
        if !request.mail().is_some_and(Mail::gave_way) {
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
            if let Some(address) = message.address() {
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
        // On the heap from here on, so that a turn that waits takes little room.
        deadline::by(ends, Box::pin(self.take_admitted(id, known, request, course))).await
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
        let errands = TurnErrands::of(self, id, &turn);
        let taken = self.take_stored(id, known, request, &errands, course).await;
        let taken = match taken {
            Err(EngineError::Store(error)) if error.is_outage() && self.may_go_on_in_memory(request) => {
                match self.take_in_memory(id, request, &errands, course).await {
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
        self.keeper.hand_back(id).await?;
        if let Some(mail) = request.mail() {
            let stored = self.keeper.read_with(id, 1).await?;
            if mail.waits_behind(&stored.letters) {
                mail.gives_way();
                return Err(Busy::Queue { limit: 0 }.into());
            }
            let taken = self.take_rounds(Backing::Store, id, stored, request, errands, course).await;
            return self.conclude(id, mail, taken, course).await;
        }
        let stored = match known {
            Some(known) => known.into(),
            None => self.keeper.read(id).await?,
        };
        self.take_rounds(Backing::Store, id, stored, request, errands, course).await
    }

    /// Whether a turn that did not find its store is taken in memory: while it has time left. What is accepted never is.
    fn may_go_on_in_memory(&self, request: &TurnRequest<'_, F>) -> bool {
        self.keeper.goes_on_in_memory() && request.mail().is_none() && !deadline::is_over()
    }

    /// What a turn in memory has to tell: that the session is there alone, unless it is as the store had it. Where the handler
    /// failed now, and its write was sent to the store before and not answered, that may be in place.
    fn told_in_memory(&self, id: SessionId, taken: Taken<F>, error: StoreError) -> Taken<F> {
        let Taken { outcome, .. } = taken;
        let outcome = if self.keeper.is_ahead_of_store(id) {
            outcome.in_memory(error)
        } else if outcome.is_failed() && matches!(error, StoreError::Unknown(_)) {
            Outcome { durability: Durability::Unknown, ..outcome }
        } else {
            outcome
        };
        Taken { outcome, known: None }
    }

    async fn take_in_memory(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        // Taken here, so that no later turn writes over what this one may have stored, and may not take again.
        let memory = Backing::Memory { doubt: self.keeper.take_doubt(id) };
        let stored = self.keeper.read_from(id, memory).await?;
        self.take_rounds(memory, id, stored, request, errands, course).await
    }

    /// Plans the turn and commits it, again and again, until the commit holds or another writer has taken the turn. Where only
    /// the to-do list has changed meanwhile, the plan is put on the new one, and the handler is not asked again.
    async fn take_rounds(
        &self,
        backing: Backing,
        id: SessionId,
        mut stored: Reading<F>,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        let takers = self.takers(backing);
        let mut lost: Option<Planned<F>> = None;
        let mut contention = Contention::default();
        let last_round = course.rounds + self.settings.limits.rounds;
        loop {
            course.damage = stored.damage.take().or(course.damage.take());
            let (mut told, place) = (stored.told(), stored.place.take());
            let before = self.before(backing, id, stored, request).await?;
            if let Some(outcome) =
                self.recognise(before.session.as_ref(), request, errands.turn, lost.as_mut(), before.at)
            {
                let heard = told.heard;
                let known = before.session.zip(told.record).map(|(session, record)| Known { session, record, heard });
                return Ok(Taken { outcome, known });
            }
            self.still_has_time()?;
            if let Some(mail) = request.mail().filter(|_| lost.is_some()) {
                self.keep_in_line(id, mail).await?;
            }
            if let Some(session) = &before.session
                && self.let_others_pass(&mut contention, session, before.at).await
            {
                stored = self.keeper.read_from(id, backing).await?;
                continue;
            }
            // Asked after the last conflict too: what it handed back may hold this very turn.
            if course.rounds == last_round {
                return Err(Busy::Contended { rounds: self.settings.limits.rounds }.into());
            }
            course.rounds += 1;
            let began = Instant::now();
            errands.begin_round(backing, (told.record.clone(), told.heard), place, before.session.as_ref());
            let decided = match (lost.take(), before) {
                // What came first was no turn.
                (Some(lost), Before { session: Some(stored), .. }) if lost.stands_on(&stored, request) => {
                    Ok(lost.put_on(stored, &self.settings))
                }
                (_, before) => {
                    // On the heap, so that it is not copied on its way, nor makes room for itself twice in what awaits it.
                    let deciding = Box::pin(self.decide(id, before, request, errands, takers));
                    self.while_typing(request, deciding.instrument(debug_span!("decide"))).await
                }
            };
            let ended = errands.end_round();
            course.damage = ended.damage.or(course.damage.take());
            if let Some(fault) = ended.fault {
                return Err(fault);
            }
            let decided = match ended.ground {
                None => decided,
                Some(ground) => match self.put_on_ground(decided, ground, ended.is_overtaken, &mut told, request) {
                    Ok(decided) => decided,
                    Err(current) => {
                        stored = *current;
                        continue;
                    }
                },
            };
            let mut planned = match decided {
                Ok(planned) => planned,
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Unheard) => return self.pass_over(backing, id, told, request).await,
                Err(Stop::Failed(failure)) => return self.apologise(backing, id, told, request, failure).await,
            };
            // What is in memory may yet be lost.
            let sent = if backing == Backing::Store { self.ledger.sent(id) } else { Vec::new() };
            let written = planned.write(&self.settings, &self.keeper, &self.tray, &self.channels, &sent)?;
            // What is not sent now is not stored; what is sent may be, whatever is heard of it.
            self.still_has_time()?;
            let commit = written.commit.clone();
            let commit = match request.mail() {
                Some(mail) => mail.taken_by(commit, self.lease()),
                None => commit,
            };
            match self.keeper.commit(commit, backing).await? {
                Committed::Done { waiting } => {
                    course.waiting = Some(waiting);
                    if backing == Backing::Store {
                        self.ledger.stored(id, &sent);
                    }
                    if backing == Backing::Store && written.commit.wake_at.is_some() {
                        self.attendance.look_now_and_then();
                    }
                    return Ok(self.settle(planned, written, told.heard, request));
                }
                Committed::Conflict(current) => {
                    self.observers.happened(Event::Conflict);
                    let current = self.reserve(&mut contention, id, *current, began.elapsed()).await;
                    stored = self.keeper.open(id, current).await?;
                    lost = Some(planned);
                }
            }
        }
    }

    /// Fails once the turn's deadline has passed.
    fn still_has_time(&self) -> Result<(), EngineError> {
        let deadline = self.settings.deadlines.whole_turn();
        if deadline::is_over() { Err(Busy::Late { deadline }.into()) } else { Ok(()) }
    }

    /// What is wanted of what a turn leaves, if its session is backed by that.
    fn takers(&self, backing: Backing) -> Takers {
        Takers {
            checkpoints: self.hooks.takes_checkpoints(),
            expiries: self.hooks.takes_expiries(),
            announcements: self.hooks.takes_announcements(),
            archive: self.archivist.is_some(),
            // What is in memory may yet be lost, and is delivered when it is handed back.
            worker: backing == Backing::Store,
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
            _ => Ok(Before { session: None, found: Found::Unasked, at, began }),
        }
    }
}
