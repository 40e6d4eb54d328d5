//! The store: [`RedisStore`].

use std::{fmt, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Prefix, Record, SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Confirming, Cursor, Due, Expect, Heartbeat, Letter, Listener, Loaded, Page, Post,
        Posted, Quarantine, Verdict, WakeIndex,
    },
};
use redis::Value;
use tokio::time::Instant;

use crate::{
    ConnectError, Health, RedisStoreBuilder,
    beats::Beats,
    browsing,
    connection::{Link, Node, Replicas},
    health::Report,
    keys::Keys,
    old_index::OldIndex,
    redis_failure::RedisFailure,
    scripts::{COMMIT, COMMIT_AND_TELL, COMMIT_OVER, CONFIRM, POST, REMOVE},
    server_call::ServerCall,
    server_time::{self, ServerTime},
    waking::{Waking, whole},
    watch::Watch,
};

/// Keeps live records in Redis, or in a server that speaks as it does.
///
/// All calls share one connection, which is made anew when it breaks or no longer answers. Record, wake time and expiry
/// of a session are written in one step.
pub struct RedisStore {
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    replicas: Option<Replicas>,
    old_index: OldIndex,
    time: ServerTime,
}

impl RedisStore {
    /// Connects to the server at `url`: `redis://`, `rediss://` or `unix://`; or to the master that sentinels name:
    /// `redis+sentinel://user:password@host:port,host:port/service`, with `?sentinel_password=…`; or to the cluster that
    /// these nodes are of: `redis+cluster://user:password@host:port,host:port`.
    ///
    /// Fails as [`RedisStoreBuilder::connect`] does.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Begins a store with a user, a prefix, deadlines, or a connection that is made when it is first needed.
    pub fn builder(url: &str) -> RedisStoreBuilder {
        RedisStoreBuilder::new(url)
    }

