//! Messages that one turn answers: each is answered once, and nothing is asked twice for them, though the turn is taken anew with
//! others.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Deadlines, Engine, EngineBuilder, Flow, Input, OnceKey, SessionId, Speaker, Step, Turn,
    engine::{Inbox, Said},
};
use flow_memory::MemoryStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};

use crate::stage::Stage;

/// Charges whoever says "pay", and then takes as many seconds as it is told.
#[derive(Clone, Default)]
struct Cashier {
    heard: Arc<Mutex<Vec<String>>>,
    charged: Arc<Mutex<Vec<String>>>,
    /// Whether the answer of a charge never arrives.
    hangs: bool,
}

impl Cashier {
    async fn charges(&self, key: OnceKey) -> flow_core::Result<usize> {
        let count = {
            let mut charged = self.charged.lock().expect("a lock");
            charged.push(key.to_string());
            charged.len()
        };
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Ok(count)
    }

    /// Under which keys it was charged.
    fn charged(&self) -> Vec<String> {
        self.charged.lock().expect("a lock").clone()
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("a lock").clone()
    }
}

macro_rules! till {
    ($module:ident, $name:literal, $waiting:literal) => {
        mod $module {
            use super::*;

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = $name, module = till, waiting = $waiting)]
            pub(super) enum Till {
                #[state(start, endless, ask = "Yes?", handled, to(Open))]
                Open,
            }

            use till::*;

            impl TillHandler for Cashier {
                async fn open(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
                    self.heard.lock().expect("a lock").push(turn.text().to_owned());
                    if turn.text().contains("pay") {
                        turn.once::<usize, _>("charge", |key| self.charges(key)).await?;
                    }
                    let seconds = turn.text().rsplit(' ').next().and_then(|seconds| seconds.parse().ok());
                    sleep(Duration::from_secs(seconds.unwrap_or_default())).await;
                    turn.stay("Thanks.")
                }
            }
        }
    };
}

till!(together, "attacked_together", "together");
till!(latest, "attacked_latest", "latest");

/// The processes of one session, each a runtime that is dropped.
struct World {
    store: Arc<MemoryStore>,
    clock: ManualClock,
    id: SessionId,
}

impl World {
    fn new() -> Self {
        let clock = ManualClock::default();
        let store = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
        Self { store, clock, id: SessionId::random() }
    }

    fn process<F: Flow>(&self, builder: EngineBuilder<F>) -> (Runtime, Engine<F>) {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let deadlines = Deadlines::default().handler(Duration::from_secs(100));
        (runtime, builder.deadlines(deadlines).clock(self.clock.clone()).store(self.store.clone()))
    }

    /// One process accepts these, and ends over the turn that answers the later ones; another accepts more, and a worker goes on.
    fn dies_and_goes_on<F: Flow>(&self, first: EngineBuilder<F>, then: EngineBuilder<F>, texts: &[&str], more: &str) {
        let (runtime, engine) = self.process(first);
        runtime.block_on(async {
            engine.handle(self.id, "hi").await.expect("a turn");
            for (number, text) in texts.iter().enumerate() {
                let message = Input::text(*text).with_id(number.to_string());
                assert!(engine.accept(self.id, message).await.expect("accepted").is_waiting());
            }
            sleep(Duration::from_secs(5)).await;
        });
        drop((runtime, engine));
        let (runtime, engine) = self.process(then);
        runtime.block_on(async {
            let message = Input::text(more).with_id("more");
            assert!(engine.accept(self.id, message).await.expect("accepted").is_waiting());
            self.clock.advance(Duration::from_secs(300));
            engine.worker().look().await.expect("a look");
            assert_eq!(engine.waiting(self.id).await.expect("a number"), 0);
        });
    }
}

#[test]
fn what_was_asked_for_texts_together_is_not_asked_again_for_them_and_one_more() {
    let (world, cashier) = (World::new(), Cashier::default());
    let builder = || together::Till::engine(cashier.clone());
    world.dies_and_goes_on(builder(), builder(), &["wait 1", "please", "pay 90"], "now");
    assert_eq!(cashier.charged().len(), 1, "{:?}", cashier.heard());
}

