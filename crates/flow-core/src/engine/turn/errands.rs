//! What a turn asks of the world, kept in the session's record until the turn is stored: [`TurnErrands`].
//!
//! It is kept by a write that is no turn. The turn holds the session's lock meanwhile, and so the write is made without it; the
//! turn is put on what was written before it is committed, so that its own write costs it no conflict.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;

use super::{Course, Mail, Turns, measure::can_be_stored, plan::Decided, request::TurnRequest};
use crate::{
    Flow, OnceError, OnceKey, Record, Session, SessionId, Stamp, Unreadable,
    clock::after,
    engine::{
        error::{Busy, EngineError},
        keeper::{Backing, Committed, Heard, Known, Oversize, Reading, Told},
        observer::Event,
    },
    handler::once::{Begun, Errands},
    session::{Errand, MOST_ERRANDS, TurnId},
    store::Expect,
    wiring::BoxFuture,
};

/// What one turn asks, in all its rounds.
pub(super) struct TurnErrands<'e, F: Flow> {
    turns: &'e Turns<F>,
    id: SessionId,
    /// By which the turn is remembered.
    pub(super) turn: &'e TurnId,
    /// By which its questions and their answers are known: the same however often the turn is taken.
    asks_as: &'e TurnId,
    /// What it answers, if that was accepted.
    mail: Option<&'e Mail>,
    round: Mutex<Round<F>>,
    /// Held by the one that writes.
    writing: tokio::sync::Mutex<()>,
}

/// What is known in this round.
struct Round<F: Flow> {
    backing: Backing,
    /// What was read: its record, if there is one, and when.
    read: (Option<Record>, Heard),
    /// What lies there now, where that is a place or was written since.
    ground: Option<Box<Known<F>>>,
    /// The last turn of what was read.
    last_turn: Stamp,
    /// Whether that was not told by the store, and it is as this process left it.
    is_warm: bool,
    is_overtaken: bool,
    /// What was found out to be stored instead.
    stored: Option<Box<Reading<F>>>,
    damage: Option<Unreadable>,
    /// By name, of this round and those before.
    answers: Vec<(String, Box<RawValue>)>,
    under_way: Vec<String>,
    fault: Option<EngineError>,
}

impl<'e, F: Flow> TurnErrands<'e, F> {
    pub(super) fn of(
        turns: &'e Turns<F>,
        id: SessionId,
        turn: &'e TurnId,
        asks_as: &'e TurnId,
        mail: Option<&'e Mail>,
    ) -> Self {
        let round = Round {
            backing: Backing::Store,
            read: (None, turns.keeper.last_heard(id)),
            ground: None,
            last_turn: Stamp::NONE,
            is_warm: false,
            is_overtaken: false,
            stored: None,
            damage: None,
            answers: Vec::new(),
            under_way: Vec::new(),
            fault: None,
        };
        Self { turns, id, turn, asks_as, mail, round: Mutex::new(round), writing: tokio::sync::Mutex::default() }
    }

    /// Begins a round on what was read there: this record, or a place. What the session has of this turn was asked before.
    pub(super) fn begin_round(
        &self,
        backing: Backing,
        read: (Option<Record>, Heard),
        is_warm: bool,
        place: Option<Box<Known<F>>>,
        session: Option<&Session<F>>,
    ) {
        let mut round = self.round();
        let place_session = place.as_deref().map(|place| &place.session);
        for (name, answer) in
            [session, place_session].into_iter().flatten().flat_map(|held| held.answers_of(self.asks_as))
        {
            round.remember(name, answer);
        }
        round.last_turn = match &read.0 {
            Some(record) => record.last_turn(),
            None => Stamp::NONE,
        };
        (round.backing, round.read, round.is_warm) = (backing, read, is_warm);
        (round.ground, round.is_overtaken, round.stored) = (place, false, None);
    }

