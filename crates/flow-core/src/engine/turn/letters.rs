//! The turns of letters: what waits in a session's inbox is handled, and taken off in the same commit.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{
    Course, Taken, TurnRequest, Turns,
    errands::TurnErrands,
    mail::{Mail, Name, Sorted},
};
use crate::{
    Flow, Reply, Session, SessionId,
    declare::graph::Waiting,
    engine::{
        error::{Busy, EngineError},
        keeper::{Absent, Backing, Known, Reading, TakenOff},
        observer::Event,
        outcome::{Outcome, OutcomeKind},
        policies::Resume,
    },
    resilience::deadline,
    session::{Memory, TurnId, What},
};

/// Who goes through an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Drainer {
    /// The process that posted its first letter.
    Poster,
    /// A worker, to which the session has come because its poster did not go on.
    Successor,
    /// That worker, once it has handled the first letter.
    Worker,
}

/// What is left of an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Left {
    Nothing,
    /// More letters, or it is not known.
    More,
}

/// Letters that a write takes off.
#[derive(Clone, Copy)]
struct Letters<'l> {
    names: &'l [Name],
    /// Whether they were seen in the inbox, so that they are gone if they are not there.
    have_lain_there: bool,
}

impl<'l> Letters<'l> {
    fn read(names: &'l [Name]) -> Self {
        Self { names, have_lain_there: !names.is_empty() }
    }

    /// Those of a message, which may be posted, or not.
    fn of(mail: &'l Mail) -> Self {
        Self { names: &mail.names, have_lain_there: mail.was_posted() }
    }
}

/// How many letters are read for one turn, which is also how many it handles at most.
///
/// Where each has a turn of its own, that is the next one and one before it that was handled already: what is read beyond that is
/// read again for each turn.
const fn letters_of_a_turn(waiting: Waiting) -> usize {
    match waiting {
        Waiting::OneByOne => 2,
        Waiting::Together | Waiting::Latest => 32,
    }
}

impl<F: Flow> Turns<F> {
    /// Takes the turn of a message that was accepted just now, and tells how many letters it has left, if it knows.
    ///
    /// It gives way to letters that wait, and takes no turn in memory. One whose handler fails is taken, with the apology.
    pub(in crate::engine) async fn take_mail(
        &self,
        id: SessionId,
        mail: &Mail,
    ) -> Result<(Outcome<F>, Option<usize>), EngineError> {
        let (request, mut course) = (TurnRequest::Mail(mail), Course::default());
        let taken = self.take_on(id, None, &request, &mut course).await?;
        Ok((taken.outcome, course.waiting))
    }

    /// Handles the first of the letters that wait for a session, or what the flow has handled together with it.
    ///
    /// Fails if that must wait: the letter stays.
    pub(in crate::engine) async fn take_letters(&self, id: SessionId, by: Drainer) -> Result<Left, EngineError> {
        let pass = self.gate.enter_for_letters()?;
        // A worker has a place of its own.
        let _place = if by == Drainer::Poster { pass.place().await } else { None };
        let ends = deadline::end_of(self.settings.deadlines.whole_turn());
        deadline::by(ends, Box::pin(self.take_next_letters(id, by))).await
    }

    /// Lets a message that has met another write give way to letters before it: after a failover, what its store had taken off
    /// may wait again. And drops one whose letter is gone from the inbox of a session that was erased: it went with it.
    ///
    /// Fails if there are any, and if it is dropped.
    pub(super) async fn keep_in_line(&self, id: SessionId, mail: &Mail) -> Result<(), EngineError> {
        // Asked first: what is posted while the store is read may not be told yet.
        let was_posted = mail.was_posted();
        let letters = self.keeper.letters(id, 1).await?;
        if mail.waits_behind(&letters) {
            mail.gives_way();
            return Err(Busy::Queue { limit: 0 }.into());
        }
        // A store that has lost its last writes may have lost the letter too. Where nothing was erased, the message is still handled.
        if was_posted
            && letters.is_empty()
            && let Some(archivist) = &self.archivist
            && archivist.was_erased(id).await?
        {
            mail.is_erased();
            tracing::info!(session = %id, "a message that was accepted is not handled, because its session was erased");
            return Err(EngineError::NoSession);
        }
        Ok(())
    }

