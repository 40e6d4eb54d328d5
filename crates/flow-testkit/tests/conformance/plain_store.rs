//! A store as plain as can be, and correct unless it is given a defect.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Clock, ForwardClock, Prefix, Record, SessionId, Stamp, Store, StoreError,
    store::{
        Changed, Changes, Claim, Commit, Cursor, Due, Expect, Heartbeat, Letter, Listener, Loaded, Page, Post, Posted,
        Roster, Teller, Verdict, WakeIndex,
    },
};

use crate::defect::Defect::{self, *};

pub(crate) struct PlainStore {
    clock: Arc<dyn Clock>,
    forward: ForwardClock,
    defect: Option<Defect>,
    content: Arc<Mutex<Content>>,
    handle: usize,
}

#[derive(Debug, Default)]
struct Content {
    records: BTreeMap<SessionId, (Record, Option<DateTime<Utc>>)>,
    inboxes: HashMap<SessionId, Vec<Letter>>,
    wakes: HashMap<SessionId, DateTime<Utc>>,
    flows: HashMap<SessionId, Cow<'static, str>>,
    leases: HashSet<SessionId>,
    written: HashSet<Stamp>,
    removed: Vec<SessionId>,
    beats: HashMap<String, DateTime<Utc>>,
    tellers: Vec<Ear>,
    told: Vec<SessionId>,
}

/// One who listens, and through which handle.
#[derive(Debug)]
struct Ear {
    handle: usize,
    teller: Teller,
    /// How many changes there is room for, of a store that says nothing when there is none left.
    room: usize,
}

impl fmt::Debug for PlainStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainStore").field("defect", &self.defect).finish_non_exhaustive()
    }
}

