//! What a handler asks of the world once: `turn.once`.

mod answers;
mod crashes;
mod first_turns;
mod killed;
mod outages;
mod races;

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use flow_core::{Engine, EngineBuilder, Flow, Halt, Input, Message, OnceKey, Opening, Result, SessionId, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "till_once")]
enum Till {
    #[state(start, ask = "What will it be?", handled, signals(Confirmed), remind(Late = "late"), to(Open, Closed))]
    Open,
    #[state(end, say = "Closed with {receipt}.")]
    Closed { receipt: u64 },
}

use till::*;

/// What becomes of a question, or of a handler.
#[derive(Clone, Debug)]
enum Fate {
    /// It goes on once there is a permit.
    Waits(Arc<Semaphore>),
    Fails,
    /// It never comes back.
    Hangs,
}

/// The world that is asked: every question is another charge, whatever its key.
#[derive(Debug, Default)]
struct World {
    keys: Mutex<Vec<String>>,
    questions: Mutex<VecDeque<Fate>>,
}

impl World {
    async fn charge(&self, key: OnceKey) -> Result<u64> {
        let (receipt, fate) = {
            let mut keys = self.keys.lock().expect("a lock");
            keys.push(key.to_string());
            (keys.len() as u64, self.questions.lock().expect("a lock").pop_front())
        };
        meets(fate).await?;
        Ok(receipt)
    }

    /// The keys under which it was asked, in their order.
    fn keys(&self) -> Vec<String> {
        self.keys.lock().expect("a lock").clone()
    }

    fn next_question(&self, fate: Fate) {
        self.questions.lock().expect("a lock").push_back(fate);
    }
}

async fn meets(fate: Option<Fate>) -> Result<()> {
    match fate {
        None => Ok(()),
        Some(Fate::Waits(permits)) => {
            permits.acquire().await.expect("it is never closed").forget();
            Ok(())
        }
        Some(Fate::Fails) => Err(Halt::failed("it went wrong")),
        Some(Fate::Hangs) => std::future::pending().await,
    }
}

/// One process's handler.
#[derive(Debug, Default)]
struct Clerk {
    world: Arc<World>,
    runs: AtomicUsize,
    /// What becomes of the handler once it has its answer.
    after: Mutex<VecDeque<Fate>>,
    opens_with_a_charge: bool,
}

impl Clerk {
    fn in_the(world: &Arc<World>) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), ..Self::default() })
    }

    fn next_answer(&self, fate: Fate) {
        self.after.lock().expect("a lock").push_back(fate);
    }

    fn runs(&self) -> usize {
        self.runs.load(SeqCst)
    }

    async fn goes_on(&self) -> Result<()> {
        let fate = self.after.lock().expect("a lock").pop_front();
        meets(fate).await
    }
}

/// A handler that a test still has in hand.
struct Hand(Arc<Clerk>);

impl TillHandler for Hand {
    async fn on_open(&self, opening: &mut Opening<'_, Till>) -> Result<()> {
        let clerk = &self.0;
        if clerk.opens_with_a_charge {
            clerk.runs.fetch_add(1, SeqCst);
            let receipt: u64 = opening.once("charge", |key| clerk.world.charge(key)).await?;
            clerk.goes_on().await?;
            opening.say(format!("charged {receipt}"));
        }
        Ok(())
    }

    async fn open(&self, state: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let clerk = &self.0;
        clerk.runs.fetch_add(1, SeqCst);
        let charge = |key| clerk.world.charge(key);
        match turn.text() {
            "pay" => {
                let receipt: u64 = turn.once("charge", charge).await?;
                clerk.goes_on().await?;
                turn.stay(format!("charged {receipt}"))
            }
            "close" => {
                let receipt: u64 = turn.once("charge", charge).await?;
                clerk.goes_on().await?;
                turn.to(state.closed(receipt))
            }
            "remind" => turn.to(state.open().remind_in(Duration::from_secs(60), OpenReminder::Late)),
            "both" => {
                let charge = turn.once::<u64, _>("charge", charge);
                let tip = turn.once::<u64, _>("tip", |key| clerk.world.charge(key));
                let (charge, tip) = tokio::join!(charge, tip);
                let (charge, tip) = (charge?, tip?);
                let again: u64 = turn.once("tip", |key| clerk.world.charge(key)).await?;
                assert_eq!(again, tip, "the second of a name gets the answer of the first");
                turn.stay(format!("charged {charge} and {tip}"))
            }
            "twice at once" => {
                let (one, other) = (turn.once::<u64, _>("charge", charge), turn.once::<u64, _>("charge", charge));
                let (one, other) = tokio::join!(one, other);
                one?;
                other?;
                turn.stay("both")
            }
            "everything" => {
                for number in 0..33 {
                    turn.once::<u64, _>(&format!("charge {number}"), charge).await?;
                }
                turn.stay("all of it")
            }
            "words" => {
                let words: String = turn.once("charge", |_| async { Ok("many words".repeat(5)) }).await?;
                turn.stay(words)
            }
            "not a number" => {
                turn.once::<f64, _>("charge", |_| async { Ok(f64::NAN) }).await?;
                turn.stay("done")
            }
            _ => turn.stay("noted"),
        }
    }

    async fn open_on_confirmed(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let receipt: u64 = turn.once("charge", |key| self.0.world.charge(key)).await?;
        self.0.goes_on().await?;
        turn.stay(format!("charged {receipt}"))
    }

    async fn open_on_late(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let receipt: u64 = turn.once("charge", |key| self.0.world.charge(key)).await?;
        self.0.goes_on().await?;
        turn.stay(format!("charged {receipt}"))
    }
}

fn served_by(clerk: &Arc<Clerk>) -> EngineBuilder<Till> {
    Till::engine(Hand(Arc::clone(clerk))).on_announcement(|_| async { Ok::<_, Infallible>(()) })
}

/// A message under an id.
fn message(text: &str, id: &str) -> Message {
    Input::text(text).with_id(id)
}

/// Waits until it is so.
async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..20_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never was so");
}

/// The process that handles the message dies when this is so.
async fn dies(engine: Engine<Till>, id: SessionId, message: Message, when: impl FnMut() -> bool) {
    let turn = tokio::spawn(async move { engine.handle(id, message).await });
    until(when).await;
    turn.abort();
    assert!(turn.await.is_err_and(|ended| ended.is_cancelled()), "it was still under way");
}