    /// Leaves what waits for a session to the next worker that looks.
    pub(in crate::engine) async fn leave_letters(&self, id: SessionId) -> Result<(), EngineError> {
        let _lock = self.keeper.lock(id).await;
        let stored = self.keeper.read_with(id, 1).await?;
        if let Some(known) = stored.known.filter(|_| !stored.letters.is_empty()) {
            self.keeper.take_off(id, Some(known), Absent::default(), &[], Duration::ZERO, |_, _| true).await?;
        }
        Ok(())
    }

    /// How long a session with letters is left to the process that goes through them.
    pub(in crate::engine) fn lease(&self) -> Duration {
        // A process that ends leaves them at once.
        if self.gate.is_closed() { Duration::ZERO } else { self.settings.deadlines.letter() }
    }

    async fn take_next_letters(&self, id: SessionId, by: Drainer) -> Result<Left, EngineError> {
        let _lock = self.keeper.lock(id).await;
        self.keeper.hand_back(id).await?;
        let mut stored = self.keeper.read_with(id, letters_of_a_turn(F::GRAPH.waiting)).await?;
        let letters = std::mem::take(&mut stored.letters);
        if letters.is_empty() {
            return Ok(Left::Nothing);
        }
        let session = stored.known.as_ref().map(|known| &known.session);
        let (now, limits) = (self.keeper.time.now(stored.heard), &self.settings.limits);
        let is_handled =
            |turn: &TurnId| session.is_some_and(|session| is_remembered(session, turn, now, limits.memory()));
        let Sorted { done, next } = Sorted::of::<F>(&letters, is_handled, limits.input)?;
        let Some(mail) = next else {
            return self.take_off(id, stored.into_any(), Letters::read(&done), |_, _| true).await;
        };
        let first = *mail.names.get(done.len()).unwrap_or(&mail.names[0]);
        let mut _alone = None;
        if by == Drainer::Successor {
            let mut tries = session.map_or(0, |session| session.tries_of(first));
            if tries > 0 {
                // Two processes have ended over it. Were others like it handled beside it, they would be counted with it.
                _alone = self.suspects.acquire().await.ok();
            }
            let count = |session: &mut Session<F>, _| {
                tries = session.count_try(first);
                true
            };
            let Some(TakenOff { known, .. }) =
                self.write_over(id, stored.into_any(), Letters::read(&[]), count).await?
            else {
                return Ok(Left::More);
            };
            // The process that posted it has ended before.
            if tries >= self.settings.inbox.tries {
                return self.set_aside(id, Some(known), &mail, "the processes that handled it did not come back").await;
            }
            stored = known.into();
        }
        let left = self.take_letter(id, stored, &mail).await;
        if by == Drainer::Successor && left.is_err() {
            // It has to wait, and this process is still here: that is no try. What cannot be written now is counted.
            let _ = self.forget_try(id).await;
        }
        left
    }

    async fn forget_try(&self, id: SessionId) -> Result<(), EngineError> {
        let Some(known) = self.keeper.read(id).await?.into_any() else { return Ok(()) };
        self.write_over(id, Some(known), Letters::read(&[]), forget_tries).await?;
        Ok(())
    }