impl PlainStore {
    pub(crate) fn new(clock: impl Clock + 'static) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        Self {
            forward: ForwardClock::over(Arc::clone(&clock)),
            clock,
            defect: None,
            content: Arc::default(),
            handle: 0,
        }
    }

    pub(crate) fn with(defect: Defect, clock: impl Clock + 'static) -> Self {
        let store = Self { defect: Some(defect), ..Self::new(clock) };
        if defect == IsNeverFresh {
            let record = Record::compose(Stamp::first(), b"left over");
            store.lock().records.insert(SessionId::random(), (record, None));
        }
        store
    }

    /// Another handle of the same store.
    pub(crate) fn another(&self) -> Self {
        let (clock, content) = (Arc::clone(&self.clock), Arc::clone(&self.content));
        let forward = ForwardClock::over(Arc::clone(&clock));
        Self { clock, forward, defect: self.defect, content, handle: self.handle + 1 }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn now(&self) -> DateTime<Utc> {
        if self.has(TellsWhatTheClockShows) { self.clock.now() } else { self.forward.now() }
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("nobody panicked")
    }

    fn lives(&self, until: Option<DateTime<Utc>>) -> bool {
        self.has(NeverExpires) || until.is_none_or(|until| until > self.now())
    }

    fn living(&self, content: &Content, id: SessionId) -> Option<Record> {
        content.records.get(&id).filter(|(_, until)| self.lives(*until)).map(|(record, _)| record.clone())
    }

    /// The record that lives, and the stamp to compare with.
    fn look(&self, content: &Content, id: SessionId) -> (Option<Record>, Option<Stamp>) {
        let current = self.living(content, id);
        let expired = content.records.get(&id).filter(|_| self.has(ComparesWithExpired));
        let compared = current.as_ref().or(expired.map(|(record, _)| record)).map(Record::stamp);
        (current, compared)
    }

    fn as_expected(&self, expect: Expect, current: Option<Stamp>) -> bool {
        match (expect, current) {
            _ if self.has(ComparesNothing) => true,
            (Expect::Absent, current) => current.is_none(),
            (Expect::At(_), None) => self.has(RevivesRemoved),
            (Expect::At(a), Some(b)) if self.has(ComparesVersionsOnly) => a.stamp().version == b.version,
            (Expect::At(a), Some(b)) if self.has(ComparesWriteIdsOnly) => a.stamp().write_id == b.write_id,
            #[allow(clippy::cast_precision_loss, clippy::float_cmp)]
            (Expect::At(a), Some(b)) if self.has(ComparesVersionsAsDoubles) => {
                let a = a.stamp();
                a.version as f64 == b.version as f64 && a.write_id == b.write_id
            }
            (Expect::At(a), Some(b)) if self.has(ComparesTheLengthOfAnEdition) => {
                let stored = if a == a.stamp().into() { Prefix::from(b) } else { Prefix::of_json(b) };
                a.bytes()[..26] == stored.bytes()[..26]
            }
            (Expect::At(a), Some(b)) => a.stamp() == b,
        }
    }

    fn until(&self, commit: &Commit, before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let now = self.now();
        match commit.time_to_live {
            _ if self.has(NeverRenews) && before.is_some() => before,
            None if self.has(ForgetsToStopTheClock) => before,
            Some(Duration::ZERO) if self.has(TakesNoTimeForAllTime) => None,
            Some(time_to_live) if self.has(AddsTimeUnchecked) => Some(now + time_to_live),
            time_to_live => now.checked_add_signed(TimeDelta::from_std(time_to_live?).ok()?),
        }
    }

    fn conflict(&self, content: &mut Content, commit: &Commit, current: Option<Record>) -> Verdict {
        let id = commit.id;
        if let Some((record, until)) = content.records.get_mut(&id) {
            if self.has(ConflictsWriteTheRecord) {
                *record = commit.record.clone();
            }
            if self.has(ConflictsRenewTheTimeToLive) {
                *until = self.until(commit, *until);
            }
        }
        if self.has(ConflictsTakeLetters) {
            self.take(content, commit);
        }
        if self.has(ConflictsWriteTheWakeTime) {
            self.set_wake(content, id, commit.wake_at);
        }
        let expired = content.records.get(&id).map(|(record, _)| record.clone()).filter(|_| self.has(HandsBackExpired));
        let stored = current.or(expired).filter(|_| !self.has(ConflictsHandBackNothing));
        let now = if self.has(ConflictsTellNoTime) { DateTime::UNIX_EPOCH } else { self.now() };
        Verdict::Conflict(Loaded::new(stored, now))
    }

    fn set_wake(&self, content: &mut Content, id: SessionId, wake_at: Option<DateTime<Utc>>) {
        if !self.has(ClaimsOutliveCommits) || wake_at.is_none() {
            content.leases.remove(&id);
        } else if content.leases.contains(&id) {
            return;
        }
        match wake_at {
            Some(_) if self.has(DropsTheWakeTime) => content.wakes.remove(&id),
            Some(at) if self.has(WakesEarly) => content.wakes.insert(id, at - TimeDelta::microseconds(300)),
            Some(at) => content.wakes.insert(id, at),
            None if self.has(KeepsTheWakeTime) => None,
            None => content.wakes.remove(&id),
        };
    }

    fn write(&self, content: &mut Content, commit: Commit) {
        let before = content.records.get(&commit.id).filter(|(_, until)| self.lives(*until));
        let (is_new, until) = (before.is_none(), self.until(&commit, before.and_then(|(_, until)| *until)));
        let wake_at = self.take(content, &commit);
        let mut record = commit.record;
        let body = record.body();
        if self.has(KeepsTextOnly) && str::from_utf8(&body).is_err() {
            record = Record::compose(record.stamp(), String::from_utf8_lossy(&body).as_bytes());
        } else if self.has(CutsLongBodies) && body.len() > 0xffff {
            record = Record::compose(record.stamp(), &body[..0xffff]);
        }
        content.written.insert(record.stamp());
        if self.has(SweepsUncounted) {
            let (gone, records): (BTreeMap<_, _>, _) =
                std::mem::take(&mut content.records).into_iter().partition(|(_, (_, until))| !self.lives(*until));
            content.records = records;
            content.wakes.retain(|id, _| !gone.contains_key(id));
        }
        if !self.has(KeepsTheFirstFlow) || !content.flows.contains_key(&commit.id) {
            content.flows.insert(commit.id, commit.flow);
        }
        content.records.insert(commit.id, (record, until));
        let wake_at = wake_at.filter(|_| !self.has(DropsTheEntryThatIsRight) || commit.wake_index != WakeIndex::Right);
        let keeps = self.has(KeepsTheWakeTimeOfExpired) && is_new && wake_at.is_none();
        if !keeps && (is_new || !self.has(DropsTheWakeTimeOfUpdates)) {
            self.set_wake(content, commit.id, wake_at);
        }
    }

    /// Takes letters off, and tells when the session is to be looked at.
    fn take(&self, content: &mut Content, commit: &Commit) -> Option<DateTime<Utc>> {
        let now = self.now();
        let before = content.wakes.get(&commit.id).copied();
        let inbox = content.inboxes.entry(commit.id).or_default();
        if self.has(TakesByNumber) {
            inbox.drain(..commit.takes.len().min(inbox.len()));
        } else if !self.has(TakesNothing) {
            inbox.retain(|letter| !commit.takes.contains(&letter.name));
        }
        if self.has(TakesEverything) && !commit.takes.is_empty() {
            inbox.clear();
        }
        match commit.while_waiting {
            _ if inbox.is_empty() && self.has(KeepsLookingAfterLetters) => before,
            _ if inbox.is_empty() || self.has(LeavesLettersToNobody) => commit.wake_at,
            Some(_) if self.has(RenewsNoLease) => before,
            Some(lease) => TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease)),
            None if self.has(PutsLettersOff) => commit.wake_at.or(before),
            None if self.has(WakesForLettersOnly) => before,
            None => [before, commit.wake_at].into_iter().flatten().min(),
        }
    }

    fn waiting(&self, content: &Content, id: SessionId) -> usize {
        if self.has(TellsNoneWaiting) { 0 } else { content.inboxes.get(&id).map_or(0, Vec::len) }
    }

    fn is_of(&self, content: &Content, id: SessionId, flow: &str) -> bool {
        let is = |found: &Cow<'_, str>| match self.defect {
            Some(WakesForAnyFlow) => true,
            Some(ComparesFlowsByPrefix) => found.starts_with(flow),
            Some(ComparesFlowsInAnyCase) => found.eq_ignore_ascii_case(flow),
            _ => found == flow,
        };
        content.flows.get(&id).is_some_and(is)
    }

    fn due_now(&self, content: &Content, flow: &str, now: DateTime<Utc>) -> Vec<SessionId> {
        let lives = |id: &SessionId| match content.records.get(id) {
            _ if !self.has(WakesForRecordsOnly) && content.inboxes.get(id).is_some_and(|inbox| !inbox.is_empty()) => {
                true
            }
            Some((_, until)) => self.has(WakesExpired) || self.lives(*until),
            None => self.has(RemovesTheRecordOnly),
        };
        let is_due = |(id, at): &(&SessionId, &DateTime<Utc>)| {
            let is_of = self.has(LeasesForAnyFlow) || self.is_of(content, **id, flow);
            **at <= now && lives(id) && is_of
        };
        let mut due: Vec<_> = content.wakes.iter().filter(is_due).collect();
        due.sort_by_key(|(id, at)| (if self.has(WakesInAnyOrder) { now } else { **at }, **id));
        due.into_iter().map(|(id, _)| *id).collect()
    }
}

