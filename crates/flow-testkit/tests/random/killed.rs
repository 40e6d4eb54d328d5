//! One conversation that goes on in memory whenever its store is away, in processes that are killed: [`play`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{
    Deadlines, Engine, Input, Limits, Outage, Outcome, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::MemoryStore;
use flow_testkit::{Faults, FaultyStore};
use tokio::time::sleep;

use crate::{
    conversation::{Dice, Log},
    talk::{Talk, Walker},
};

/// What a seed met, to show that it met what it is for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    pub(crate) in_memory: u32,
    pub(crate) repeats_in_memory: u32,
    pub(crate) killed_with_turns_in_memory: u32,
    pub(crate) handed_back: u64,
}

/// How often a message is sent before its sender gives it up.
const TRIES: u64 = 6;

/// Plays the seed: two processes, which lose their store and are killed, and a sender that repeats each message until `is_safe`
/// says of an outcome that it need not.
///
/// Fails if what was safe is not in the session in the end, or anything is there twice.
pub(crate) async fn play(seed: u64, is_safe: fn(&Outcome<Talk>) -> bool) -> Result<Met, String> {
    let dice = Arc::new(Dice::of(seed));
    let store = Arc::new(FaultyStore::new(MemoryStore::new(), Faults::each(5), seed));
    let begin = || Process::begin(&store, &dice);
    let mut processes = [begin(), begin()];
    let (id, mut safe, mut met) = (SessionId::random(), Vec::new(), Met::default());
    let opening = Input::text("hello").with_id("hello");
    while !processes[0].engine.handle(id, opening.clone()).await.is_ok_and(|outcome| outcome.is_stored()) {
        sleep(Duration::from_secs(1)).await;
    }
    for number in 0..24 {
        let word = format!("word-{number}-{}", dice.below(3));
        for _ in 0..=dice.below(TRIES) {
            let process = &processes[usize::from(dice.below(2) == 0)];
            process.leash.is_away.store(dice.below(2) == 0, Ordering::Relaxed);
            let message = Input::text(word.clone()).with_id(word.clone());
            if let Ok(outcome) = process.engine.handle(id, message).await {
                met.in_memory += u32::from(outcome.is_in_memory());
                met.repeats_in_memory += u32::from(outcome.is_in_memory() && outcome.is_repeat());
                if is_safe(&outcome) {
                    safe.push(word);
                    break;
                }
            }
            sleep(Duration::from_millis(dice.below(400))).await;
            if dice.below(5) == 0 {
                let killed = &mut processes[usize::from(dice.below(2) == 0)];
                met.killed_with_turns_in_memory += u32::from(killed.is_ahead().await);
                met.handed_back += killed.engine.stats().handed_back;
                killed.leash.kill();
                *killed = begin();
            }
        }
    }
    for process in &processes {
        process.leash.is_away.store(false, Ordering::Relaxed);
        if !process.engine.shutdown(Duration::from_secs(3600)).await.is_complete() {
            return Err("a shutdown did not come to its end".into());
        }
        met.handed_back += process.engine.stats().handed_back;
    }
    store.heals().await.map_err(|error| error.to_string())?;
    let session = begin().engine.peek(id).await.map_err(|error| error.to_string())?;
    let mut heard = HashMap::<String, u32>::new();
    for word in session.iter().flat_map(|session| &session.shared().words) {
        *heard.entry(word.clone()).or_default() += 1;
    }
    let lost: Vec<_> = safe.iter().filter(|word| !heard.contains_key(*word)).collect();
    if !lost.is_empty() {
        return Err(format!("told to be safe, and lost: {lost:?}"));
    }
    match heard.iter().find(|(_, times)| **times > 1) {
        Some((word, times)) => Err(format!("{word} was heard {times} times")),
        None => Ok(met),
    }
}

/// A process that takes turns.
struct Process {
    engine: Engine<Talk>,
    leash: Arc<Leash>,
}

impl Process {
    fn begin(store: &Arc<FaultyStore>, dice: &Arc<Dice>) -> Self {
        let leash = Arc::new(Leash::to(store));
        let walker = Walker { log: Arc::<Log>::default(), dice: Arc::clone(dice) };
        let engine = Talk::engine(walker)
            .outage(Outage::Memory { sessions: 10 })
            .limits(Limits::default().remembered_messages(200))
            .deadlines(Deadlines::default().store(Duration::from_millis(500)))
            .store(Arc::clone(&leash));
        Self { engine, leash }
    }

    /// Whether it has turns in memory that no store has.
    async fn is_ahead(&self) -> bool {
        self.engine.clone().shutdown(Duration::ZERO).await.only_in_memory() > 0
    }
}

/// What a process reaches the store by. A process that was killed does nothing any more, whatever its tasks were about to do.
#[derive(Debug)]
pub(crate) struct Leash {
    store: Arc<FaultyStore>,
    is_away: AtomicBool,
    is_dead: AtomicBool,
}

impl Leash {
    pub(crate) fn to(store: &Arc<FaultyStore>) -> Self {
        Self { store: Arc::clone(store), is_away: AtomicBool::default(), is_dead: AtomicBool::default() }
    }

    /// Kills the process.
    pub(crate) fn kill(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
    }

    async fn reaches(&self) -> Result<&FaultyStore, StoreError> {
        if self.is_dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let is_away = self.is_away.load(Ordering::Relaxed);
        if is_away { Err(StoreError::Unavailable("connection refused".into())) } else { Ok(&self.store) }
    }
}

#[async_trait]
impl Store for Leash {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.reaches().await?.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.reaches().await?.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.reaches().await?.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.reaches().await?.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.reaches().await?.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.reaches().await?.browse(after, limit).await
    }
}