    async fn take_letter(&self, id: SessionId, stored: Reading<F>, mail: &Mail) -> Result<Left, EngineError> {
        let (request, mut course, began) = (TurnRequest::Mail(mail), Course::default(), Instant::now());
        let errands = TurnErrands::of(self, id, &mail.turn);
        let taken = Box::pin(self.take_accepted(id, stored, mail, &request, &errands, &mut course)).await;
        self.tell(id, &request, &taken, course.rounds, began);
        match taken {
            Ok(_) => Ok(if course.waiting == Some(0) { Left::Nothing } else { Left::More }),
            Err(error) if error.may_pass() => Err(error),
            Err(_) if mail.was_erased() => Ok(Left::More),
            Err(EngineError::NoSession) => {
                tracing::warn!(session = %id, "an event that was accepted came too late: its session is gone, and opens for no event");
                let known = self.keeper.read(id).await?.into_any();
                self.take_off(id, known, Letters::of(mail), forget_tries).await
            }
            Err(error) => {
                let known = self.keeper.read(id).await?.into_any();
                self.set_aside(id, known, mail, &error.to_string()).await
            }
        }
    }

    /// Takes the turn of a message that was accepted, and takes off what that has not. The session's lock is held.
    pub(super) async fn take_accepted(
        &self,
        id: SessionId,
        mut stored: Reading<F>,
        mail: &Mail,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        loop {
            let taken = self.take_rounds(Backing::Store, id, stored, request, errands, course).await?;
            if let Some(concluded) = self.conclude(id, mail, taken, course).await? {
                return Ok(concluded);
            }
            stored = self.keeper.read(id).await?;
        }
    }

    /// What becomes of a message that was accepted, once its turn has ended: what its turn has not taken off is taken off, and
    /// remembered with the apology if the handler failed.
    ///
    /// Gives none if its turn is to be taken again: its handler failed, and meanwhile a person took over, to whom it is left, another
    /// process has handled it, or the session was removed.
    async fn conclude(
        &self,
        id: SessionId,
        mail: &Mail,
        taken: Taken<F>,
        course: &mut Course,
    ) -> Result<Option<Taken<F>>, EngineError> {
        let Taken { outcome, known } = taken;
        let taken_off = match &outcome.kind {
            OutcomeKind::Failed(_) => {
                let replies = outcome.replies.clone();
                let remember = |session: &mut Session<F>, now| {
                    let is_for_a_person = mail.message.input().is_from_visitor() && session.is_paused(now);
                    let is_handled = is_remembered(session, &mail.turn, now, self.settings.limits.memory());
                    let is_new = !is_for_a_person && !is_handled;
                    if is_new {
                        self.remember(session, mail, &replies, now);
                    }
                    is_new
                };
                match self.write_over(id, known, Letters::of(mail), remember).await? {
                    Some(taken_off) => taken_off,
                    None => return Ok(None),
                }
            }
            // Its own turn has taken it off, or it waits nowhere.
            OutcomeKind::Taken | OutcomeKind::Over | OutcomeKind::Paused => return Ok(Some(Taken { outcome, known })),
            _ if !mail.may_be_posted() => return Ok(Some(Taken { outcome, known })),
            _ => match self.write_over(id, known, Letters::of(mail), forget_tries).await? {
                Some(taken_off) => taken_off,
                None => return Ok(Some(Taken { outcome, known: None })),
            },
        };
        course.waiting = Some(taken_off.waiting);
        Ok(Some(Taken { outcome, known: Some(taken_off.known) }))
    }

    fn remember(&self, session: &mut Session<F>, mail: &Mail, apology: &[Reply], now: DateTime<Utc>) {
        session.forget_tries();
        if let Some(address) = mail.message.address() {
            for (index, reply) in (0..).zip(apology) {
                session.promise(index, now, What::Reply { address: address.clone(), reply: reply.clone() });
            }
        }
        self.remember_also(session, mail, now);
        let limits = &self.settings.limits;
        session.remember(mail.turn.clone(), apology, limits.remembered_messages.max(1), now, limits.memory());
        // It comes no more, and has no use for what it has asked.
        session.forget_errands(now);
    }

    fn remember_also(&self, session: &mut Session<F>, mail: &Mail, now: DateTime<Utc>) {
        let limits = &self.settings.limits;
        // A turn that was decided before then is decided again: put on this write, it would forget what that remembers.
        session.is_decided();
        for turn in &mail.also {
            session.remember(turn.clone(), &[], limits.remembered_messages.max(1), now, limits.memory());
        }
    }