impl PlainStore {
    /// Counts the sessions of the flow that had a wake time, which has come, and have expired.
    fn forget(&self, content: &mut Content, flow: &str, now: DateTime<Utc>) -> u64 {
        let is_gone = |id: &SessionId| content.records.get(id).is_some_and(|(_, until)| !self.lives(*until));
        let is_counted = |id: &SessionId| self.has(CountsTheForgottenOfAnyFlow) || self.is_of(content, *id, flow);
        let mut forgotten: Vec<_> = if self.has(CountsAllThatExpired) {
            content.records.keys().filter(|id| is_gone(id) && is_counted(id)).copied().collect()
        } else {
            let due = content.wakes.iter().filter(|(_, at)| **at <= now).map(|(id, _)| id);
            due.filter(|id| is_gone(id) && is_counted(id)).copied().collect()
        };
        if self.has(CountsNoneOfTheForgotten) {
            forgotten.clear();
        }
        for id in forgotten.iter().filter(|_| !self.has(CountsTheForgottenAgain)) {
            content.wakes.remove(id);
            content.records.remove(id);
        }
        forgotten.len() as u64
    }

    /// How the flow's beat is called.
    fn beat_of(&self, flow: &str) -> String {
        match self.defect {
            Some(BeatsForAnyFlow) => String::new(),
            Some(BeatsInAnyCase) => flow.to_lowercase(),
            _ => flow.to_owned(),
        }
    }

    fn beaten_at(&self) -> DateTime<Utc> {
        if self.has(BeatsByTheMachinesClock) { Utc::now() } else { self.now() }
    }
}

