//! The turns of letters: what waits in a session's inbox is handled, and taken off in the same commit.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{
    Course, Taken, TurnRequest, Turns,
    errands::TurnErrands,
    mail::{Mail, Name, Sorted, accepted_at},
};
use crate::{
    Flow, Reply, Session, SessionId, Unreadable,
    clock::after,
    declare::graph::Waiting,
    engine::{
        error::{Busy, EngineError},
        keeper::{Absent, Backing, GivenUp, Known, Oversize, Reading, TakenOff, Taking},
        observed::LetterTried,
        observer::Event,
        outcome::{Outcome, OutcomeKind},
        policies::Resume,
    },
    resilience::deadline,
    session::{AsideBound, Memory, TurnId, What},
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
    /// A process that has come upon letters with which nobody seems to go on. It leaves them if somebody does.
    Finder,
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
    /// Fails if that must wait: the letter stays. It notes if the next process would take this one for ended over it.
    pub(in crate::engine) async fn take_letters(
        &self,
        id: SessionId,
        by: Drainer,
        is_missed: &AtomicBool,
    ) -> Result<Left, EngineError> {
        let pass = self.gate.enter_for_letters()?;
        // A worker has a place of its own.
        let _place = if matches!(by, Drainer::Poster | Drainer::Finder) { pass.place().await } else { None };
        let ends = deadline::end_of(self.settings.deadlines.whole_turn());
        deadline::by(ends, Box::pin(self.take_next_letters(id, by, is_missed))).await
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

    /// Lets several messages that one turn answers be told apart anew, where some of them were handled elsewhere meanwhile: it would
    /// answer those again, or be taken for handled with them.
    ///
    /// Fails if that is so.
    pub(super) fn keep_whole(&self, session: &Session<F>, mail: &Mail, now: DateTime<Utc>) -> Result<(), EngineError> {
        let memory = self.settings.limits.memory();
        if mail.is_handled_in_part(|turn| is_remembered(session, turn, now, memory)) {
            mail.gives_way();
            return Err(Busy::Queue { limit: 0 }.into());
        }
        Ok(())
    }

    /// Leaves what waits for a session to the next worker that looks, and gives it back if this process would be missed.
    pub(in crate::engine) async fn leave_letters(&self, id: SessionId, is_missed: bool) -> Result<(), EngineError> {
        let _lock = self.keeper.lock(id).await;
        let stored = self.keeper.read_with(id, 1).await?;
        if let (Some(known), Some(first)) = (stored.known, stored.letters.first()) {
            let give_back = |session: &mut Session<F>, _| {
                if is_missed {
                    session.give_letter_back(first.name);
                }
                true
            };
            let taking = Taking { names: &[], lease: Duration::ZERO, oversize: Oversize::Written };
            self.keeper.take_off(id, Some(known), Absent::default(), taking, give_back).await?;
        }
        Ok(())
    }

    /// Takes down that this process has not handled the first letter that waits, and is still there: over it none has ended.
    pub(in crate::engine) async fn give_back(&self, id: SessionId) -> Result<(), EngineError> {
        let _lock = self.keeper.lock(id).await;
        let mut stored = self.keeper.read_with(id, 1).await?;
        if let Some(first) = std::mem::take(&mut stored.letters).first() {
            let give_back = |session: &mut Session<F>, _| {
                session.give_letter_back(first.name);
                true
            };
            self.write_over(id, stored.into_any(), Letters::read(&[]), Oversize::Written, give_back).await?;
        }
        Ok(())
    }

    /// Whether the letters of this reading, one at least, have been gone on with by no process for as long as one has for that, and
    /// a call to the store more: a worker comes first.
    pub(super) fn are_abandoned(&self, stored: &Reading<F>) -> bool {
        let known = stored.known.as_ref().or(stored.place.as_deref());
        let gone_on_at = known.and_then(|known| known.session.letters_at());
        let accepted_at = stored.letters.first().and_then(accepted_at);
        accepted_at
            .is_some_and(|at| self.is_long_ago(gone_on_at.unwrap_or(at).max(at), self.keeper.time.now(stored.heard)))
    }

    fn is_long_ago(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let deadlines = &self.settings.deadlines;
        after(at, deadlines.letter().saturating_add(deadlines.store)).is_some_and(|end| end <= now)
    }

    /// How long a session with letters is left to the process that goes through them.
    pub(in crate::engine) fn lease(&self) -> Duration {
        // A process that ends leaves them at once.
        if self.gate.is_closed() { Duration::ZERO } else { self.settings.deadlines.letter() }
    }

    async fn take_next_letters(&self, id: SessionId, by: Drainer, is_missed: &AtomicBool) -> Result<Left, EngineError> {
        let _lock = self.keeper.lock(id).await;
        self.keeper.hand_back(id).await?;
        let mut stored = self.keeper.read_with(id, letters_of_a_turn(F::GRAPH.waiting)).await?;
        if by == Drainer::Finder && !self.are_abandoned(&stored) {
            return Ok(Left::Nothing);
        }
        let letters = std::mem::take(&mut stored.letters);
        if letters.is_empty() {
            return Ok(Left::Nothing);
        }
        let session = stored.known.as_ref().map(|known| &known.session);
        let (now, limits) = (self.keeper.time.now(stored.heard), &self.settings.limits);
        let is_handled =
            |turn: &TurnId| session.is_some_and(|session| is_remembered(session, turn, now, limits.memory()));
        let place = stored.place.as_ref().map(|place| &place.session);
        let has_asked =
            |turn: &TurnId| [session, place].into_iter().flatten().any(|held| held.answers_of(turn).next().is_some());
        let Sorted { done, next } = Sorted::of::<F>(&letters, is_handled, has_asked, limits.input)?;
        let Some(mail) = next else {
            if let Some(session) = session {
                self.keeper.tell_again(session);
            }
            return self.take_off(id, stored.into_any(), Letters::read(&done), |_, _| true).await;
        };
        if mail.is_of_another::<F>() {
            // Where no flow has begun, it is for the one that has accepted it.
            let known = stored.into_any().ok_or(Unreadable::OtherFlow)?;
            return self.set_aside(id, Some(known), &mail, "another flow has accepted it for this session").await;
        }
        let first = *mail.names.get(done.len()).unwrap_or(&mail.names[0]);
        let mut _alone = None;
        if matches!(by, Drainer::Successor | Drainer::Finder) {
            let mut ended = session.map_or(1, |session| session.deaths_over(first));
            if ended > 1 {
                // Were others like it handled beside it, they would be counted with it.
                _alone = self.suspects.acquire().await.ok();
            }
            let mut is_anothers = false;
            let count = |session: &mut Session<F>, now| {
                let gone_on_at = session.letters_at().filter(|_| by == Drainer::Finder);
                is_anothers = gone_on_at.is_some_and(|at| !self.is_long_ago(at, now));
                if !is_anothers {
                    ended = session.count_try(first);
                }
                !is_anothers
            };
            let counted = self.write_over(id, stored.into_any(), Letters::read(&[]), Oversize::Written, count).await?;
            let Some(TakenOff { known, .. }) = counted else {
                return Ok(if is_anothers { Left::Nothing } else { Left::More });
            };
            is_missed.store(true, Ordering::SeqCst);
            if ended >= self.settings.inbox.tries {
                return self.set_aside(id, Some(known), &mail, "the processes that handled it did not come back").await;
            }
            stored = known.into();
        }
        let waited = letters.iter().find(|letter| letter.name == first).and_then(accepted_at);
        let waited = waited.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
        self.take_letter(id, stored, &mail, waited).await
    }

    /// Takes the turn of a letter that has `waited` so long.
    async fn take_letter(
        &self,
        id: SessionId,
        stored: Reading<F>,
        mail: &Mail,
        waited: Duration,
    ) -> Result<Left, EngineError> {
        let (request, mut course, began) = (TurnRequest::Mail(mail), Course::default(), Instant::now());
        let errands = TurnErrands::of(self, id, &mail.turn, mail.asks_as(), Some(mail));
        let taken = Box::pin(self.take_accepted(id, stored, mail, &request, &errands, &mut course)).await;
        if taken.is_err() && mail.gave_way() {
            // What waits is another now, and is sorted anew.
            return Ok(Left::More);
        }
        self.tell(id, &request, &taken, course.rounds, began);
        self.observers.letter_tried(&LetterTried {
            flow: F::GRAPH.name,
            waited,
            left: course.waiting,
            is_handled: taken.is_ok(),
        });
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
                match self.write_over(id, known, Letters::of(mail), Oversize::Refused, remember).await? {
                    Some(taken_off) => taken_off,
                    None => return Ok(None),
                }
            }
            // Its own turn has taken it off, or it waits nowhere.
            OutcomeKind::Taken | OutcomeKind::Over | OutcomeKind::Paused => return Ok(Some(Taken { outcome, known })),
            _ if !mail.may_be_posted() => return Ok(Some(Taken { outcome, known })),
            _ => match self.write_over(id, known, Letters::of(mail), Oversize::Written, forget_tries).await? {
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
        let taken_off = self.write_over(id, known, letters, Oversize::Written, change).await?;
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
        oversize: Oversize,
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
        let taking = Taking { names: letters.names, lease: self.lease(), oversize };
        self.keeper.take_off(id, known, absent, taking, change).await
    }

    /// An archived session that goes on, which its history tells. What becomes of one that has expired is for its next turn.
    fn taken_up(&self, mut session: Session<F>) -> Session<F> {
        let now = self.keeper.time.now(self.keeper.last_heard(session.id())).max(session.updated_at());
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
        let now = self.keeper.time.now(self.keeper.last_heard(id));
        let letter = mail.kept(now).map_err(|_| EngineError::UnwritableMessage)?;
        let inbox = &self.settings.inbox;
        let bound = AsideBound { letters: inbox.aside, bytes: inbox.bytes };
        let mut emptied = 0;
        let set_aside = |session: &mut Session<F>, now: DateTime<Utc>| {
            // Another process has handled it meanwhile.
            if is_remembered(session, &mail.turn, now, self.settings.limits.memory()) {
                return false;
            }
            session.forget_tries();
            emptied = session.set_letter_aside(0, now, letter.clone(), why.to_owned(), bound);
            // What is set aside has their words, or does without: delivered again they are no new messages.
            self.remember_also(session, mail, now);
            true
        };
        let taken_off = self.write_over(id, known, Letters::of(mail), Oversize::Written, set_aside).await?;
        // It went with its session, or was handled.
        let Some(TakenOff { waiting, known }) = taken_off else { return Ok(Left::More) };
        self.keeper.count_given_up(&known.session, GivenUp { letters: emptied, ..GivenUp::default() });
        self.observers.happened(Event::MessageSetAside);
        tracing::error!(session = %id, error = why, "a message that was accepted could not be handled, and was set aside");
        Ok(if waiting == 0 { Left::Nothing } else { Left::More })
    }
}

/// Whether the record has this turn, with its replies or without.
fn is_remembered<F: Flow>(session: &Session<F>, turn: &TurnId, now: DateTime<Utc>, memory: Memory) -> bool {
    session.has_seen(turn) || session.knows(turn, now, memory)
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