    async fn take_off(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        letters: Letters<'_>,
        change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Left, EngineError> {
        let taken_off = self.write_over(id, known, letters, change).await?;
        let is_empty = taken_off.is_some_and(|taken_off| taken_off.waiting == 0);
        Ok(if is_empty { Left::Nothing } else { Left::More })
    }

    /// Takes letters off in a write that is no turn. What the archive alone has of the session is taken up by it: behind a record
    /// in which nothing has begun, no turn would look for it.
    async fn write_over(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        letters: Letters<'_>,
        change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Option<TakenOff<F>>, EngineError> {
        let (mut known, mut absent) = (known, Absent::default());
        if let (None, Some(archivist)) = (&known, &self.archivist) {
            known = self.keeper.read(id).await?.into_any();
            if known.is_none() {
                let sought = Box::pin(archivist.find(id)).await?;
                // They went with their session, and nothing is to be told of them.
                if sought.was_erased && letters.have_lain_there && self.keeper.letters(id, 1).await?.is_empty() {
                    return Ok(None);
                }
                absent.epoch = sought.found.epoch();
                let session = sought.session.filter(|_| self.settings.resume != Resume::Never);
                absent.archived = session.map(|session| self.taken_up(session));
            }
        }
        self.keeper.take_off(id, known, absent, letters.names, self.lease(), change).await
    }

    /// An archived session that goes on, which its history tells. What becomes of one that has expired is for its next turn.
    fn taken_up(&self, mut session: Session<F>) -> Session<F> {
        let now = self.keeper.time.now(self.keeper.time.last_heard()).max(session.updated_at());
        if session.is_under_way() && !self.keeper.is_expired(&session, now) {
            session.resume(now, false);
        }
        session
    }

    /// Keeps a letter that cannot be handled for an operator, so that the others have their turn.
    async fn set_aside(
        &self,
        id: SessionId,
        known: Option<Known<F>>,
        mail: &Mail,
        why: &str,
    ) -> Result<Left, EngineError> {
        let now = self.keeper.time.now(self.keeper.time.last_heard());
        let letter = mail.kept(now).map_err(|_| EngineError::UnwritableMessage)?;
        let set_aside = |session: &mut Session<F>, now: DateTime<Utc>| {
            // Another process has handled it meanwhile.
            if is_remembered(session, &mail.turn, now, self.settings.limits.memory()) {
                return false;
            }
            session.forget_tries();
            session.set_letter_aside(0, now, letter.clone(), why.to_owned());
            // What is set aside has their words, or does without: delivered again they are no new messages.
            self.remember_also(session, mail, now);
            true
        };
        let Some(TakenOff { waiting, .. }) = self.write_over(id, known, Letters::of(mail), set_aside).await? else {
            return Ok(Left::More);
        };
        self.observers.happened(Event::SetAside);
        tracing::error!(session = %id, error = why, "a message that was accepted could not be handled, and was set aside");
        Ok(if waiting == 0 { Left::Nothing } else { Left::More })
    }
}

/// Whether the record has this turn, with its replies or without.
fn is_remembered<F: Flow>(session: &Session<F>, turn: &TurnId, now: DateTime<Utc>, memory: Memory) -> bool {
    session.seen(turn).is_some() || session.knows(turn, now, memory)
}

/// Says that the letter at the head is no longer tried.
fn forget_tries<F: Flow>(session: &mut Session<F>, _: DateTime<Utc>) -> bool {
    session.forget_tries();
    true
}

impl EngineError {
    /// Whether a letter that met this is to be tried again later.
    fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Busy(_)
                | Self::ShuttingDown
                | Self::Unreadable(_)
                | Self::Archive(_)
                | Self::Store(_)
                // Deliveries make room.
                | Self::Backlog { .. }
        )
    }
}
