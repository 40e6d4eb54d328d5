//! What an engine and a worker are told by settings.

use std::time::Duration;

use flow_chat::{engine::Daily, memory::MemoryStore, prelude::*, service::Settings};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// The shortest flow there is.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "settings-test")]
pub(crate) enum Hello {
    #[state(start, ask = "Hello?", to(Bye))]
    Hello,
    #[state(end, say = "Bye.")]
    Bye { said: flow_chat::answers::Name },
}

pub(crate) struct Host;

impl HelloHandler for Host {}

/// What an engine's builder is told by these settings, as `Debug` tells it.
pub(crate) fn configured(settings: &Settings) -> String {
    format!("{:?}", settings.configure(Hello::engine(Host)))
}

fn settings<const N: usize>(pairs: [(&str, &str); N]) -> Settings {
    let pairs = pairs.into_iter().chain([("store", "memory:")]);
    Settings::from_pairs(pairs).expect("nothing is wrong")
}

#[test]
fn without_settings_an_engine_and_a_worker_are_as_they_are_without_a_service() {
    let settings = settings([]);
    assert_eq!(configured(&settings), format!("{:?}", Hello::engine(Host)));
    let engine = Hello::engine(Host).store(MemoryStore::new());
    assert_eq!(format!("{:?}", settings.worker(&engine)), format!("{:?}", engine.worker()));
}

#[test]
fn every_default_that_is_told_is_the_one_that_counts() {
    let told = Settings::keys().filter_map(|key| Some((key.name(), key.default()?)));
    let settings = Settings::from_pairs(told.chain([("store", "memory:")])).expect("a default is right");
    assert_eq!(configured(&settings), format!("{:?}", Hello::engine(Host)));
    let engine = Hello::engine(Host).store(MemoryStore::new());
    assert_eq!(format!("{:?}", settings.worker(&engine)), format!("{:?}", engine.worker()));
}

#[test]
fn what_is_set_reaches_the_engine() {
    let set = configured(&settings([
        ("expiry.idle", "24h"),
        ("expiry.resume", "30d"),
        ("deadlines.turn", "50s"),
        ("retries.tries", "3"),
        ("archival.insist", "true"),
        ("limits.input", "1 KiB"),
        ("limits.backlog", "set_aside"),
        ("inbox.letters", "300"),
        ("outage.policy", "say"),
        ("outage.words", "Back soon."),
        ("damage.policy", "quarantine"),
        ("said.keep", "30d"),
        ("said.words", "sizes"),
    ]));
    for told in [
        "idle: Some(86400s)",
        "resume: Within(2592000s)",
        "turn: Some(50s)",
        "tries: 3, pause",
        "insist: true",
        "input: 1024",
        "backlog: SetAside",
        "letters: 300",
        "outage: Say(",
        "damage: Quarantine { keep: 2592000s }",
        "said: Some(Said { life: 2592000s",
        "shows: Sizes",
    ] {
        assert!(set.contains(told), "{told}: {set}");
    }
    let memory = configured(&settings([("outage.policy", "memory"), ("outage.sessions", "7")]));
    assert!(memory.contains("outage: Memory { sessions: 7 }"), "{memory}");
}

#[test]
fn what_is_set_reaches_the_worker() {
    let settings = settings([("worker.lease", "2m"), ("worker.at_once", "5"), ("worker.batch", "7")]);
    let engine = Hello::engine(Host).store(MemoryStore::new());
    let worker = format!("{:?}", settings.worker(&engine));
    for told in ["lease: 120s", "at_once: 5", "batch: 7", "pause: 1s"] {
        assert!(worker.contains(told), "{told}: {worker}");
    }
}

#[test]
fn what_is_done_once_a_day_reaches_the_worker() {
    let settings = settings([("daily.at", "03:30"), ("daily.purge", "400d"), ("daily.archive", "false")]);
    let engine = Hello::engine(Host).store(MemoryStore::new());
    let daily = Daily::at(3, 30).purge(Duration::from_secs(400 * 86_400)).archive(false);
    assert_eq!(format!("{:?}", settings.worker(&engine)), format!("{:?}", engine.worker().daily(daily)));
}

#[test]
fn what_is_done_once_a_day_needs_a_time_and_an_archive() {
    for (pairs, told) in [
        (
            &[("daily.purge", "400d")][..],
            "- `daily.purge` (the program): nothing is done once a day; let `daily.at` be a time such as `03:30`",
        ),
        (
            &[("daily.at", "03:30"), ("archive", "none")],
            "- `daily.at` (the program): what is done once a day is done to an archive; name one as `archive`",
        ),
        (
            &[("daily.at", "3 o'clock")],
            "- `daily.at` (the program): no time of the day; it is `off`, or a time of the day in UTC such as `03:30`",
        ),
    ] {
        let pairs = pairs.iter().copied().chain([("store", "memory:")]);
        let mistakes = Settings::from_pairs(pairs).expect_err("something is wrong").to_string();
        assert_eq!(mistakes, format!("a mistake in the settings\n{told}"));
    }
}

#[test]
fn what_the_program_says_afterwards_counts_over_the_settings() {
    let settings = settings([("limits.input", "1 KiB")]);
    let builder = settings.configure(Hello::engine(Host)).limits(flow_chat::Limits::default().input(7));
    assert!(format!("{builder:?}").contains("input: 7"));
}

#[test]
fn the_secret_of_ids_is_taken_and_a_weak_one_refused() {
    use flow_chat::{Secret, SessionId};

    let text = "a secret of at least sixteen bytes";
    let settings = settings([("secret", text)]);
    let id = |secret: &Secret| SessionId::derived(secret, "web", "ana");
    assert_eq!(id(settings.secret().expect("it is set")), id(&Secret::new(text).expect("it is long enough")));
}

#[tokio::test]
async fn an_engine_and_a_worker_run_by_every_extreme_that_is_taken() {
    let extremes = ["0", "1", "0s", "1ms", "36500d", "255", "4294967295", "18446744073709551615"];
    let mut taken = 0;
    for key in Settings::keys() {
        for extreme in extremes {
            let pairs = [("store", "memory:"), (key.name(), extreme)];
            let Ok(settings) = Settings::from_pairs(pairs) else { continue };
            let run = async move {
                let storage = settings.connect().await.expect("memory");
                let engine = storage.engine(settings.configure(Hello::engine(Host)));
                let worker = settings.worker(&engine).start();
                let id = SessionId::random();
                for words in ["hi", "Ana"] {
                    // A bound may be too narrow for it.
                    let _ = timeout(Duration::from_millis(100), engine.handle(id, Input::text(words))).await;
                }
                worker.abort();
                worker.await.map_err(|ended| assert!(!ended.is_panic(), "the worker"))
            };
            let ran = tokio::spawn(run).await;
            assert!(ran.is_ok(), "{} = {extreme}", key.name());
            taken += 1;
        }
    }
    assert!(taken > 200, "{taken}");
}