#[async_trait]
impl Heartbeat for PlainStore {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        let now = self.beaten_at();
        let until = match TimeDelta::from_std(lasts) {
            _ if self.has(AddsBeatsUnchecked) => Some(now + lasts),
            lasts => lasts.ok().and_then(|lasts| now.checked_add_signed(lasts)),
        };
        let until = until.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let mut content = self.lock();
        let before = content.beats.get(&self.beat_of(flow)).copied();
        let until = match before {
            Some(before) if self.has(BeatsOnce) => before,
            Some(before) if !self.has(BeatsShorten) => before.max(until),
            _ => until,
        };
        content.beats.insert(self.beat_of(flow), until);
        if self.has(BeatsAsASession) {
            content.records.insert(SessionId::random(), (Record::compose(Stamp::first(), b"beat"), None));
        }
        Ok(())
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let until = self.lock().beats.get(&self.beat_of(flow)).copied();
        Ok(until.filter(|until| self.has(BeatsForEver) || *until > self.beaten_at()))
    }
}

pub(crate) async fn pause() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    std::thread::sleep(Duration::from_micros(200));
}

#[async_trait]
impl Store for PlainStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let content = self.lock();
        let hidden = self.has(LocksWhatIsClaimed) && content.leases.contains(&id);
        let now = if self.has(TellsOneTimeForEver) { DateTime::UNIX_EPOCH } else { self.now() };
        let record = self.living(&content, id).filter(|_| !hidden);
        let are_hidden = self.has(LosesLettersWithTheRecord) && record.is_none() && content.records.contains_key(&id);
        let inbox = content.inboxes.get(&id).into_iter().flatten().filter(|_| !are_hidden).cloned();
        let letters = if self.has(LoadsEveryLetter) { usize::MAX } else { letters };
        Ok(Loaded::new(record, now).with_letters(inbox.take(letters).collect()))
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let mut seen = self.look(&self.lock(), commit.id);
        if self.has(PausesBetweenCompareAndWrite) {
            pause().await;
        }
        let mut content = self.lock();
        if !self.has(PausesBetweenCompareAndWrite) {
            seen = self.look(&content, commit.id);
        }
        let (current, compared) = seen;
        let stamp = commit.record.stamp();
        let repeats =
            compared == Some(stamp) || (self.has(RepeatsOfAnyWriteAreDone) && content.written.contains(&stamp));
        if repeats && !self.has(RepeatsConflict) {
            if self.has(RepeatsSetTheWakeTime) {
                self.set_wake(&mut content, commit.id, commit.wake_at);
            }
            if self.has(RepeatsTakeLetters) {
                let inbox = content.inboxes.entry(commit.id).or_default();
                inbox.drain(..commit.takes.len().min(inbox.len()));
            }
            return Ok(Verdict::Done { waiting: self.waiting(&content, commit.id) });
        }
        if self.has(WritesOnce) && compared.is_some() && self.as_expected(commit.expect, compared) {
            return Ok(Verdict::Done { waiting: self.waiting(&content, commit.id) });
        }
        let first = content.inboxes.get(&commit.id).and_then(|inbox| inbox.first());
        let must_wait = commit.in_line
            && !self.has(OvertakesLetters)
            && first.is_some_and(|first| !commit.takes.contains(&first.name));
        if must_wait || !self.as_expected(commit.expect, compared) {
            if self.has(TellsWhatLost) {
                self.tell(&mut content, commit.id);
            }
            return Ok(self.conflict(&mut content, &commit, current));
        }
        let id = commit.id;
        let is_told = (commit.told || self.has(TellsUnasked))
            && !(self.has(TellsOfNewSessionsOnly) && content.records.contains_key(&id));
        self.write(&mut content, commit);
        if is_told {
            self.tell(&mut content, id);
        }
        Ok(Verdict::Done { waiting: self.waiting(&content, id) })
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        let mut before = self.lock().inboxes.get(&post.id).cloned().unwrap_or_default();
        if self.has(PostsInTwoSteps) {
            pause().await;
        }
        let mut content = self.lock();
        if !self.has(PostsInTwoSteps) {
            before = content.inboxes.get(&post.id).cloned().unwrap_or_default();
        }
        if before.iter().any(|letter| letter.name == post.letter.name) && !self.has(KnowsNoLetter) {
            if self.has(WritesKnownLettersAgain) {
                before.retain(|letter| letter.name != post.letter.name);
                before.push(post.letter);
                content.inboxes.insert(post.id, before);
            }
            return Ok(Posted::Known);
        }
        let bytes: usize = before.iter().map(|letter| letter.body.len()).sum();
        let is_full = (before.len() >= post.letters && !self.has(CountsNoLetters))
            || (bytes + post.letter.body.len() > post.bytes && !self.has(CountsNoBytes));
        if is_full {
            return Ok(Posted::Full);
        }
        let is_first = before.is_empty();
        let mut letter = post.letter;
        if self.has(KeepsTextOnly) && str::from_utf8(&letter.body).is_err() {
            letter.body = String::from_utf8_lossy(&letter.body).into_owned().into();
        }
        before.insert(if self.has(PostsToTheFront) { 0 } else { before.len() }, letter);
        content.inboxes.insert(post.id, before);
        if self.has(PostsWriteTheRecord)
            && let Some((record, _)) = content.records.get_mut(&post.id)
        {
            *record = Record::compose(record.stamp().next(), &record.body());
        }
        if self.has(PostsRenewTheTimeToLive)
            && let Some((_, until)) = content.records.get_mut(&post.id)
        {
            *until = until.map(|until| until + TimeDelta::days(1));
        }
        if (is_first && !self.has(FirstLettersClaimNothing)) || self.has(EveryLetterClaims) {
            let until = TimeDelta::from_std(post.lease).ok().and_then(|lease| self.now().checked_add_signed(lease));
            content.flows.insert(post.id, post.flow);
            content.wakes.insert(post.id, until.unwrap_or(DateTime::<Utc>::MAX_UTC));
        }
        Ok(if is_first { Posted::First } else { Posted::Behind })
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let mut content = self.lock();
        let had_letters = content.inboxes.get(&id).is_some_and(|inbox| !inbox.is_empty());
        if !self.has(RemovesNoLetters) {
            content.inboxes.remove(&id);
        }
        let lived = self.living(&content, id).is_some() || (had_letters && !self.has(RemovesWithoutTellingLetters));
        let existed = content.records.remove(&id).is_some();
        content.removed.push(id);
        if self.has(RemovesEverything) {
            content.records.clear();
        }
        if !self.has(RemovesTheRecordOnly) {
            content.wakes.remove(&id);
        }
        if lived && !self.has(TellsNoRemoval) {
            self.tell(&mut content, id);
        }
        Ok(lived || self.has(RemovesWithoutLooking) || (existed && self.has(RemovesExpired)))
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let Claim { flow, lease, limit, not_after, .. } = claim;
        let now = self.now();
        let judged_at = match not_after {
            Some(not_after) if self.has(JudgesByTheTimeOfTheCaller) => not_after,
            Some(not_after) if !self.has(OverlooksNotAfter) => not_after.min(now),
            _ => now,
        };
        let mut due = self.due_now(&self.lock(), &flow, judged_at);
        if self.has(ClaimsInTwoSteps) {
            pause().await;
        }
        let mut content = self.lock();
        if !self.has(ClaimsInTwoSteps) {
            due = self.due_now(&content, &flow, judged_at);
        }
        let forgotten = self.forget(&mut content, &flow, judged_at);
        if !self.has(ClaimsWithoutLimit) {
            due.truncate(limit);
        }
        for id in due.iter().filter(|_| !self.has(ClaimsWithoutLease)) {
            content.leases.insert(*id);
            if self.has(ClaimsForEver) {
                content.wakes.remove(id);
            } else {
                let since = if self.has(LeasesFromTheWakeTime) { content.wakes[id] } else { now };
                content.wakes.insert(*id, since + lease);
            }
        }
        due.retain(|id| self.is_of(&content, *id, &flow));
        Ok(Due::new(due, if self.has(ClaimsTellNoTime) { DateTime::UNIX_EPOCH } else { now }).forgotten(forgotten))
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        Some(self)
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let content = self.lock();
        let removed = content.removed.iter().filter(|_| self.has(BrowsesRemoved));
        let living = content.records.iter().filter(|(id, (_, until))| {
            let is_browsed = !self.has(BrowsesOneFlow) || content.flows.get(*id).is_some_and(|flow| flow == "booking");
            (self.has(BrowsesExpired) || self.lives(*until)) && is_browsed
        });
        let mut ids: Vec<_> = living.map(|(id, _)| *id).chain(removed.copied()).collect();
        ids.sort_unstable();
        if self.has(BrowsesByPosition) {
            let start: usize =
                after.map_or(Ok(0), |cursor| cursor.0.parse()).map_err(|e| StoreError::Refused(Box::new(e)))?;
            let ids: Vec<_> = ids.into_iter().skip(start).take(limit).collect();
            let next = (ids.len() == limit).then(|| Cursor((start + limit).to_string()));
            return Ok(Page::new(ids, next));
        }
        if let Some(Cursor(text)) = after {
            let id: SessionId = match text.parse() {
                Ok(id) => id,
                Err(error) if self.has(FailsOnForeignCursors) => return Err(StoreError::Corrupt(Box::new(error))),
                Err(error) => return Err(StoreError::Refused(Box::new(error))),
            };
            ids.retain(|other| *other > id || (*other == id && self.has(BrowsesTheLastOfAPageTwice) && limit > 1));
            if self.has(BrowsesPastTheFirstOfAPage) && !ids.is_empty() {
                ids.remove(0);
            }
        }
        let more = ids.len() > limit;
        ids.truncate(limit);
        let next = ids.last().filter(|_| more).map(|id| Cursor(id.to_string()));
        Ok(Page::new(ids, next))
    }

    fn roster(&self) -> Option<&dyn Roster> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        Some(self)
    }
}

