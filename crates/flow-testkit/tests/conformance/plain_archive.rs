//! An archive as plain as can be, and correct unless it is given a defect.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use flow_core::{
    Archive, Moment, Record, SessionId, Stamp, StoreError, Utterance,
    archive::{Archived, ArchivedCheckpoint, ArchivedStep, Entry, Epoch, Kept, Latest, Transcripts},
    store::Expect,
};
use serde_json::Value;

use crate::{
    archive_defect::ArchiveDefect::{self, *},
    plain_store::pause,
};

#[derive(Debug, Default)]
pub(crate) struct PlainArchive {
    defect: Option<ArchiveDefect>,
    content: Mutex<Content>,
    writers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Content {
    sessions: HashMap<SessionId, Session>,
    tombstones: HashMap<SessionId, DateTime<Utc>>,
    /// The epochs that began with the last erasure of each session.
    buried_in: HashMap<SessionId, Epoch>,
    erasures: u32,
    written: HashSet<Stamp>,
}

impl Content {
    fn epoch(&self) -> Epoch {
        Epoch::numbered(self.erasures + 1).expect("few erasures")
    }
}

#[derive(Clone, Debug, Default)]
struct Session {
    record: Option<Record>,
    updated_at: DateTime<Utc>,
    next: u64,
    steps: Vec<ArchivedStep>,
    checkpoints: Vec<ArchivedCheckpoint>,
    flow: String,
    said: Vec<Utterance>,
}

impl Session {
    fn stamp(&self) -> Option<Stamp> {
        self.record.as_ref().map(Record::stamp)
    }
}

impl PlainArchive {
    pub(crate) fn with(defect: ArchiveDefect) -> Self {
        let archive = Self { defect: Some(defect), ..Self::default() };
        if defect == IsNeverFresh {
            let record = Some(Record::compose(Stamp::first(), b"left over"));
            archive.lock().sessions.insert(SessionId::random(), Session { record, ..Session::default() });
        }
        archive
    }

    fn has(&self, defect: ArchiveDefect) -> bool {
        self.defect == Some(defect)
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("nobody panicked")
    }

    fn is_buried(&self, content: &Content, entry: &Entry) -> bool {
        let began = if self.has(BuriesByTheLastBeginning) { entry.summary.created_at } else { entry.since() };
        let (epoch, buried_in) = (entry.epoch, content.buried_in.get(&entry.id).copied());
        content.tombstones.get(&entry.id).is_some_and(|erased_at| {
            if let (Some(epoch), Some(buried_in)) = (epoch, buried_in)
                && !self.has(BuriesForEver)
                && !self.has(BuriesByTimeAlone)
            {
                return epoch < buried_in || (self.has(BuriesByTimeAsWell) && began <= *erased_at);
            }
            self.has(BuriesForEver)
                || began < *erased_at
                || (began == *erased_at && !self.has(BuriesOnlyWhatBeganBefore))
        })
    }

    fn as_expected(&self, expect: Expect, stored: Option<Stamp>) -> bool {
        match (expect, stored) {
            _ if self.has(ComparesNothing) => true,
            (Expect::Absent, stored) => stored.is_none() || self.has(ComparesNothingWithAbsent),
            (Expect::At(_), None) => self.has(RevivesAbsent),
            (Expect::At(a), Some(b)) => self.is_same(a.stamp(), b),
        }
    }

    #[allow(clippy::cast_precision_loss, clippy::float_cmp)]
    fn is_same(&self, a: Stamp, b: Stamp) -> bool {
        match self.defect {
            Some(ComparesVersionsOnly) => a.version == b.version,
            Some(ComparesWriteIdsOnly) => a.write_id == b.write_id,
            Some(ComparesVersionsAsDoubles) => a.version as f64 == b.version as f64 && a.write_id == b.write_id,
            Some(ComparesVersionsAsSigned) => {
                let signed = |stamp: Stamp| i64::try_from(stamp.version).unwrap_or(i64::MAX);
                signed(a) == signed(b) && a.write_id == b.write_id
            }
            _ => a == b,
        }
    }

