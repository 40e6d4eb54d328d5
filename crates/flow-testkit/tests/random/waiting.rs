//! Messages that wait while others are handled, as their flow declares it: one by one, together, or the latest alone: [`play`].

use std::{sync::Arc, time::Duration};

use flow_core::{
    Deadlines, Engine, EngineBuilder, Flow, Input, Limits, SessionId, Step, Turn,
    engine::{Accepted, Inbox},
};
use flow_memory::MemoryStore;
use flow_testkit::{Faults, FaultyStore};
use serde::{Deserialize, Serialize};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    conversation::{Dice, Virtual},
    killed::Leash,
};

/// What becomes of messages that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    OneByOne,
    Together,
    Latest,
}

/// What a seed met, to show that it met what it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) waited: usize,
    pub(crate) killed: usize,
    /// Messages that were not heard in a turn of their own.
    pub(crate) not_alone: usize,
}

/// How many messages are sent.
const MESSAGES: usize = 16;

/// Plays the seed with the flow that declares the one, and judges it by the rule of the other.
///
/// Fails with what was broken.
pub(crate) async fn play(seed: u64, declared: Wait, judged: Wait) -> Result<Met, String> {
    let dice = Arc::new(Dice::of(seed));
    let host = || Host(Arc::clone(&dice));
    match declared {
        Wait::OneByOne => talk(seed, judged, &dice, || one_by_one::engine(host()), |heard| heard.0.clone()).await,
        Wait::Together => talk(seed, judged, &dice, || together::engine(host()), |heard| heard.0.clone()).await,
        Wait::Latest => talk(seed, judged, &dice, || latest::engine(host()), |heard| heard.0.clone()).await,
    }
}

/// Takes its time over what is said.
struct Host(Arc<Dice>);

/// What was heard, turn by turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heard(Vec<String>);

macro_rules! hall {
    ($module:ident, $name:literal, $($waiting:tt)*) => {
        mod $module {
            use super::*;

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = $name, shared = Heard, module = hall, $($waiting)*)]
            pub(super) enum Hall {
                #[state(start, endless, ask = "Yes?", handled, to(Listening))]
                Listening,
            }

            use hall::*;

            impl HallHandler for Host {
                async fn listening(&self, _: Listening, mut turn: Turn<'_, Listening>) -> Step<Listening> {
                    sleep(Duration::from_millis(self.0.below(500))).await;
                    let word = turn.text().to_owned();
                    turn.shared_mut().0.push(word);
                    turn.stay("Yes.")
                }
            }

            pub(super) fn engine(host: Host) -> EngineBuilder<Hall> {
                Hall::engine(host)
            }
        }
    };
}

hall!(one_by_one, "hall_of_one",);
hall!(together, "hall_of_all", waiting = "together");
hall!(latest, "hall_of_the_latest", waiting = "latest");

/// A process that takes messages, and may be killed.
struct Process<F: Flow> {
    engine: Engine<F>,
    leash: Arc<Leash>,
    worker: JoinHandle<()>,
}

impl<F: Flow> Process<F> {
    fn begin(store: &Arc<FaultyStore>, builder: EngineBuilder<F>, patience: Duration, clock: Virtual) -> Self {
        let leash = Arc::new(Leash::to(store));
        let engine = builder
            .limits(Limits::default().remembered_messages(3))
            .deadlines(Deadlines::default().store(Duration::from_millis(500)).turn(Duration::from_secs(3)))
            // However many are killed, each message has its turn.
            .inbox(Inbox::default().patience(patience).letters(4).tries(u32::MAX))
            .clock(clock)
            .store(Arc::clone(&leash));
        let worker = engine.worker().pause(Duration::from_millis(200)).lease(Duration::from_secs(1)).start();
        Self { engine, leash, worker }
    }

    fn kill(&self) {
        self.leash.kill();
        self.worker.abort();
    }
}

