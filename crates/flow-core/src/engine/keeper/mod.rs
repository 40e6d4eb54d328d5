//! The room that alone speaks to the store, and knows what this process knows of a session: [`Keeper`].

mod amend;
mod away;
mod beside;
mod browsing;
mod due;
mod handing_back;
mod heard;
mod in_memory;
mod known;
mod letters;
mod listening;
mod locks;
mod quarantine;
mod renewing;
mod room;
mod shelf;
mod store_time;
mod unarchived;
mod warm;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::{
    collecting::Hub,
    error::{Busy, EngineError},
    observer::{CallEnded, Verb},
    observers::Observers,
    policies::{Damage, Outage},
    settings::{Expiry, Settings},
};
use crate::{
    Clock, Flow, Prefix, Record, Session, SessionId,
    resilience::{Resilient, StoreCounts},
    session::Duty,
    store::{Commit, Expect, Loaded, Store, StoreError, Verdict},
};

pub(super) use amend::Amended;
pub(super) use beside::Beside;
pub(super) use heard::Heard;
pub(super) use known::{Known, Reading, Told, open, stays};
pub(super) use letters::{Absent, TakenOff, Taking};
pub(super) use room::{GivenUp, Oversize};

pub(super) use quarantine::damage_of;

pub(super) use renewing::Renewal;

use in_memory::InMemory;
use locks::{Locked, Locks};
pub(super) use store_time::StoreTime;
use unarchived::Unarchived;
use warm::Warm;

/// Reads, writes and amends sessions in the store, or in memory while the store is away.
///
/// What an answer of the store tells of a session is remembered here, and nowhere else.
pub(super) struct Keeper<F: Flow> {
    store: Resilient,
    /// Where sessions go on while the store is away, if they do.
    in_memory: Option<InMemory>,
    /// Sessions as their last turns here have left them.
    warm: Warm<F>,
    /// Where the turns of a session wait for each other.
    lines: Locks<SessionId>,
    /// Held by what reads and writes a session: the first turn of its line, one that is due, or a change that is no turn.
    locks: Locks<SessionId>,
    /// What time it is.
    pub(super) time: StoreTime,
    settings: Arc<Settings>,
    observers: Arc<Observers>,
    /// Who waits in this process for what is said.
    hub: Arc<Hub>,
    /// Whether what is written is to be archived too.
    archives: bool,
    /// What of that is not yet.
    pub(super) unarchived: Unarchived,
}

/// Where a session is read from, and written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backing {
    Store,
    /// This process's memory, while the store is away.
    Memory {
        /// This turn's own write to the store, whose answer was lost: what is in memory has all that it had.
        doubt: Option<Prefix>,
    },
}

/// What became of a write.
#[derive(Debug)]
pub(super) enum Committed {
    /// It holds.
    Done {
        /// How many letters are left in the inbox.
        waiting: usize,
    },
    /// Nothing was written; this is stored instead.
    Conflict(Box<Told>),
}

impl<F: Flow> Keeper<F> {
    pub(super) fn over(
        store: Arc<dyn Store>,
        archives: bool,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
        observers: Arc<Observers>,
        hub: Arc<Hub>,
    ) -> Self {
        let in_memory = match settings.outage {
            Outage::Memory { sessions } => Some(InMemory::for_sessions(sessions)),
            _ => None,
        };
        let store = Resilient::over(store).deadline(settings.deadlines.store);
        let time = StoreTime::new(clock, settings.expiry.greatest_skew);
        let (lines, locks, unarchived) = (Locks::default(), Locks::default(), Unarchived::default());
        let warm = Warm::of_bytes(settings.warm.0);
        Self { store, in_memory, warm, lines, locks, time, settings, observers, hub, archives, unarchived }
    }