    /// What the server says of itself, with warnings where it breaks a promise.
    ///
    /// What the server keeps from us is a warning, not an error.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let masters = self.link.masters().await.map_err(RedisFailure::of_reading)?;
        let mut report = Report::default();
        // Every master of a cluster is asked, and the worst of them is what is told.
        for node in masters.iter().map(Some).chain(masters.is_empty().then_some(None)) {
            let told = self.report(&["INFO"], node).await?;
            report = report.and_worse(told.and(self.report(&["CONFIG", "GET", "appendfsync"], node).await?));
        }
        let began = Instant::now();
        let loaded = self.load(SessionId::random(), 0).await?;
        let (round_trip, skew) = (began.elapsed(), loaded.now - Utc::now());
        let unattended = async { self.beats().unattended(&self.time.ask(&self.link).await?).await };
        let unattended = unattended.await.map_err(RedisFailure::of_reading)?;
        Ok(report.health(round_trip, skew, unattended))
    }

    pub(crate) fn over(link: Link, keys: Keys, replicas: Option<Replicas>) -> Self {
        Self { link, keys, replicas, old_index: OldIndex::default(), time: ServerTime::default() }
    }

    pub(crate) async fn connected(&self) -> Result<(), RedisFailure> {
        self.link.connect().await
    }

    /// Waits until the replicas have all that was written of a session before, if they are to confirm what is written.
    async fn confirm_written(&self, id: SessionId) -> Result<(), StoreError> {
        let Some(Replicas { count: wanted, .. }) = self.replicas else { return Ok(()) };
        let call = ServerCall::script(&CONFIRM, &[self.keys.flows(id)]).confirmed_by(self.replicas, Keys::slot(id));
        match self.link.ask(&call).await.map_err(RedisFailure::of_writing)? {
            Value::Array(answers) => match answers[..] {
                [_, Value::Int(confirmed)] if confirmed >= wanted.into() => Ok(()),
                [_, Value::Int(confirmed)] => Err(RedisFailure::Unreplicated { confirmed, wanted }.of_writing()),
                _ => Err(RedisFailure::Unexpected.of_writing()),
            },
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }

    /// Writes a record over another of the same session; none if letters wait.
    async fn commit_over(&self, commit: &Commit, expected: &Prefix) -> Result<Option<Verdict>, StoreError> {
        let Commit { id, record, flow, .. } = commit;
        let mut keys = vec![self.keys.record(*id), self.keys.inbox(*id)];
        let writes_index = commit.wake_index != WakeIndex::Right;
        if writes_index {
            keys.extend([self.keys.wake(flow, *id), self.keys.flows(*id)]);
        }
        let mut call = ServerCall::script(&COMMIT_OVER, &keys)
            .with(&record.bytes()[..])
            .with(expected.bytes())
            .with(milliseconds(commit.time_to_live))
            .confirmed_by(self.replicas, Keys::slot(*id));
        if writes_index {
            call = call.with(score(commit.wake_at)).with(id.to_string()).with(&**flow);
        }
        self.committed(*id, &call).await
    }

    /// Calls a script that commits, and gives what has become of it; none if it is not for this script.
    async fn committed(&self, id: SessionId, call: &ServerCall) -> Result<Option<Verdict>, StoreError> {
        let answers = match self.link.ask(call).await.map_err(RedisFailure::of_writing)? {
            Value::Int(0) => return Ok(None),
            Value::Int(stored @ 1..) => return Ok(Some(done(stored))),
            // It was stored by a call before, which may not have been confirmed.
            Value::Int(stored) => {
                self.confirm_written(id).await?;
                return Ok(Some(done(-stored)));
            }
            Value::Array(answers) => answers,
            _ => return Err(RedisFailure::Unexpected.of_writing()),
        };
        match (&answers[..], self.replicas) {
            ([Value::Int(stored @ 1..), Value::Int(confirmed)], Some(Replicas { count: wanted, .. })) => {
                let failure = RedisFailure::Unreplicated { confirmed: *confirmed, wanted };
                if *confirmed >= wanted.into() { Ok(Some(done(*stored))) } else { Err(failure.of_writing()) }
            }
            ([stored, seconds, microseconds], _) => {
                let loaded = loaded(stored.clone(), server_time::time_of(seconds, microseconds));
                loaded.map(|loaded| Some(Verdict::Conflict(loaded)))
            }
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }

    fn beats(&self) -> Beats<'_> {
        Beats { link: &self.link, keys: &self.keys }
    }

    async fn report(&self, words: &[&str], node: Option<&Node>) -> Result<Report, StoreError> {
        match self.link.ask(&ServerCall::command(words).of(node)).await {
            Ok(answer) => Ok(Report::read(&answer)),
            Err(RedisFailure::Answer(_)) => Ok(Report::default()),
            Err(failure) => Err(failure.of_reading()),
        }
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let key = self.keys.record(id);
        let mut call = ServerCall::timed(&[Keys::slot(id)], [["GET", &key]].into_iter());
        if letters > 0 {
            // Later than the record: a letter that was taken off in between is none that it has not.
            call = call.and(&["LRANGE", &self.keys.inbox(id), "0", &(letters - 1).to_string()]);
        }
        let Value::Array(answers) = self.link.ask(&call).await.map_err(RedisFailure::of_reading)? else {
            return Err(RedisFailure::Unexpected.of_reading());
        };
        let mut answers = answers.into_iter();
        let (Some(time), Some(stored)) = (answers.next(), answers.next()) else {
            return Err(RedisFailure::Unexpected.of_reading());
        };
        let loaded = loaded(stored, server_time::read(&time))?;
        match answers.next() {
            Some(Value::Array(letters)) => {
                Ok(loaded.with_letters(letters.iter().map(letter).collect::<Result<_, _>>()?))
            }
            Some(_) => Err(RedisFailure::Unexpected.of_reading()),
            None => Ok(loaded),
        }
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        if let Some(expected) = written_over(&commit)
            && let Some(verdict) = self.commit_over(&commit, expected).await?
        {
            return Ok(verdict);
        }
        let Commit {
            id, expect, record: new, flow, time_to_live, wake_at, takes, in_line, while_waiting, told, ..
        } = commit;
        let (wake, flows) = (self.keys.wake(&flow, id), self.keys.flows(id));
        let expected = match expect {
            Expect::Absent => None,
            Expect::At(prefix) => Some(prefix),
        };
        let keys = [self.keys.record(id), wake, flows, self.keys.old_wake(id), self.keys.inbox(id)];
        let script = if told { &COMMIT_AND_TELL } else { &COMMIT };
        let mut call = ServerCall::script(script, &keys)
            .with(&new.bytes()[..])
            .with(new.prefix().bytes())
            .with(expected.as_ref().map(Prefix::bytes).unwrap_or_default())
            .with(milliseconds(time_to_live))
            .with(score(wake_at))
            .with(id.to_string())
            .with(&*flow)
            .with(while_waiting.map_or(String::new(), |lease| whole(lease).to_string()))
            .with(i32::from(in_line))
            .confirmed_by(self.replicas, Keys::slot(id));
        for name in &takes {
            call = call.with(&name[..]);
        }
        self.committed(id, &call).await?.ok_or_else(|| RedisFailure::Unexpected.of_writing())
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        let Post { id, flow, letter, lease, letters, bytes, .. } = post;
        let keys = [self.keys.inbox(id), self.keys.wake(&flow, id), self.keys.flows(id)];
        let call = ServerCall::script(&POST, &keys)
            .with([&letter.name[..], &letter.body].concat())
            .with(letters)
            .with(bytes)
            .with(whole(lease))
            .with(id.to_string())
            .with(&*flow)
            .confirmed_by(self.replicas, Keys::slot(id));
        let posted = match (self.link.ask(&call).await.map_err(RedisFailure::of_writing)?, self.replicas) {
            (Value::Int(posted), _) => posted,
            (Value::Array(answers), Some(Replicas { count: wanted, .. })) => match answers[..] {
                [Value::Int(posted), Value::Int(confirmed)] if confirmed >= wanted.into() => posted,
                [Value::Int(_), Value::Int(confirmed)] => {
                    return Err(RedisFailure::Unreplicated { confirmed, wanted }.of_writing());
                }
                _ => return Err(RedisFailure::Unexpected.of_writing()),
            },
            _ => return Err(RedisFailure::Unexpected.of_writing()),
        };
        match posted {
            0 => Ok(Posted::Full),
            1 => Ok(Posted::First),
            2 => Ok(Posted::Behind),
            // It was posted by a call before, which may not have been confirmed.
            -3 => {
                self.confirm_written(id).await?;
                Ok(Posted::Known)
            }
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let keys = [self.keys.record(id), self.keys.inbox(id), self.keys.flows(id), self.keys.old_wake(id)];
        let call = ServerCall::script(&REMOVE, &keys);
        let call = call.with(id.to_string()).only_once();
        match self.link.ask(&call).await.map_err(RedisFailure::of_writing)? {
            Value::Int(removed) => Ok(removed > 0),
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }

    /// Looks at all that is due, and then claims what is due the longest, each node by its own time. While others claim, and
    /// where very many are due at once, it may give fewer than there are.
    ///
    /// What an older release left in its index, which knew no flows, is taken over on the way.
    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let Self { link, keys, time, .. } = self;
        let times = time.of_all_parts(link).await.map_err(RedisFailure::of_reading)?;
        // Taken over too early is harmless.
        let now = times.into_iter().max().unwrap_or_default().timestamp_millis();
        self.old_index.adopt(link, keys, &claim.flow, now).await.map_err(RedisFailure::of_reading)?;
        Waking { link, keys, time, claim: &claim }.claim().await
    }

    /// Pages are the server's own (`SCAN`): one may be empty, or somewhat longer than asked for.
    ///
    /// Fails with [`StoreError::Refused`] if the cursor is no server's, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        browsing::page(&self.link, &self.keys, after, limit).await
    }

    /// The nodes of a cluster have a clock each, and each part of the sessions is on one of them, sooner or later on another.
    fn clock_of(&self, id: SessionId) -> Option<u16> {
        self.link.is_to_a_cluster().then(|| Keys::part(id))
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        Some(self)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        Some(self)
    }

    /// Where replicas are to confirm what is written: what they have not confirmed in time, they are asked about again.
    fn confirming(&self) -> Option<&dyn Confirming> {
        self.replicas.map(|_| self as &dyn Confirming)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        Some(self)
    }
}

