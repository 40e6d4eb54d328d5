//! What an attacker, a hook that hangs and a slow handler cost the other visitors: measured, so it is run by hand.
//!
//! `cargo test --release -p flow-system-tests -- --ignored --nocapture beside_an_attacker`

use std::{
    fmt,
    time::{Duration, Instant},
};

use flow_core::{Engine, Flow, SessionId, Step, Turn};
use flow_memory::MemoryStore;
use serde::{Deserialize, Serialize};
use tokio::{task::JoinSet, time::sleep};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "attacked_talk")]
enum Talk {
    #[state(start, endless, ask = "Yes?", remind(Bell), handled, to(Listening))]
    Listening,
}

use talk::*;

struct Host;

impl TalkHandler for Host {
    async fn listening(&self, _: Listening, mut turn: Turn<'_, Listening>) -> Step<Listening> {
        match turn.text() {
            "slow" => sleep(Duration::from_secs(10)).await,
            "ring" => turn.remind_in(Duration::from_millis(1), ListeningReminder::Bell),
            _ => {}
        }
        turn.stay("And?")
    }

    async fn listening_on_bell(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        turn.stay("Ring!")
    }
}

/// For so long the others talk, once in quiet and once beside the attackers.
const TIME: Duration = Duration::from_secs(5);

/// The longest of the fastest half of turns, and of the fastest 99 in a hundred.
struct Times {
    half: Duration,
    most: Duration,
    turns: usize,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} turns, half within {:?}, 99 in a hundred within {:?}", self.turns, self.half, self.most)
    }
}

/// A hundred visitors write every 20 ms or so.
async fn talk(engine: &Engine<Talk>) -> Times {
    let (mut visitors, until) = (JoinSet::new(), Instant::now() + TIME);
    for number in 0..100 {
        let engine = engine.clone();
        visitors.spawn(async move {
            let (id, mut times) = (SessionId::random(), Vec::new());
            sleep(Duration::from_micros(200 * number)).await;
            while Instant::now() < until {
                let began = Instant::now();
                engine.handle(id, "hello").await.expect("nobody else is turned away");
                times.push(began.elapsed());
                sleep(Duration::from_millis(20)).await;
            }
            times
        });
    }
    let mut times: Vec<_> = visitors.join_all().await.into_iter().flatten().collect();
    times.sort_unstable();
    Times { half: times[times.len() / 2], most: times[times.len() * 99 / 100], turns: times.len() }
}

/// One visitor sends ten thousand messages to a handler of ten seconds; the handlers of fifty others are slow too; and five
/// hundred reminders go to a hook that hangs.
async fn attack(engine: Engine<Talk>) {
    let (attacker, mut sent) = (SessionId::random(), JoinSet::new());
    for (text, count) in [("slow", 50), ("ring", 500)] {
        for _ in 0..count {
            let (engine, id) = (engine.clone(), SessionId::random());
            sent.spawn(async move {
                engine.handle(id, "hi").await.expect("a turn");
                engine.handle(id, text).await.map(drop)
            });
        }
    }
    engine.handle(attacker, "hi").await.expect("a turn");
    let (began, mut count) = (Instant::now(), 0);
    while count < 10_000 {
        // All of them in four fifths of the time, however late the sender is woken.
        let due = usize::try_from(12_500 * began.elapsed().as_millis() / TIME.as_millis()).expect("a few").min(10_000);
        for _ in count..due {
            let engine = engine.clone();
            sent.spawn(async move { engine.handle(attacker, "slow").await.map(drop) });
        }
        count = due;
        sleep(Duration::from_millis(2)).await;
    }
    sent.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures, on a machine that does nothing else"]
async fn the_others_beside_an_attacker_a_hung_hook_and_slow_handlers() {
    let engine = Talk::engine(Host).on_announcement(|_| std::future::pending::<Result<(), String>>());
    let engine = engine.store(MemoryStore::new());
    engine.worker().start();
    talk(&engine).await;
    let quiet = talk(&engine).await;
    let attack = tokio::spawn(attack(engine.clone()));
    let attacked = talk(&engine).await;
    attack.abort();
    let stats = engine.stats();
    let ratio = attacked.most.as_secs_f64() / quiet.most.as_secs_f64();
    println!("quiet: {quiet}\nattacked: {attacked}\nthe ratio is {ratio:.2}; {} were refused", stats.busy);
    assert!(stats.busy > 9_000, "the attacker alone was turned away: {stats:?}");
}