    /// Waits for the session's turns that came before, in this process.
    ///
    /// Fails if as many wait already as may.
    pub(super) async fn stand_in_line(&self, id: SessionId) -> Result<Locked<'_, SessionId>, EngineError> {
        let limit = self.settings.limits.turns_in_line;
        self.lines.lock_behind(id, limit).await.ok_or_else(|| Busy::Queue { limit }.into())
    }

    /// Waits until nothing else in this process reads and writes the session, until the lock is dropped.
    ///
    /// What a worker does, and what is no turn, does not stand in line: it waits for one turn at most. The lock only saves
    /// rounds that would be lost: which write holds is decided by the stamp.
    pub(super) async fn lock(&self, id: SessionId) -> Locked<'_, SessionId> {
        self.locks.lock(id).await
    }

    /// Whether something in this process reads and writes the session just now: a turn, say.
    pub(super) fn is_locked(&self, id: SessionId) -> bool {
        self.locks.is_held(id)
    }

    /// The record of `id`, where the session is backed by that, and what time it is there.
    pub(super) async fn load(&self, id: SessionId, backing: Backing) -> Result<Told, StoreError> {
        if let Backing::Memory { .. } = backing {
            let record = self.in_memory.as_ref().and_then(|in_memory| in_memory.load(id));
            return Ok(Told { record, letters: Vec::new(), heard: self.last_heard(id), damage: None });
        }
        self.load_with(id, 0).await
    }

    /// The record of `id` as it is stored, with the first `letters` of its inbox, and what time it is there.
    async fn load_with(&self, id: SessionId, letters: usize) -> Result<Told, StoreError> {
        let loaded = self.call(Verb::Load, Some(id), self.store.load(id, letters), debug_span!("load")).await?;
        Ok(self.told(id, loaded))
    }

    /// The session as it is stored, with its record.
    ///
    /// Fails if it cannot be read; then it stays as it is. What is damaged may be put in quarantine instead, and is then gone.
    pub(super) async fn read(&self, id: SessionId) -> Result<Reading<F>, EngineError> {
        self.read_from(id, Backing::Store).await
    }

    /// The same, with the first `letters` of its inbox.
    pub(super) async fn read_with(&self, id: SessionId, letters: usize) -> Result<Reading<F>, EngineError> {
        match self.load_with(id, letters).await {
            Ok(mut told) => {
                let letters = std::mem::take(&mut told.letters);
                Ok(Reading { letters, ..self.open(id, told).await? })
            }
            // What was damaged may be out of the way now.
            Err(StoreError::Unreadable(wrong)) => {
                let damage = Box::pin(self.after_damage(id, wrong)).await?.damage;
                let reading = self.load_with(id, letters).await?.open(id)?;
                Ok(Reading { damage, ..reading })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The same, where the session is backed by that.
    pub(super) async fn read_from(&self, id: SessionId, backing: Backing) -> Result<Reading<F>, EngineError> {
        match self.load(id, backing).await {
            Ok(told) => self.open(id, told).await,
            // On the heap, because it is rare and large.
            Err(StoreError::Unreadable(wrong)) => Ok(Box::pin(self.after_damage(id, wrong)).await?.open(id)?),
            Err(error) => Err(error.into()),
        }
    }

    /// The session that the store told of.
    ///
    /// Fails as [`read`](Self::read) does.
    pub(super) async fn open(&self, id: SessionId, told: Told) -> Result<Reading<F>, EngineError> {
        match told.open(id) {
            Ok(reading) => Ok(reading),
            Err(wrong) => Ok(Box::pin(self.after_damage(id, wrong)).await?.open(id)?),
        }
    }

    /// The record as it is now for this process: in memory, if the session is ahead of its store there, or else as it is
    /// stored.
    pub(super) async fn look_up(&self, id: SessionId) -> Result<Told, StoreError> {
        match self.ahead_of_store(id) {
            Some(record) => {
                let (record, letters, heard) = (Some(record), Vec::new(), self.last_heard(id));
                Ok(Told { record, letters, heard, damage: None })
            }
            None => self.load(id, Backing::Store).await,
        }
    }

    /// Writes a session over what `expect` says, if that still is so: a compare-and-set.
    pub(super) async fn commit(&self, commit: Commit, backing: Backing) -> Result<Committed, StoreError> {
        if let Backing::Memory { doubt } = backing {
            let has_room = self.in_memory.as_ref().is_some_and(|in_memory| in_memory.commit(commit, doubt));
            return if has_room { Ok(Committed::Done { waiting: 0 }) } else { Err(StoreError::Full) };
        }
        let (id, record, is_told) = (commit.id, commit.record.clone(), commit.told);
        // Before it is written: the store may tell of it before it answers.
        let expected = is_told.then(|| self.hub.expects(id));
        let size = Some(record.bytes().len());
        let again = (self.settings.damage != Damage::Refuse).then(|| commit.clone());
        let mut verdict = self.writing(Verb::Commit, id, size, self.store.commit(commit), debug_span!("commit")).await;
        let mut damage = None;
        if let (Err(StoreError::Unreadable(wrong)), Some(commit)) = (&verdict, again)
            && self.quarantines(wrong)
        {
            // Something else than was expected is there, and it is damaged.
            damage = Box::pin(self.after_damage(id, wrong.clone())).await?.damage;
            verdict = self.writing(Verb::Commit, id, size, self.store.commit(commit), debug_span!("commit")).await;
        }
        if let Some(expected) = expected {
            match verdict {
                Ok(Verdict::Done { .. }) => expected.was_written(),
                // Dropped: if it is there it was told of, and taken for told by us.
                Err(StoreError::Unknown(_)) => {}
                _ => expected.was_not_written(),
            }
        }
        match verdict {
            Ok(Verdict::Done { waiting }) => {
                self.saw(id, Some(&record));
                Ok(Committed::Done { waiting })
            }
            Ok(Verdict::Conflict(loaded)) => {
                Ok(Committed::Conflict(Box::new(Told { damage, ..self.told(id, loaded) })))
            }
            Err(error) => {
                if let (StoreError::Unknown(_), Some(in_memory)) = (&error, &self.in_memory) {
                    in_memory.doubts(id, record.prefix());
                }
                Err(error)
            }
        }
    }

    /// The commit that writes `session` over what `expect` says.
    ///
    /// Fails if the record would be too large, or could not be read back.
    pub(super) fn commit_of(
        &self,
        session: &Session<F>,
        expect: Expect,
        now: DateTime<Utc>,
    ) -> Result<Commit, EngineError> {
        let commit = self.commit_of_any_size(session, expect, now)?;
        let (size, limit) = (commit.record.bytes().len(), self.settings.limits.record);
        if size > limit { Err(EngineError::RecordTooLarge { size, limit }) } else { Ok(commit) }
    }

    /// The same, however large the record is.
    fn commit_of_any_size(
        &self,
        session: &Session<F>,
        expect: Expect,
        now: DateTime<Utc>,
    ) -> Result<Commit, EngineError> {
        let state = session.state().name();
        let record = session.to_record(self.settings.writes).map_err(|_| EngineError::Unwritable { state })?;
        if self.archives && session.archive_at().is_some() {
            // Before it is written: it may arrive though nothing is heard of it.
            self.unarchived.add(session.id());
        }
        let commit = Commit::new(session.id(), expect, record, F::GRAPH.name, state);
        let Expiry { grace, unattended, .. } = self.settings.expiry;
        let time_to_live = session.time_to_live(now, grace, unattended);
        Ok(commit.time_to_live(time_to_live).wake_at(session.wake_at()).told(session.has_laid_out()))
    }

    /// Removes the record of `id`, and what is in memory of it; tells whether there was anything.
    pub(super) async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let was_stored = self.call(Verb::Remove, Some(id), self.store.remove(id), debug_span!("remove")).await?;
        self.saw(id, None);
        self.unarchived.remove(id);
        let was_here = self.forget_in_memory(id);
        Ok(was_stored || was_here)
    }

    /// Forgets what is in memory of `id`, and tells whether there was anything: it is not handed back.
    pub(super) fn forget_in_memory(&self, id: SessionId) -> bool {
        self.in_memory.as_ref().is_some_and(|in_memory| in_memory.release(id))
    }

    /// Finds out whether what is stored of a session is safe, before that is told once more.
    ///
    /// Fails as the write did that was not confirmed.
    pub(super) async fn confirm(&self, id: SessionId) -> Result<(), StoreError> {
        match self.store.confirming() {
            Some(store) => self.call(Verb::Confirm, Some(id), store.confirm(id), debug_span!("confirm")).await,
            None => Ok(()),
        }
    }

    /// What time it is now for a session that was read: not before its last turn, though its store may have another clock
    /// than it had then.
    pub(super) fn now(&self, known: &Known<F>) -> DateTime<Utc> {
        self.time.now(known.heard).max(known.session.updated_at())
    }

    /// What the store told last of the time that it is for this session.
    pub(super) fn last_heard(&self, id: SessionId) -> Heard {
        self.time.last_heard(self.store.clock_of(id))
    }

    fn declares_expiries(&self, id: SessionId) -> bool {
        self.time.declares_expiries(self.store.clock_of(id))
    }

    /// Whether a session is to be declared expired at `now`. Once it was, it stays so.
    pub(super) fn is_expired(&self, session: &Session<F>, now: DateTime<Utc>) -> bool {
        session.is_expired(now) && (session.has_lapsed() || self.declares_expiries(session.id()))
    }

    /// What is due for a session at `now`.
    pub(super) fn duty(&self, session: &Session<F>, now: DateTime<Utc>) -> Option<Duty> {
        if self.declares_expiries(session.id()) { session.duty(now) } else { session.duty_but_lapse(now) }
    }

    /// What time it is in the store, which is asked.
    pub(super) async fn ask_time(&self) -> Result<DateTime<Utc>, StoreError> {
        // A load tells the time, of any session.
        let told = self.load(SessionId::random(), Backing::Store).await?;
        Ok(self.time.now(told.heard))
    }

    /// What the calls to the store have met so far.
    pub(super) fn counts(&self) -> StoreCounts {
        self.store.counts()
    }

    /// Makes a call in a span of its own, and tells the observers how it went.
    async fn call<T>(
        &self,
        verb: Verb,
        session: Option<SessionId>,
        call: impl Future<Output = Result<T, StoreError>>,
        span: tracing::Span,
    ) -> Result<T, StoreError> {
        let began = Instant::now();
        let answer = call.instrument(span).await;
        self.tell(verb, session, None, began, answer.as_ref().err());
        answer
    }

    /// The same of a call that writes so many bytes.
    async fn writing<T>(
        &self,
        verb: Verb,
        session: SessionId,
        bytes: Option<usize>,
        call: impl Future<Output = Result<T, StoreError>>,
        span: tracing::Span,
    ) -> Result<T, StoreError> {
        let began = Instant::now();
        let answer = call.instrument(span).await;
        self.tell(verb, Some(session), bytes, began, answer.as_ref().err());
        answer
    }

    fn tell(
        &self,
        verb: Verb,
        session: Option<SessionId>,
        bytes: Option<usize>,
        began: Instant,
        error: Option<&StoreError>,
    ) {
        let took = began.elapsed();
        self.observers.call_ended(&CallEnded { flow: F::GRAPH.name, verb, session, bytes, took, error });
    }

    /// Remembers what the store told of a session.
    fn told(&self, id: SessionId, loaded: Loaded) -> Told {
        self.saw(id, loaded.record.as_ref());
        let Loaded { record, letters, now, .. } = loaded;
        Told { record, letters, heard: self.time.hear(self.store.clock_of(id), now), damage: None }
    }

    fn saw(&self, id: SessionId, record: Option<&Record>) {
        self.warm.forget_but(id, record.map(Record::stamp));
        if let Some(in_memory) = &self.in_memory {
            in_memory.saw(id, record);
        }
    }
}