    /// What becomes of the entry, as far as can be told before it is written.
    fn verdict(&self, content: &Content, entry: &Entry) -> Kept {
        if self.is_buried(content, entry) {
            return Kept::Erased;
        }
        let (stored, stamp) = (content.sessions.get(&entry.id).and_then(Session::stamp), entry.record.stamp());
        let repeats = stored.is_some_and(|stored| self.is_same(stored, stamp))
            || (self.has(RepeatsOfAnyEntryAreDone) && content.written.contains(&stamp));
        if (repeats && !self.has(RepeatsAreMoved)) || (self.has(KeepsTheFirstOnly) && stored.is_some()) {
            return Kept::Done;
        }
        if self.as_expected(entry.expect, stored) {
            return Kept::Done;
        }
        Kept::Moved(stored.filter(|_| !self.has(TellsNotWhereItMoved)))
    }

    fn write(&self, content: &mut Content, entry: &Entry, verdict: Kept) -> Kept {
        let before = content.sessions.get(&entry.id).cloned();
        let stored = before.as_ref().and_then(Session::stamp);
        let mut session = before.unwrap_or_default();
        match &verdict {
            Kept::Done if stored == Some(entry.record.stamp()) && self.as_expected(entry.expect, stored) => {}
            Kept::Done if !self.as_expected(entry.expect, stored) && !self.pauses() => return verdict,
            Kept::Done if self.has(KeepsTheFirstOnly) && stored.is_some() => return verdict,
            Kept::Done if entry.steps.iter().any(|step| step.number == u64::MAX) => {
                if self.has(KeepsHalfOfTheRefused) {
                    self.put_record(&mut session, entry);
                    content.sessions.insert(entry.id, session);
                }
                return Kept::Refused("the last number of all".into());
            }
            Kept::Done => {}
            Kept::Moved(_) if self.has(AddsStepsOfMoved) => self.add_steps(&mut session, entry),
            Kept::Moved(_) if self.has(AddsCheckpointsOfMoved) => self.add_checkpoints(&mut session, entry),
            Kept::Moved(_) if self.has(AddsSaidOfMoved) => self.add_said(&mut session, entry),
            _ => return verdict,
        }
        if matches!(verdict, Kept::Done) {
            self.put_record(&mut session, entry);
            self.add_steps(&mut session, entry);
            self.add_checkpoints(&mut session, entry);
            self.add_said(&mut session, entry);
            content.written.insert(entry.record.stamp());
            if self.has(LiftsTombstones) {
                content.tombstones.remove(&entry.id);
            }
        }
        content.sessions.insert(entry.id, session);
        verdict
    }

    fn pauses(&self) -> bool {
        self.has(PausesBetweenCompareAndWrite) || self.has(PausesBetweenTombstoneAndWrite)
    }

    fn put_record(&self, session: &mut Session, entry: &Entry) {
        let mut record = entry.record.clone();
        let body = record.body();
        if self.has(KeepsTextOnly) {
            record = Record::compose(record.stamp(), String::from_utf8_lossy(&body).as_bytes());
        } else if self.has(CutsLongBodies) {
            record = Record::compose(record.stamp(), &body[..body.len().min(0xffff)]);
        }
        if session.record.is_none() || !self.has(PurgesByTheFirstTurn) {
            session.updated_at = entry.summary.updated_at;
        }
        session.record = Some(record);
        session.flow.clone_from(&entry.summary.flow);
    }

    fn time(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let kept = if self.has(KeepsTimesSinceTheEpoch) { at.max(DateTime::UNIX_EPOCH) } else { at };
        let coarse = kept.duration_trunc(TimeDelta::milliseconds(1)).expect("a time that chrono can truncate");
        if self.has(KeepsMilliseconds) { coarse } else { kept }
    }