    /// Ends the round, and gives what counts of it: what was decided, on what lies there now. Otherwise what the next round begins with, because the
    /// decision is void.
    ///
    /// Fails where the turn cannot go on, whatever was decided.
    pub(super) async fn end_round(
        &self,
        decided: Decided<F>,
        told: &mut Told,
        request: &TurnRequest<'_, F>,
        course: &mut Course,
    ) -> Result<Result<Decided<F>, Box<Reading<F>>>, EngineError> {
        let (fault, stored, ground, is_overtaken, is_warm) = {
            let mut round = self.round();
            course.damage = round.damage.take().or(course.damage.take());
            let Round { is_overtaken, is_warm, .. } = *round;
            (round.fault.take(), round.stored.take(), round.ground.take(), is_overtaken, is_warm)
        };
        if let Some(fault) = fault {
            return Err(fault);
        }
        if let Some(stored) = stored {
            self.turns.was_outdated(self.id);
            return Ok(Err(stored));
        }
        let decided = match ground {
            None => decided,
            Some(ground) => match self.turns.put_on_ground(decided, *ground, is_overtaken, told, request) {
                Ok(decided) => decided,
                Err(current) => return Ok(Err(current)),
            },
        };
        if is_warm
            && decided.is_err()
            && let Some(other) = Box::pin(self.turns.is_otherwise(self.id, told, request)).await?
        {
            return Ok(Err(Box::new(other)));
        }
        Ok(Ok(decided))
    }

    fn round(&self) -> MutexGuard<'_, Round<F>> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the answer into what lies there, and gives the one that is kept there now.
    async fn write(&self, name: &str, answer: &RawValue) -> Result<Box<RawValue>, EngineError> {
        let keeper = &self.turns.keeper;
        let (mut ground, mut heard, backing) = self.take_ground()?;
        let rounds = self.turns.settings.limits.rounds;
        for _ in 0..=rounds {
            if let Some(known) = ground.take_if(|known| self.is_answered(&known.session, name)) {
                let kept = known.session.answers_of(self.asks_as).find(|(other, _)| *other == name);
                let kept = kept.map_or_else(|| answer.to_owned(), |(_, kept)| kept.to_owned());
                self.stands_on(known);
                return Ok(kept);
            }
            let now = ground.as_ref().map_or_else(|| keeper.time.now(heard), |known| keeper.now(known));
            let (mut session, expect) = match ground.take() {
                Some(Known { mut session, .. }) => {
                    let expect = Expect::At(session.succeed());
                    (session, expect)
                }
                None => (Session::hold_place(self.id, now), Expect::Absent),
            };
            let errand = Errand::new(self.asks_as.clone(), name, now, answer.to_owned());
            match session.keep_answer(errand, now) {
                Ok(0) => {}
                Ok(answers) => {
                    tracing::warn!(session = %self.id, answers, "answers that were asked for once were forgotten, for want of room");
                }
                // It is told before anything is asked, unless others were asked meanwhile.
                Err(_) => return Err(Busy::Contended { rounds }.into()),
            }
            let (mut commit, given_up) = keeper.commit_with_room(&mut session, expect, now, Oversize::Refused)?;
            // No worker is to look before this turn may be done: it would find the very timer whose turn this is.
            let lease = after(now, self.turns.settings.deadlines.whole_turn());
            commit.wake_at = commit.wake_at.map(|at| lease.map_or(at, |lease| at.max(lease)));
            let record = commit.record.clone();
            match keeper.commit(commit, backing).await? {
                Committed::Done { .. } => {
                    keeper.is_stored(&session, given_up);
                    self.stands_on(Known { session, record, heard });
                    return Ok(answer.to_owned());
                }
                Committed::Conflict(told) => {
                    let Reading { known, place, heard: when, damage, .. } = keeper.open(self.id, *told).await?;
                    let mut round = self.round();
                    round.damage = damage.or(round.damage.take());
                    (ground, heard) = (known.or(place.map(|place| *place)), when);
                }
            }
        }
        Err(Busy::Contended { rounds }.into())
    }

    /// Whether there is nothing to write: another process has asked the same, or taken this very turn.
    fn is_answered(&self, session: &Session<F>, name: &str) -> bool {
        session.has_seen(self.turn) || session.answers_of(self.asks_as).any(|(other, _)| other == name)
    }

    /// What lies there as far as this turn knows, when that was told, and where it lies.
    fn take_ground(&self) -> Result<(Option<Known<F>>, Heard, Backing), EngineError> {
        let mut round = self.round();
        let (record, heard) = round.read.clone();
        let ground = match round.ground.take() {
            Some(ground) => Some(*ground),
            None => record.map(|record| Known::open(self.id, record, heard)).transpose()?,
        };
        Ok((ground, heard, round.backing))
    }

    /// The turn goes on from this, if it goes on.
    fn stands_on(&self, ground: Known<F>) {
        let mut round = self.round();
        round.is_overtaken = ground.session.last_turn() != round.last_turn;
        round.ground = Some(Box::new(ground));
    }
}