impl PlainStore {
    fn tell(&self, content: &mut Content, id: SessionId) {
        if self.has(TellsNothing) {
            return;
        }
        content.told.push(id);
        let changed = if self.has(TellsPerhapsOnly) { Changed::Perhaps } else { Changed::Session(id) };
        let mut is_first = true;
        let mut is_told = |ear: &mut Ear| {
            let is_passed_over = (self.has(TellsTheFirstListenerOnly) && !is_first)
                || (self.has(TellsItsOwnHandleOnly) && ear.handle != self.handle);
            is_first = false;
            if self.has(DropsWhatHasNoRoom) {
                ear.room = ear.room.saturating_sub(1);
            }
            is_passed_over || ear.room == 0 || ear.teller.tell(changed)
        };
        if self.has(ForgetsAllListenersWithOne) && !content.tellers.iter_mut().all(&mut is_told) {
            content.tellers.clear();
        } else if !self.has(ForgetsAllListenersWithOne) {
            content.tellers.retain_mut(is_told);
        }
    }
}

#[async_trait]
impl Changes for PlainStore {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        let (teller, listener) = Teller::new();
        let mut content = self.lock();
        for id in content.told.iter().filter(|_| self.has(TellsThePast)) {
            teller.tell(Changed::Session(*id));
        }
        content.tellers.push(Ear { handle: self.handle, teller, room: 1_000 });
        Ok(if self.has(LosesWhatADroppedWaitHeard) { Box::new(Hesitant(listener)) } else { listener })
    }
}