#[async_trait]
impl Confirming for RedisStore {
    async fn confirm(&self, id: SessionId) -> Result<(), StoreError> {
        self.confirm_written(id).await
    }
}

/// A listener has a connection of its own. After five seconds of silence it sends itself a word by way of the store's other connection:
/// if that is not heard, the connection is made anew.
#[async_trait]
impl Changes for RedisStore {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        let watch = Watch::over(self.link.clone(), &self.keys);
        watch.begin().await.map_err(RedisFailure::of_reading)
    }
}

#[async_trait]
impl Heartbeat for RedisStore {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        self.beats().beat(flow, lasts).await.map_err(RedisFailure::of_writing)
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.beats().alive_until(flow).await.map_err(RedisFailure::of_reading)
    }
}

/// The record that a commit is written over, if it is the common kind: nothing has to be looked for in the indexes of other flows and older
/// releases, it takes no letters, and is told to nobody.
fn written_over(commit: &Commit) -> Option<&Prefix> {
    match &commit.expect {
        Expect::At(prefix) if commit.wake_index != WakeIndex::Unknown => {
            Some(prefix).filter(|_| commit.takes.is_empty() && !commit.told)
        }
        Expect::At(_) | Expect::Absent => None,
    }
}

/// A wake time as the scripts take it; nothing for none.
fn score(wake_at: Option<DateTime<Utc>>) -> String {
    wake_at.map_or(String::new(), |wake_at| ceil(wake_at).to_string())
}