    fn add_steps(&self, session: &mut Session, entry: &Entry) {
        if self.has(NumbersBehindTheLastEntry) {
            session.next = 0;
        }
        for step in &entry.steps {
            let mut step = step.clone();
            session.next = session.next.max(step.number + 1);
            step.transition.at = self.time(step.transition.at);
            step.position = step.position.filter(|_| !self.has(KeepsNoPositions));
            let kept = session.steps.iter_mut().find(|kept| kept.number == step.number);
            match kept.filter(|_| !self.has(DoublesSteps)) {
                Some(kept) if self.has(ReplacesSteps) => *kept = step,
                Some(_) => {}
                None => session.steps.push(step),
            }
        }
        match self.defect {
            Some(GivesStepsAsTheyCame) => {}
            Some(OrdersStepsAsText) => session.steps.sort_by_key(|step| step.number.to_string()),
            _ => session.steps.sort_by_key(|step| step.number),
        }
    }

    fn add_checkpoints(&self, session: &mut Session, entry: &Entry) {
        for checkpoint in &entry.checkpoints {
            let mut checkpoint = checkpoint.clone();
            checkpoint.at = self.time(checkpoint.at);
            if self.has(CutsTextAtNul) {
                checkpoint.data = cut(checkpoint.data);
            }
            if self.has(KeepsNothingShared) {
                checkpoint.shared = Value::Null;
            }
            let same = |kept: &&mut ArchivedCheckpoint| {
                kept.key == checkpoint.key
                    || (self.has(KeepsOneCheckpointATurn) && kept.key.stamp == checkpoint.key.stamp)
                    || (self.has(KeepsCheckpointsByVersion)
                        && (kept.key.stamp.version, kept.key.index)
                            == (checkpoint.key.stamp.version, checkpoint.key.index))
            };
            match session.checkpoints.iter_mut().find(same).filter(|_| !self.has(DoublesCheckpoints)) {
                Some(kept) if self.has(ReplacesCheckpoints) => *kept = checkpoint,
                Some(_) => {}
                None => session.checkpoints.push(checkpoint),
            }
        }
        match self.defect {
            Some(GivesCheckpointsAsTheyCame) => {}
            Some(OrdersCheckpointsAsSigned) => {
                session.checkpoints.sort_by_key(|kept| {
                    (kept.key.stamp.version.cast_signed(), kept.key.stamp.write_id, kept.key.index)
                });
            }
            _ => session.checkpoints.sort_by_key(|kept| kept.key),
        }
    }

    fn add_said(&self, session: &mut Session, entry: &Entry) {
        for said in &entry.said {
            let mut said = said.clone();
            said.moment.at = self.time(said.moment.at);
            if self.has(CutsTextAtNul) {
                said.text = said.text.map(|text| text.split('\0').next().unwrap_or_default().to_owned());
            }
            if self.has(KeepsSaidWithoutDetails) {
                said.details = Value::Null;
            }
            let kept = session.said.iter_mut().find(|kept| kept.moment == said.moment);
            match kept.filter(|_| !self.has(DoublesSaid)) {
                Some(kept) if self.has(ReplacesSaid) => *kept = said,
                Some(_) => {}
                None => session.said.push(said),
            }
        }
        match self.defect {
            Some(GivesSaidAsItCame) => {}
            Some(OrdersSaidByTimeAlone) => session.said.sort_by_key(|said| said.moment.at),
            Some(OrdersSaidAsSigned) => session.said.sort_by_key(|said| {
                let Moment { at, stamp, index, .. } = said.moment;
                (at, stamp.version.cast_signed(), stamp.write_id, index)
            }),
            _ => session.said.sort_by_key(|said| said.moment),
        }
    }

    async fn put_in_order(&self, entries: &[Entry]) -> Vec<Kept> {
        let (mut verdicts, mut has_stopped) = (Vec::new(), false);
        for (index, entry) in entries.iter().enumerate() {
            if has_stopped || (index >= 100 && self.has(TakesAHundredAtOnce)) {
                verdicts.push(Kept::Done);
                continue;
            }
            let mut verdict = self.verdict(&self.lock(), entry);
            if self.pauses() {
                pause().await;
            }
            let mut content = self.lock();
            match self.defect {
                Some(PausesBetweenCompareAndWrite) if self.is_buried(&content, entry) => verdict = Kept::Erased,
                Some(PausesBetweenCompareAndWrite) => {}
                Some(PausesBetweenTombstoneAndWrite) => {
                    let tombstones = std::mem::take(&mut content.tombstones);
                    if !matches!(verdict, Kept::Erased) {
                        verdict = self.verdict(&content, entry);
                    }
                    content.tombstones = tombstones;
                }
                _ => verdict = self.verdict(&content, entry),
            }
            let verdict = self.write(&mut content, entry, verdict);
            has_stopped = (self.has(StopsAtTheFirstMoved) && matches!(verdict, Kept::Moved(_)))
                || (self.has(StopsAtTheFirstErased) && matches!(verdict, Kept::Erased));
            verdicts.push(verdict);
        }
        verdicts
    }

