//! Random conversations over a store that fails as networks do: whatever happens, the promises of a turn hold.
//!
//! Two visitors write to one session through two engines; messages come twice, turns are dropped in the middle, the
//! store loses and delays. Timers run out; in some conversations workers run, are killed and shut down, and in some all of
//! it is archived, where the archive is away now and then. A seed decides all of it. `FLOW_SEEDS` says how many are played, and `FLOW_SEED=7` plays
//! that one alone.

mod broken;
mod check;
mod conversation;
mod talk;
mod unsure_archive;

use std::{env, sync::Arc};

use flow_core::Store;
use flow_memory::MemoryStore;
use flow_testkit::Faults;

use broken::{Broken, Defect};
use conversation::{Virtual, play};

#[test]
fn every_seed_keeps_every_promise() {
    let one = env::var("FLOW_SEED").ok().and_then(|seed| seed.parse().ok());
    let many = env::var("FLOW_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2_000);
    let seeds = one.map_or(0..many, |seed| seed..seed + 1);
    for seed in seeds {
        if let Err(broken) = play_over(seed, memory) {
            panic!("{broken}\nagain: FLOW_SEED={seed} cargo test -p flow-testkit --test random");
        }
    }
}

#[test]
fn every_fault_is_met() {
    let played = (0..20).map(|seed| play_over(seed, memory).expect("a seed that holds").counts);
    let met = played.fold([0; 7], |met, counts| {
        let here = [
            counts.applied,
            counts.replies_lost,
            counts.requests_lost,
            counts.refused,
            counts.delayed,
            counts.conflicts,
            counts.late,
        ];
        std::array::from_fn(|fault| met[fault] + here[fault])
    });
    assert!(met.iter().all(|times| *times > 5), "{met:?}");
}

#[test]
fn a_seed_plays_the_same_way_again() {
    for seed in 0..8 {
        let twice = [0, 1].map(|_| play_over(seed, memory));
        assert!(twice[0] == twice[1], "{twice:?}");
    }
}

#[test]
fn stores_that_break_their_promises_are_found_out() {
    for defect in [Defect::DropsWrites, Defect::LetsStaleStampsThrough, Defect::GivesOldRecords] {
        let found = (0..50).any(|seed| play_over(seed, |clock| Arc::new(Broken::new(defect, clock))).is_err());
        assert!(found, "{defect:?} was not found in 50 seeds");
    }
}

fn memory(clock: Virtual) -> Arc<dyn Store> {
    Arc::new(MemoryStore::builder().clock(clock).build())
}

/// Plays one seed on a thread of its own kind: one task at a time, in virtual time.
fn play_over(seed: u64, store: impl FnOnce(Virtual) -> Arc<dyn Store>) -> Result<conversation::Played, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    // The pauses of stores and workers differ, and for a seed they differ in the same way.
    fastrand::seed(seed);
    runtime.block_on(play(seed, store, Faults::each(4)))
}