/// A time to live as the scripts take it; nothing if it is for ever.
fn milliseconds(time_to_live: Option<Duration>) -> String {
    time_to_live.and_then(lifetime).map_or(String::new(), |lifetime| lifetime.to_string())
}

/// Longer than any server can count.
const FOR_EVER: u128 = 1 << 50;

/// The milliseconds of a time to live; at least one, because a server refuses none, and none if it is for ever.
pub(crate) fn lifetime(time_to_live: Duration) -> Option<u128> {
    Some(time_to_live.as_millis().max(1)).filter(|milliseconds| *milliseconds < FOR_EVER)
}

/// The first whole millisecond that is not before `time`, so that nothing is due early.
fn ceil(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis() + i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

/// The script counts the record with the letters that are left.
fn done(stored: i64) -> Verdict {
    Verdict::Done { waiting: usize::try_from(stored - 1).unwrap_or_default() }
}

/// A letter as it is stored: its name, and then its body.
fn letter(stored: &Value) -> Result<Letter, StoreError> {
    let Value::BulkString(bytes) = stored else { return Err(RedisFailure::Unexpected.of_reading()) };
    match bytes.split_first_chunk() {
        Some((name, body)) => Ok(Letter::new(*name, body.to_vec())),
        None => Err(StoreError::Corrupt(Box::new(RedisFailure::Unexpected))),
    }
}

fn loaded(stored: Value, now: Option<DateTime<Utc>>) -> Result<Loaded, StoreError> {
    let now = now.ok_or_else(|| RedisFailure::Unexpected.of_reading())?;
    let record = match stored {
        Value::Nil => None,
        Value::BulkString(bytes) => Some(Record::read(bytes)?),
        _ => return Err(RedisFailure::Unexpected.of_reading()),
    };
    Ok(Loaded::new(record, now))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("keys", &self.keys).finish_non_exhaustive()
    }
}