async fn talk<F: Flow>(
    seed: u64,
    judged: Wait,
    dice: &Dice,
    builder: impl Fn() -> EngineBuilder<F>,
    heard: impl Fn(&F::Shared) -> Vec<String>,
) -> Result<Met, String> {
    // Leases end by the store's time, which passes as the runtime's does.
    let clock = Virtual::begin();
    let store = MemoryStore::builder().clock(clock).build();
    let store = Arc::new(FaultyStore::new(store, Faults::each(4), seed));
    let patience = Duration::from_millis(dice.below(3) * 100);
    let begin = || Process::begin(&store, builder(), patience, clock);
    let mut processes = [begin(), begin()];
    let id: SessionId = "00000000-0000-4000-8000-000000000000".parse().expect("a session id");
    let mut met = Met::default();
    while processes[0].engine.handle(id, Input::text("hello").with_id("hello")).await.is_err() {
        sleep(Duration::from_secs(1)).await;
    }
    let words: Vec<_> = (0..MESSAGES).map(|number| format!("word {number}")).collect();
    for word in &words {
        loop {
            let process = &processes[usize::from(dice.below(2) == 0)];
            let message = Input::text(word.clone()).with_id(word.clone());
            // A process that was killed never answers.
            let accepted = timeout(Duration::from_secs(20), process.engine.accept(id, message)).await;
            met.waited += usize::from(matches!(accepted, Ok(Ok(Accepted::Waiting))));
            if dice.below(6) == 0 {
                let killed = &mut processes[usize::from(dice.below(2) == 0)];
                killed.kill();
                *killed = begin();
                met.killed += 1;
            }
            if matches!(accepted, Ok(Ok(_))) {
                break;
            }
            sleep(Duration::from_millis(dice.below(400))).await;
        }
        sleep(Duration::from_millis(dice.below(300))).await;
    }
    store.heals().await.map_err(|error| error.to_string())?;
    let engine = &processes[0].engine;
    for _ in 0..100 {
        if engine.waiting(id).await.map_err(|error| error.to_string())? == 0 {
            break;
        }
        sleep(Duration::from_secs(30)).await;
    }
    let session = engine.peek(id).await.map_err(|error| error.to_string())?.ok_or("there is no session")?;
    let heard_before = heard(session.shared());
    judge(judged, &words, &heard_before)?;
    for word in &words {
        is_known(engine, id, word).await?;
    }
    let session = engine.peek(id).await.map_err(|error| error.to_string())?.ok_or("there is no session")?;
    if heard(session.shared()) != heard_before {
        return Err("what was repeated was heard again".to_owned());
    }
    processes.iter().for_each(Process::kill);
    met.not_alone = words.iter().filter(|word| !heard_before.contains(word)).count();
    Ok(met)
}

/// Fails unless the word is recognised as a repeat. It may be told to wait for that, as any message may.
async fn is_known<F: Flow>(engine: &Engine<F>, id: SessionId, word: &str) -> Result<(), String> {
    for _ in 0..10 {
        let again = engine.accept(id, Input::text(word).with_id(word)).await.map_err(|error| error.to_string())?;
        match again.outcome() {
            Some(outcome) if outcome.is_repeat() => return Ok(()),
            Some(_) => break,
            None => sleep(Duration::from_secs(30)).await,
        }
    }
    Err(format!("{word} was accepted, and is not known"))
}

/// Each message is heard once in its order: alone, or in a line of a turn with others; or it is none but the latest of some.
fn judge(wait: Wait, words: &[String], heard: &[String]) -> Result<(), String> {
    let lines = heard.iter().flat_map(|turn| turn.lines());
    let is_kept = match wait {
        Wait::OneByOne => heard == words,
        Wait::Together => lines.eq(words.iter().map(String::as_str)),
        Wait::Latest => {
            let mut words = words.iter();
            heard.iter().all(|turn| words.any(|word| word == turn)) && words.next().is_none()
        }
    };
    if is_kept { Ok(()) } else { Err(format!("{wait:?}: of {words:?} was heard {heard:?}")) }
}
