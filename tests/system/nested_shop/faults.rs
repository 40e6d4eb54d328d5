//! The shop over a store and an archive that fail as networks do, in two processes: answers and requests are lost, writes come late, or
//! conflict with nothing. What was told to be stored is so, as it has to be, and nothing is there twice.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, Engine, SessionId, Store, StoreError,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
};
use flow_memory::{MemoryArchive, MemoryStore};
use flow_testkit::{Faults, FaultyStore, ManualClock};
use tokio::{sync::Mutex, time::sleep};

use super::{Dice, Shop, TURNS, essence_of, is_same, ledger, shop, told, was_all_told};

/// An archive that is away one time in eight, before it has kept something, or after.
#[derive(Debug)]
struct Unsure {
    archive: MemoryArchive,
    dice: Mutex<Dice>,
}

impl Unsure {
    async fn is_here(&self) -> Result<(), StoreError> {
        let is_away = self.dice.lock().await.below(8) == 0;
        if is_away { Err(StoreError::Unavailable("the connection was refused".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Archive for Unsure {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.is_here().await?;
        let kept = self.archive.put(entries).await;
        self.is_here().await?;
        kept
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.is_here().await?;
        self.archive.latest(id).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        self.archive.history(id, from, limit).await
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.archive.checkpoints(id).await
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.archive.purge_before(time, limit).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.archive.erase(id, at).await
    }
}

async fn survives(seed: u64) {
    let (folder, oracle) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let stories = told(oracle.path(), seed).await;
    let (clock, mut dice) = (ManualClock::default(), Dice(seed));
    let behind: Arc<dyn Store> = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
    let store = Arc::new(FaultyStore::new(Arc::clone(&behind), Faults::each(4), seed));
    let archive = Arc::new(Unsure { archive: MemoryArchive::new(), dice: Mutex::new(Dice(seed)) });
    let process =
        |store: Arc<dyn Store>| shop(folder.path()).clock(clock.clone()).archive(Arc::clone(&archive)).store(store);
    let processes: [Engine<Shop>; 2] = [process(store.clone()), process(store.clone())];
    let sound = process(Arc::clone(&behind));
    for number in 0..TURNS {
        for story in &stories {
            for tries in 0.. {
                assert!(tries < 50, "{number} is never stored");
                let process = &processes[dice.below(2)];
                if dice.below(6) == 0 {
                    process.worker().look().await.ok();
                }
                if dice.below(4) == 0 {
                    // It waits in the inbox, and comes once more before anybody has looked there, or after.
                    process.accept(story.id, story.message(number)).await.ok();
                    sleep(Duration::from_millis(dice.below(3) as u64 * 50)).await;
                }
                match process.handle(story.id, story.message(number)).await {
                    Ok(outcome) if outcome.is_stored() => {
                        assert_eq!(outcome.texts(), story.replies[number], "{number} of {:?}", story.said);
                        break;
                    }
                    _ => sleep(Duration::from_secs(1)).await,
                }
                clock.advance(Duration::from_secs(1));
            }
            let is = essence_of(&sound, &*behind, story.id).await;
            assert!(is_same(&story.after[number], &is), "{number} of {:?}: {is:#}", story.said);
        }
    }
    for story in &stories {
        for looks in 0.. {
            assert!(looks < 200, "it does not come to rest");
            clock.advance(Duration::from_secs(60));
            sound.worker().look().await.expect("the store tells what is due");
            let session = sound.peek(story.id).await.expect("it is read").expect("a session");
            assert!(session.set_aside().is_empty(), "{:?}", session.set_aside());
            if session.pending() == 0 && sound.archive_now(story.id).await.is_ok() {
                break;
            }
        }
    }
    was_all_told(&stories, &ledger(folder.path()), &ledger(oracle.path()), &*archive).await;
    let counts = store.counts();
    assert!(
        counts.replies_lost > 5 && counts.requests_lost > 5 && counts.conflicts > 5 && counts.late > 5,
        "{counts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_shop_over_a_store_that_fails_stands_where_it_said() {
    let seeds = std::env::var("FLOW_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2);
    for seed in 1..=seeds {
        survives(seed).await;
    }
}