impl<F: Flow> Turns<F> {
    /// What was decided, on what lies there since the turn has asked.
    ///
    /// Gives what lies there instead, if the decision is void because another turn came first.
    pub(super) fn put_on_ground(
        &self,
        decided: Decided<F>,
        ground: Known<F>,
        is_overtaken: bool,
        told: &mut Told,
        request: &TurnRequest<'_, F>,
    ) -> Result<Decided<F>, Box<Reading<F>>> {
        match decided {
            Ok(planned) if !is_overtaken && planned.can_stand_on(&ground.session, request) => {
                Ok(Ok(planned.put_on(ground.session, &self.settings)))
            }
            Err(stop) if !is_overtaken => {
                told.record = Some(ground.record);
                Ok(Err(stop))
            }
            _ => {
                self.observers.happened(Event::Conflict);
                Err(Box::new(ground.into()))
            }
        }
    }
}

impl<F: Flow> Round<F> {
    /// Has this answer for the name from now on: what is stored counts before what this process had.
    fn remember(&mut self, name: &str, answer: &RawValue) {
        self.answers.retain(|(other, _)| other != name);
        self.answers.push((name.to_owned(), answer.to_owned()));
    }
}

impl<F: Flow> Errands for TurnErrands<'_, F> {
    fn begin(&self, name: &str) -> Result<Begun, OnceError> {
        let mut round = self.round();
        if let Some((_, answer)) = round.answers.iter().find(|(other, _)| other == name) {
            return Ok(Begun::Answered(answer.clone()));
        }
        if round.is_overtaken {
            return Err(OnceError::Overtaken);
        }
        if round.under_way.iter().any(|other| other == name) {
            return Err(OnceError::UnderWay);
        }
        if round.answers.len() + round.under_way.len() >= MOST_ERRANDS {
            return Err(OnceError::TooMany { limit: MOST_ERRANDS });
        }
        // What could not be kept is not asked.
        let backing = round.backing;
        let could_be_kept = || {
            self.turns.still_has_time()?;
            Ok(self.turns.keeper.could_write(backing)?)
        };
        if let Some(fault) = round.fault.take().or_else(|| could_be_kept().err()) {
            round.fault = Some(fault);
            return Err(OnceError::Ended);
        }
        round.under_way.push(name.to_owned());
        Ok(Begun::Ask(OnceKey::new(self.id, self.asks_as, name)))
    }

    fn find_out(&self) -> BoxFuture<'_, Result<(), OnceError>> {
        Box::pin(async move {
            let _writing = self.writing.lock().await;
            let (is_warm, is_overtaken) = {
                let round = self.round();
                (round.is_warm, round.is_overtaken)
            };
            if is_overtaken {
                return Err(OnceError::Overtaken);
            }
            if !is_warm {
                return Ok(());
            }
            let found = self.turns.read_in_line(self.id, self.mail).await;
            let mut round = self.round();
            let stored = found.map_err(|fault| {
                round.fault = Some(fault);
                OnceError::Ended
            })?;
            if stored.is_of(round.read.0.as_ref()) {
                round.is_warm = false;
                return Ok(());
            }
            (round.is_overtaken, round.stored) = (true, Some(Box::new(stored)));
            Err(OnceError::Overtaken)
        })
    }

    fn keep<'k>(&'k self, name: &'k str, answer: Box<RawValue>) -> BoxFuture<'k, Result<Box<RawValue>, OnceError>> {
        Box::pin(async move {
            let (size, limit) = (answer.get().len(), self.turns.settings.limits.answer);
            if size > limit {
                return Err(OnceError::TooLarge { size, limit });
            }
            if !serde_json::from_str(answer.get()).is_ok_and(|value| can_be_stored(&value)) {
                return Err(OnceError::Unwritable);
            }
            let kept = match self.asks_as {
                // No other run of the handler ever asks under it but those of this call.
                TurnId::Own(_) => answer,
                TurnId::Given(_) | TurnId::Timer(..) | TurnId::Undeliverable(..) => {
                    let _writing = self.writing.lock().await;
                    self.write(name, &answer).await.map_err(|fault| {
                        // What was learnt is not unlearnt where the turn goes on in memory.
                        let mut round = self.round();
                        round.remember(name, &answer);
                        round.fault = Some(fault);
                        OnceError::Ended
                    })?
                }
            };
            self.round().remember(name, &kept);
            Ok(kept)
        })
    }

    fn end(&self, name: &str) {
        self.round().under_way.retain(|other| other != name);
    }
}