    /// Up to `limit` of those that were before `time`, the longest ago first.
    fn oldest(
        &self,
        all: impl Iterator<Item = (SessionId, DateTime<Utc>)>,
        time: DateTime<Utc>,
        limit: usize,
    ) -> Vec<SessionId> {
        let as_old = |at: DateTime<Utc>| at == time && self.has(PurgesWhatIsAsOld);
        let mut old: Vec<_> = all.filter(|(_, at)| *at < time || as_old(*at) || self.has(PurgesEverything)).collect();
        old.sort_by_key(|(_, at)| *at);
        if self.has(PurgesTheYoungestFirst) {
            old.reverse();
        }
        old.into_iter().take(limit).map(|(id, _)| id).collect()
    }
}

fn cut(data: Value) -> Value {
    match data {
        Value::String(text) => Value::String(text.split('\0').next().unwrap_or_default().to_owned()),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, cut(value))).collect(),
        other => other,
    }
}

#[async_trait]
impl Archive for PlainArchive {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        if entries.is_empty() && self.has(FailsOnNothing) {
            return Err(StoreError::Refused("nothing".into()));
        }
        if self.has(FailsWhereTwoMeet) {
            let others = self.writers.fetch_add(1, Ordering::SeqCst);
            pause().await;
            self.writers.fetch_sub(1, Ordering::SeqCst);
            if others > 0 {
                return Err(StoreError::Unavailable("a deadlock".into()));
            }
        }
        let before = self.lock().sessions.clone();
        let mut verdicts = self.put_in_order(entries).await;
        if self.has(AnswersBackwards) {
            verdicts.reverse();
        }
        if self.has(FailsForOneThatIsRefused) && verdicts.iter().any(|verdict| matches!(verdict, Kept::Refused(_))) {
            self.lock().sessions = before;
            return Err(StoreError::Refused("one of them".into()));
        }
        Ok(verdicts)
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        let session = self.lock().sessions.get(&id).cloned();
        if self.has(PausesBetweenRecordAndEpoch) {
            pause().await;
        }
        let content = self.lock();
        let session = session.filter(|_| self.has(PausesBetweenRecordAndEpoch)).or(content.sessions.get(&id).cloned());
        let session = session.unwrap_or_default();
        let steps = if self.has(CountsSteps) { session.steps.len() as u64 } else { session.next };
        let epoch = match self.defect {
            Some(TellsNoEpoch) => Epoch::first(),
            Some(TellsTheEpochOfTheTombstone) => content.buried_in.get(&id).copied().unwrap_or(Epoch::first()),
            _ => content.epoch(),
        };
        let has_tombstone = content.tombstones.contains_key(&id) && !self.has(TellsOfNoTombstone);
        let archived = session.record.map(|record| Archived::new(record, steps));
        Ok(Latest::new(archived, epoch).with_tombstone(has_tombstone))
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        let mut steps = self.lock().sessions.get(&id).map(|session| session.steps.clone()).unwrap_or_default();
        let limit = match self.defect {
            Some(PagesWithoutLimit) => steps.len(),
            Some(OverflowsOnALimit) => usize::from(limit.to_le_bytes()[0] % 0xff),
            _ => limit,
        };
        if self.has(PagesByPosition) {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            return Ok(steps.into_iter().skip(from).take(limit).collect());
        }
        steps.retain(|step| {
            step.number > from || (step.number == from && (!self.has(PagesBehindTheNumber) || from == 0))
        });
        steps.truncate(limit);
        Ok(steps)
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        Ok(self.lock().sessions.get(&id).map(|session| session.checkpoints.clone()).unwrap_or_default())
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        let mut content = self.lock();
        let most = if self.has(PurgesWithoutLimit) { usize::MAX } else { limit };
        let sessions = content.sessions.iter().filter(|(_, session)| session.record.is_some());
        let purged = self.oldest(sessions.map(|(id, session)| (*id, session.updated_at)), time, most);
        for id in &purged {
            if self.has(PurgesTheRecordOnly) {
                content.sessions.entry(*id).and_modify(|session| session.record = None);
            } else {
                content.sessions.remove(id);
            }
            if self.has(LeavesTombstonesOfPurged) {
                content.tombstones.insert(*id, time);
            }
        }
        let most = if self.has(PurgesTombstonesWithoutLimit) { usize::MAX } else { limit };
        let mut tombstones = self.oldest(content.tombstones.iter().map(|(id, at)| (*id, *at)), time, most);
        if self.has(KeepsTombstonesForEver) {
            tombstones.clear();
        }
        for id in &tombstones {
            content.tombstones.remove(id);
            content.buried_in.remove(id);
        }
        if self.has(PurgesTheEpoch) && !tombstones.is_empty() {
            content.erasures = 0;
        }
        Ok(purged.len() + if self.has(CountsTombstones) { tombstones.len() } else { 0 })
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut content = self.lock();
        let session = content.sessions.get(&id).filter(|session| session.record.is_some()).cloned();
        let existed = session.is_some();
        match self.defect {
            Some(ErasesEverything) => content.sessions.clear(),
            Some(ErasesTheRecordOnly) => {
                content.sessions.entry(id).and_modify(|session| session.record = None);
            }
            _ => drop(content.sessions.remove(&id)),
        }
        let at = if self.has(BuriesByTheMillisecond) { at + TimeDelta::microseconds(999) } else { at };
        let before = content.tombstones.get(&id).copied().filter(|_| !self.has(TakesTombstonesBack)).unwrap_or(at);
        if !self.has(LeavesNoTombstone) && (existed || !self.has(LeavesNoTombstoneOfNothing)) {
            content.tombstones.insert(id, at.max(before));
            content.erasures += 1;
            let epoch = content.epoch();
            content.buried_in.insert(id, epoch);
        }
        Ok(existed || self.has(ErasesWithoutLooking))
    }

    fn transcripts(&self) -> Option<&dyn Transcripts> {
        Some(self)
    }
}