/// Hears, and then does something else before it says so.
struct Hesitant(Box<dyn Listener>);

#[async_trait]
impl Listener for Hesitant {
    async fn next(&mut self) -> Result<Changed, StoreError> {
        let told = self.0.next().await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        told
    }
}

#[async_trait]
impl Roster for PlainStore {
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let content = self.lock();
        let after = after.map(|Cursor(text)| text.parse::<SessionId>().expect("a cursor of this store"));
        let is_behind = |id: SessionId| {
            after.is_none_or(|after| id > after || (id == after && self.has(ListsTheLastOfAPageTwice) && limit > 1))
        };
        let theirs = content.records.iter().filter(|(id, (_, until))| {
            self.lives(*until) && (self.has(ListsOtherFlows) || content.flows.get(*id).is_some_and(|of| of == flow))
        });
        let ids: Vec<_> = theirs.map(|(id, _)| *id).filter(|id| is_behind(*id)).take(limit).collect();
        let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
        Ok(Page::new(ids, next))
    }

    async fn count(&self, flow: &str) -> Result<u64, StoreError> {
        let content = self.lock();
        let theirs = content.records.iter().filter(|(id, (_, until))| {
            (self.has(CountsExpired) || self.lives(*until))
                && (self.has(CountsOtherFlows) || content.flows.get(*id).is_some_and(|of| of == flow))
        });
        Ok(theirs.count() as u64)
    }
}
