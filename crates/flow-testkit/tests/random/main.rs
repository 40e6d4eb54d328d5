//! Random conversations over a store that fails as networks do: whatever happens, the promises of a turn hold.
//!
//! In a conversation two visitors write to one session through two engines; messages come twice, turns are dropped in the middle,
//! the store loses and delays. Timers run out; in some conversations workers run, are killed and shut down, and in some all of
//! it is archived, where the archive is away now and then. In a town (`towns`) there are several sessions and machines, whose clocks
//! differ, and floods, mishaps and operators. In others (`nested`) flows run in flows, and a model says after each turn where it stands.
//!
//! A seed decides all of it. `FLOW_SEEDS` says how many are played, and `FLOW_SEED=7` plays that one alone; the name of a test says
//! of what.

mod broken;
mod check;
mod conversation;
mod killed;
mod nested;
mod talk;
mod towns;
mod unsure_archive;
mod waiting;

use std::{env, sync::Arc};

use flow_core::{Outcome, Store};
use flow_memory::MemoryStore;
use flow_testkit::Faults;
use tokio::runtime::Runtime;

use broken::{Broken, Defect};
use conversation::{Virtual, play};
use waiting::Wait;

#[test]
fn every_seed_keeps_every_promise() {
    for seed in seeds(1_000) {
        if let Err(broken) = play_over(seed, memory) {
            panic!("{broken}\nagain: FLOW_SEED={seed} cargo test -p flow-testkit --test random every_seed");
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

#[test]
fn what_was_told_to_be_stored_is_never_lost_with_a_process() {
    let seeds = env::var("FLOW_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(200);
    let (mut in_memory, mut repeats, mut killed, mut handed_back) = (0, 0, 0, 0);
    for seed in 0..seeds {
        let met = play_killed(seed, Outcome::is_stored).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        in_memory += met.in_memory;
        repeats += met.repeats_in_memory;
        killed += met.killed_with_turns_in_memory;
        handed_back += met.handed_back;
    }
    let met = [u64::from(in_memory), u64::from(repeats), u64::from(killed), handed_back];
    assert!(met.iter().all(|times| *times > seeds / 4), "{met:?}");
}

#[test]
fn a_sender_that_takes_any_repeat_for_stored_is_found_out() {
    let takes_repeats = |outcome: &Outcome<_>| outcome.is_stored() || outcome.is_repeat();
    assert!((0..50).any(|seed| play_killed(seed, takes_repeats).is_err()));
}

#[test]
fn what_waits_is_handled_as_its_flow_declares() {
    let (mut waited, mut killed, mut not_alone) = (0, 0, [0; 3]);
    for (place, wait) in [Wait::OneByOne, Wait::Together, Wait::Latest].into_iter().enumerate() {
        for seed in seeds(100) {
            let met = play_waiting(seed, wait, wait).unwrap_or_else(|broken| {
                panic!(
                    "seed {seed}: {broken}\nagain: FLOW_SEED={seed} cargo test -p flow-testkit --test random what_waits"
                )
            });
            waited += met.waited;
            killed += met.killed;
            not_alone[place] += met.not_alone;
        }
    }
    let is_met = waited > 300 && killed > 300 && not_alone[0] == 0 && not_alone[1] > 100 && not_alone[2] > 100;
    assert!(is_met || seeds(100).count() < 100, "{waited} {killed} {not_alone:?}");
}

#[test]
fn a_flow_that_declares_something_else_is_found_out() {
    // What is handled one by one is what may be joined, too, or the latest of those that wait.
    for (declared, judged) in [
        (Wait::Together, Wait::OneByOne),
        (Wait::Together, Wait::Latest),
        (Wait::Latest, Wait::OneByOne),
        (Wait::Latest, Wait::Together),
    ] {
        let is_found = (0..20).any(|seed| play_waiting(seed, declared, judged).is_err());
        assert!(is_found, "{declared:?} was not told from {judged:?}");
    }
}

fn play_waiting(seed: u64, declared: Wait, judged: Wait) -> Result<waiting::Met, String> {
    paused_runtime(seed).block_on(waiting::play(seed, declared, judged))
}

fn play_killed(seed: u64, is_safe: fn(&Outcome<talk::Talk>) -> bool) -> Result<killed::Met, String> {
    paused_runtime(seed).block_on(killed::play(seed, is_safe))
}

/// Plays one seed on a thread of its own kind: one task at a time, in virtual time.
fn play_over(seed: u64, store: impl FnOnce(Virtual) -> Arc<dyn Store>) -> Result<conversation::Played, String> {
    paused_runtime(seed).block_on(play(seed, store, Faults::each(4)))
}

fn paused_runtime(seed: u64) -> Runtime {
    // The pauses of stores and workers differ, and for a seed they differ in the same way.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime")
}

#[test]
fn every_town_keeps_every_promise() {
    let (mut broken, mut met) = (Vec::new(), towns::Met::default());
    for seed in seeds(TOWNS) {
        match play_town(seed, None) {
            Ok(here) => here.into_iter().for_each(|(what, times)| *met.entry(what).or_default() += times),
            Err(story) => broken.push((seed, story)),
        }
    }
    if let Some((seed, story)) = broken.first() {
        let list: Vec<_> = broken.iter().map(|(seed, story)| format!("{seed}: {}", headline(story))).collect();
        let again = format!("FLOW_SEED={seed} cargo test -p flow-testkit --test random every_town");
        panic!("{story}\n{} broken:\n{}\nagain: {again}", list.len(), list.join("\n"));
    }
    let rare: Vec<_> =
        towns::MISHAPS.into_iter().filter(|what| met.get(what).is_none_or(|times| *times == 0)).collect();
    assert!(rare.is_empty() || seeds(TOWNS).count() < 100, "{rare:?} were not met among {met:#?}");
}

/// How many towns are played, if nothing else is said.
const TOWNS: u64 = 150;

fn headline(story: &str) -> &str {
    story.lines().next().unwrap_or_default()
}

#[test]
fn a_town_plays_the_same_way_again() {
    for seed in 0..8 {
        let twice = [0, 1].map(|_| play_town(seed, None));
        assert!(twice[0] == twice[1], "{twice:#?}");
    }
}

#[test]
fn a_town_whose_parts_break_a_promise_is_found_out() {
    for defect in towns::Defect::ALL {
        let mut words = defect.found_as().to_vec();
        for seed in 0..TOWNS_FOR_A_DEFECT {
            if let Err(broken) = play_town(seed, Some(defect)) {
                words.retain(|words| !headline(&broken).contains(words));
            }
            if words.is_empty() {
                break;
            }
        }
        assert!(words.is_empty(), "{defect:?} was not found as {words:?} in {TOWNS_FOR_A_DEFECT} towns");
    }
}

/// In how many towns each defect is looked for.
const TOWNS_FOR_A_DEFECT: u64 = 1_200;

/// Plays one seed in a town.
fn play_town(seed: u64, defect: Option<towns::Defect>) -> Result<towns::Met, String> {
    paused_runtime(seed).block_on(towns::play(seed, defect))
}

#[test]
fn conversations_nest_correct_digress_and_go_back_as_the_model_says() {
    let mut met = nested::Met::default();
    for seed in seeds(NESTED) {
        let here = play_nested(seed, None).unwrap_or_else(|difference| {
            panic!("seed {seed}: {difference}\nagain: FLOW_SEED={seed} cargo test -p flow-testkit --test random nest")
        });
        for (what, times) in here {
            *met.entry(what).or_default() += times;
        }
    }
    let rare: Vec<_> = nested::WHAT.into_iter().filter(|what| met.get(what).is_none_or(|times| *times < 5)).collect();
    assert!(rare.is_empty() || seeds(NESTED).count() < 100, "{rare:?} were hardly met among {met:#?}");
}

/// How many conversations nest, if nothing else is said.
const NESTED: u64 = 200;

#[test]
fn a_rule_of_nesting_that_is_told_wrongly_is_found_out() {
    for flaw in nested::Flaw::ALL {
        let found = (0..100).find(|&seed| play_nested(seed, Some(flaw)).is_err());
        assert!(found.is_some(), "{flaw:?} was not found in 100 conversations");
    }
}

fn play_nested(seed: u64, flaw: Option<nested::Flaw>) -> Result<nested::Met, String> {
    paused_runtime(seed).block_on(nested::play(seed, flaw))
}

/// As many seeds as are asked for, or one.
fn seeds(many: u64) -> std::ops::Range<u64> {
    let number = |name: &str| env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    match number("FLOW_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FLOW_SEEDS").unwrap_or(many),
    }
}
