//! A flow for tests of deliveries, on a clock that runs with the test's own time: [`Courier`].

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use flow_core::{Clock, Engine, EngineBuilder, Flow, Halt, Key, Reply, Result, SessionId, Step, StepExt, Turn};
use flow_memory::MemoryStore;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// A courier that mails and ships whatever it is told, and rings a bell.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "courier", effects(Mail(String), Ship(String)))]
pub(crate) enum Courier {
    #[state(start, ask = "What is it?", remind(Bell), to(Home))]
    Counter,
    #[state(end, say = "Bye.")]
    Home,
}

pub(crate) use courier::*;

/// How long things take, and what was done, and when.
#[derive(Clone)]
pub(crate) struct Depot {
    /// How long the handler thinks.
    pub(crate) thinks: Duration,
    pub(crate) mailing: Sending,
    /// How often the handler was asked.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    pub(crate) sent: Arc<Mutex<Vec<Sent>>>,
}

/// How a mail goes.
#[derive(Clone)]
pub(crate) enum Sending {
    Takes(Duration),
    /// Nobody is there.
    Fails,
    /// Nobody answers.
    Hangs,
    /// It takes some time, and fails now and then, and so do shipping and the bell.
    Varies(Arc<Dice>),
}

/// Dice that fall in the same way for a seed.
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        let state = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 33) % bound
    }

    /// Some time passes; then one in five fails.
    async fn goes(&self) -> Result<()> {
        sleep(Duration::from_millis(self.below(50))).await;
        if self.below(5) == 0 { Err(Halt::failed("not now")) } else { Ok(()) }
    }
}

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) what: String,
    pub(crate) key: Key,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

impl Depot {
    pub(crate) fn new(thinks: Duration, mailing: Sending) -> Self {
        Self { thinks, mailing, asked: Arc::default(), sent: Arc::default() }
    }

    pub(crate) fn engine(&self) -> EngineBuilder<Courier> {
        let depot = self.clone();
        Courier::engine(self.clone()).on_announcement(move |announcement| {
            let said = announcement.replies.iter().map(Reply::text).collect::<Vec<_>>().join(" ");
            depot.send(said, announcement.key, Instant::now());
            async { Ok::<_, String>(()) }
        })
    }

    fn send(&self, what: String, key: Key, began: Instant) {
        self.sent.lock().expect("a lock").push(Sent { what, key, began, ended: Instant::now() });
    }

    /// What was sent, in this order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("a lock").clone()
    }

    /// Waits until it is sent.
    pub(crate) async fn has_sent(&self, what: &str) -> Sent {
        loop {
            if let Some(sent) = self.sent().into_iter().find(|sent| sent.what == what) {
                return sent;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}

impl CourierHandler for Depot {
    async fn counter(&self, _: Counter, mut turn: Turn<'_, Counter>) -> Step<Counter> {
        let said = turn.text().to_owned();
        self.asked.lock().expect("a lock").push(said.clone());
        sleep(self.thinks).await;
        match said.split_once(' ') {
            Some(("mail", what)) => turn.stay("").effect(CourierEffect::Mail(what.into())),
            Some(("ship", what)) => turn.stay("").effect(CourierEffect::Ship(what.into())),
            Some(("both", what)) => {
                let step = turn.stay("").effect(CourierEffect::Mail(what.into()));
                step.effect(CourierEffect::Ship(what.into()))
            }
            Some(("ring", seconds)) => {
                let seconds = seconds.parse().expect("a number");
                turn.remind_in(Duration::from_secs(seconds), CounterReminder::Bell);
                turn.stay("")
            }
            _ => turn.to(Home),
        }
    }

    async fn counter_on_bell(&self, _: Counter, turn: Turn<'_, Counter>) -> Step<Counter> {
        if let Sending::Varies(dice) = &self.mailing {
            dice.goes().await?;
        }
        turn.stay("Ring!")
    }

    async fn deliver_mail(&self, what: String, key: Key) -> Result<()> {
        let began = Instant::now();
        match &self.mailing {
            Sending::Takes(time) => sleep(*time).await,
            Sending::Varies(dice) => dice.goes().await?,
            Sending::Fails => return Err(Halt::failed("nobody is there")),
            Sending::Hangs => std::future::pending().await,
        }
        self.send(what, key, began);
        Ok(())
    }

    async fn deliver_ship(&self, what: String, key: Key) -> Result<()> {
        let began = Instant::now();
        if let Sending::Varies(dice) = &self.mailing {
            dice.goes().await?;
        }
        self.send(format!("ship {what}"), key, began);
        Ok(())
    }
}

/// Where couriers play: a store, and a clock that goes on with the runtime's time, which a test turns.
#[derive(Clone)]
pub(crate) struct Yard {
    clock: RunningClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) id: SessionId,
}

impl Yard {
    pub(crate) fn new() -> Self {
        let clock = RunningClock::new();
        Self { clock, store: Arc::new(MemoryStore::builder().clock(clock).build()), id: SessionId::random() }
    }

    /// An engine, as a process of its own would have it.
    pub(crate) fn engine(&self, builder: EngineBuilder<Courier>) -> Engine<Courier> {
        builder.clock(self.clock).store(Arc::clone(&self.store))
    }

    /// How much is to be delivered.
    pub(crate) async fn pending(&self, engine: &Engine<Courier>) -> usize {
        engine.peek(self.id).await.expect("readable").expect("there").pending()
    }
}

/// Goes on with the runtime's time.
#[derive(Clone, Copy)]
pub(crate) struct RunningClock(Instant);

impl RunningClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RunningClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.0.elapsed()
    }
}