#[test]
fn a_question_for_texts_together_whose_answer_was_lost_has_its_key_when_one_more_came() {
    let (world, cashier) = (World::new(), Cashier::default());
    let first = together::Till::engine(Cashier { hangs: true, ..cashier.clone() });
    world.dies_and_goes_on(first, together::Till::engine(cashier.clone()), &["wait 1", "please", "pay"], "now");
    let charged = cashier.charged();
    assert_eq!((charged.len(), &charged[0]), (2, &charged[1]), "{:?}", cashier.heard());
}

#[test]
fn a_question_for_texts_that_were_set_aside_together_has_its_key_when_they_are_accepted_again() {
    let (world, cashier) = (World::new(), Cashier::default());
    let first = together::Till::engine(Cashier { hangs: true, ..cashier.clone() });
    let then = together::Till::engine(cashier.clone()).inbox(Inbox::default().tries(1));
    world.dies_and_goes_on(first, then, &["wait 1", "please", "pay"], "now");
    assert_eq!((cashier.charged().len(), cashier.heard().len()), (1, 2), "they are set aside");
    let (runtime, engine) = world.process(together::Till::engine(cashier.clone()));
    runtime.block_on(async {
        assert_eq!(engine.operator(crate::stage::by()).retry(world.id).await.expect("accepted again"), 1);
        sleep(Duration::from_secs(1)).await;
    });
    let charged = cashier.charged();
    assert_eq!((charged.len(), &charged[0]), (2, &charged[1]), "{:?}", cashier.heard());
}

#[test]
fn what_was_asked_for_the_latest_is_not_asked_again_for_one_that_came_later() {
    let (world, cashier) = (World::new(), Cashier::default());
    let builder = || latest::Till::engine(cashier.clone());
    world.dies_and_goes_on(builder(), builder(), &["wait 1", "please", "pay 90"], "pay now");
    assert_eq!(cashier.charged().len(), 1, "{:?}", cashier.heard());
}

#[test]
fn what_was_asked_for_a_text_alone_is_not_asked_again_for_it_and_one_more() {
    let (world, cashier) = (World::new(), Cashier::default());
    let builder = || together::Till::engine(cashier.clone());
    world.dies_and_goes_on(builder(), builder(), &["pay 90"], "now");
    assert_eq!(cashier.charged().len(), 1, "{:?}", cashier.heard());
}

/// One process answers two texts together, and meanwhile one of them is handled by another, to which its platform delivered it
/// again. What was heard in the end, in the turns that are stored.
async fn one_of_two_is_handled_elsewhere(again: &str) -> Vec<String> {
    let cashier = Cashier::default();
    let stage = Stage::with(together::Till::engine(cashier.clone()).keep_said(Said::for_days(1)));
    stage.says("hi").await;
    for (text, name) in [("wait 1", "1"), ("please", "2"), ("slowly 5", "3")] {
        let message = Input::text(text).with_id(name);
        assert!(stage.engine.accept(stage.id, message).await.expect("accepted").is_waiting());
    }
    sleep(Duration::from_secs(2)).await;
    assert_eq!(cashier.heard(), ["wait 1", "please\nslowly 5"]);
    let other = stage.second(together::Till::engine(cashier.clone()).keep_said(Said::for_days(1)));
    let handled = other.handle(stage.id, Input::text("again").with_id(again)).await.expect("a turn");
    assert!(!handled.is_repeat());
    sleep(Duration::from_secs(30)).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    let said = stage.engine.said(stage.id, None, 100).await.expect("a transcript");
    let heard = said.into_iter().filter(|said| said.by == Speaker::Visitor).filter_map(|said| said.text);
    heard.skip(2).collect()
}

#[tokio::test(start_paused = true)]
async fn of_two_texts_together_the_second_that_is_handled_elsewhere_takes_not_the_first_with_it() {
    assert_eq!(one_of_two_is_handled_elsewhere("3").await, ["again", "please"]);
}

#[tokio::test(start_paused = true)]
async fn of_two_texts_together_the_first_that_is_handled_elsewhere_is_not_handled_again_with_the_second() {
    assert_eq!(one_of_two_is_handled_elsewhere("2").await, ["again", "slowly 5"]);
}
