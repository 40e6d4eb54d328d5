//! The rounds of a turn: it is planned and committed, again and again, until the commit holds.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::{
    Course, Taken, TurnRequest, Turns,
    contention::Contention,
    draft::Takers,
    errands::TurnErrands,
    indexed::Indexed,
    plan::Planned,
    request::{Before, Stop},
};
use crate::{
    Flow, Session, SessionId,
    engine::{
        error::{Busy, EngineError},
        following::{Found, Sought},
        keeper::{Backing, Committed, Known, Reading, Told},
        observer::Event,
        outcome::Outcome,
    },
    resilience::deadline,
};

impl<F: Flow> Turns<F> {
    /// Plans the turn and commits it, again and again, until the commit holds or another writer has taken the turn. Where only
    /// the to-do list has changed meanwhile, the plan is put on the new one, and the handler is not asked again.
    ///
    /// What is rare is on the heap, so that what every turn needs has little to carry.
    pub(super) async fn take_rounds(
        &self,
        backing: Backing,
        id: SessionId,
        mut stored: Reading<F>,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        let takers = self.takers(backing);
        let mut lost: Option<Box<Planned<F>>> = None;
        let mut contention = Contention::default();
        let last_round = course.rounds + self.settings.limits.rounds;
        loop {
            course.damage = stored.damage.take().or(course.damage.take());
            let (mut told, place, is_warm) = (stored.told(), stored.place.take(), stored.is_warm);
            let before = self.before(backing, id, stored, request).await?;
            if let (Some(mail), Some(session)) = (request.mail(), &before.session) {
                self.keep_whole(session, mail, before.at)?;
            }
            if let Some(outcome) =
                self.recognise(before.session.as_ref(), request, errands.turn, lost.as_deref_mut(), before.at)
            {
                if is_warm {
                    // No commit says whether it still is so.
                    stored = self.read_in_line(id, request.mail()).await?;
                    continue;
                }
                return self.say_again(backing, id, before.session, told, outcome).await;
            }
            self.still_has_time()?;
            if let Some(mail) = request.mail().filter(|_| lost.is_some() || before.was_erased || course.is_missed) {
                Box::pin(self.keep_in_line(id, mail)).await?;
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
            let indexed = Indexed::of(&told, before.session.as_ref(), request, backing, before.at);
            errands.begin_round(backing, (told.record.clone(), told.heard), is_warm, place, before.session.as_ref());
            let decided = match (lost.take(), before) {
                // What came first was no turn.
                (Some(lost), Before { session: Some(stored), .. }) if lost.stands_on(&stored, request) => {
                    Ok(lost.put_on(stored, &self.settings))
                }
                (_, before) => {
                    // On the heap, so that it is not copied on its way, nor makes room for itself twice in what awaits it.
                    let deciding = Box::pin(self.decide(id, before, request, errands, takers));
                    self.while_typing(id, request, deciding.instrument(debug_span!("decide"))).await
                }
            };
            let decided = match errands.end_round(decided, &mut told, request, course).await? {
                Ok(decided) => decided,
                Err(current) => {
                    stored = *current;
                    continue;
                }
            };
            let mut planned = match decided {
                Ok(planned) => planned,
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Unheard) => return Box::pin(self.pass_over(backing, id, told, request)).await,
                Err(Stop::Failed(failure)) => {
                    return Box::pin(self.apologise(backing, id, told, request, failure)).await;
                }
            };
            // What is in memory may yet be lost.
            let sent = if backing == Backing::Store { self.ledger.sent(id) } else { Vec::new() };
            let written = planned.write(&self.settings, &self.keeper, &self.tray, &self.channels, &sent);
            if written.is_err()
                && is_warm
                && let Some(other) = Box::pin(self.is_otherwise(id, &told, request)).await?
            {
                stored = other;
                continue;
            }
            let written = written?;
            // What is not sent now is not stored; what is sent may be, whatever is heard of it.
            self.still_has_time()?;
            let mut commit = indexed.noted_on(written.commit.clone());
            if let Some(mail) = request.mail() {
                // Whoever has not looked into the inbox lets pass what waits there before it.
                commit = mail.taken_by(commit, self.lease()).in_line(is_warm);
            }
            match self.keeper.commit(commit, backing).await? {
                Committed::Done { waiting } => {
                    course.waiting = Some(waiting);
                    if backing == Backing::Store {
                        self.ledger.stored(id, &sent);
                        if written.commit.wake_at.is_some() {
                            self.attendance.look_now_and_then();
                        }
                    }
                    return Ok(self.settle(*planned, written, told.heard, request, backing, is_warm));
                }
                Committed::Conflict(current) => {
                    let took = (!is_warm).then(|| began.elapsed());
                    let next = self.after_conflict(&mut contention, id, *current, took, &planned, request);
                    stored = Box::pin(next).await?;
                    lost = Some(planned);
                }
            }
        }
    }

    /// What the next round begins with after a commit that met another write. `took` is how long the lost round did; of one that had begun with what
    /// was left here it says nothing about the others.
    async fn after_conflict(
        &self,
        contention: &mut Contention,
        id: SessionId,
        mut current: Told,
        took: Option<Duration>,
        planned: &Planned<F>,
        request: &TurnRequest<'_, F>,
    ) -> Result<Reading<F>, EngineError> {
        self.observers.happened(Event::Conflict);
        if let Some(took) = took {
            current = self.reserve(contention, id, current, took).await;
        }
        let stored = match request.mail() {
            Some(_) if took.is_none() => self.read_in_line(id, request.mail()).await?,
            _ => self.keeper.open(id, current).await?,
        };
        let stands = || stored.known.as_ref().is_some_and(|known| planned.stands_on(&known.session, request));
        if took.is_none() && !stands() {
            self.was_outdated(id);
        }
        Ok(stored)
    }

    /// What was said before is said again.
    async fn say_again(
        &self,
        backing: Backing,
        id: SessionId,
        session: Option<Session<F>>,
        told: Told,
        outcome: Outcome<F>,
    ) -> Result<Taken<F>, EngineError> {
        if backing == Backing::Store {
            // It may have been told as not confirmed.
            self.keeper.confirm(id).await?;
            if let Some(session) = &session {
                self.keeper.tell_again(session);
            }
        }
        let heard = told.heard;
        let known = session.zip(told.record).map(|(session, record)| Known { session, record, heard });
        Ok(Taken { outcome, known })
    }

    /// Fails once the turn's deadline has passed.
    pub(super) fn still_has_time(&self) -> Result<(), EngineError> {
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
    pub(super) async fn before(
        &self,
        backing: Backing,
        id: SessionId,
        stored: Reading<F>,
        request: &TurnRequest<'_, F>,
    ) -> Result<Before<F>, EngineError> {
        let began = Instant::now();
        if let Some(known) = stored.known {
            let at = self.keeper.now(&known);
            let session = Some(known.session);
            return Ok(Before { session, found: Found::Stored, was_erased: false, at, began });
        }
        // Taken before the archive is asked: what is found there had not been erased by then.
        let at = self.keeper.time.now(stored.heard);
        match &self.archivist {
            Some(archivist) if request.opens() && backing == Backing::Store => {
                // On the heap, because it is rare and large.
                let Sought { session, found, was_erased } = Box::pin(archivist.find(id)).await?;
                let at = session.as_ref().map_or(at, |session| at.max(session.updated_at()));
                Ok(Before { session, found, was_erased, at, began })
            }
            _ => Ok(Before { session: None, found: Found::Unasked, was_erased: false, at, began }),
        }
    }
}