#[async_trait]
impl Transcripts for PlainArchive {
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        let mut said = self.lock().sessions.get(&id).map(|session| session.said.clone()).unwrap_or_default();
        let is_it = |said: &Utterance| Some(said.moment) == after && self.has(PagesSaidFromTheMoment);
        said.retain(|said| Some(said.moment) > after || is_it(said));
        said.truncate(if self.has(PagesSaidWithoutLimit) { usize::MAX } else { limit });
        Ok(said)
    }

    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        let mut content = self.lock();
        let of_flow = |session: &Session| session.flow == flow || self.has(ForgetsSaidOfEveryFlow);
        let is_old = |at: DateTime<Utc>| at < time || (at == time && self.has(ForgetsSaidThatIsAsOld));
        let sessions = content.sessions.iter().filter(|(_, session)| of_flow(session));
        let said = sessions.flat_map(|(id, session)| session.said.iter().map(|said| (said.moment, *id)));
        let mut old: Vec<_> = said.filter(|(moment, _)| is_old(moment.at)).collect();
        old.sort();
        if self.has(ForgetsTheLastSaidFirst) {
            old.reverse();
        }
        old.truncate(if self.has(ForgetsSaidWithoutLimit) { usize::MAX } else { limit });
        for (moment, id) in &old {
            let session = content.sessions.get_mut(id).expect("it is kept");
            session.said.retain(|said| said.moment != *moment);
            if self.has(ForgetsSessionsWithWhatWasSaid) {
                session.steps.clear();
            }
        }
        Ok(old.len())
    }
}
