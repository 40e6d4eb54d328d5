//! A flow whose visitors are reached by channels, on a clock that runs with the test's own time: [`Postman`].

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Address, Engine, EngineBuilder, EngineError, Flow, Halt, Input, Key, Message, Outcome, Result, SessionId, Step,
    StepExt, Turn, Worker,
};
use flow_memory::MemoryStore;
use flow_testkit::RecordingChannel;
use serde::{Deserialize, Serialize};
use tokio::{
    task::{JoinHandle, yield_now},
    time::sleep,
};

use crate::{courier::RunningClock, meddler::Meddler};

/// Says back whatever is said, and mails what it is told to.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "postman", effects(Mail(String)))]
pub(crate) enum Postman {
    #[state(start, ask = "What is it?", remind(Bell), signals(Unreachable(String), Paid, Receipt(String)), to(Home))]
    Counter,
    #[state(end, say = "Bye.")]
    Home,
}

pub(crate) use postman::*;

/// What the handler was asked, and what was mailed.
#[derive(Clone, Default)]
pub(crate) struct Clerk {
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    pub(crate) mailed: Arc<Mutex<Vec<Key>>>,
}

impl Clerk {
    fn notes(&self, what: impl Into<String>) {
        self.asked.lock().expect("a lock").push(what.into());
    }

    /// What the handler was asked, in this order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }
}

impl PostmanHandler for Clerk {
    async fn counter(&self, _: Counter, mut turn: Turn<'_, Counter>) -> Step<Counter> {
        let said = turn.text().to_owned();
        self.notes(said.clone());
        match said.split_once(' ') {
            Some(("both", what)) => turn.stay(format!("{what} 1")).say(format!("{what} 2")),
            Some(("mail", what)) => turn.stay(what).effect(PostmanEffect::Mail(what.into())),
            Some(("think", seconds)) => {
                sleep(Duration::from_secs(seconds.parse().expect("a number"))).await;
                turn.stay("Done.")
            }
            Some(("ring", seconds)) => {
                turn.remind_in(Duration::from_secs(seconds.parse().expect("a number")), CounterReminder::Bell);
                turn.stay("It will ring.")
            }
            Some(("fail", why)) => Err(Halt::failed(why.to_owned())),
            _ if said == "bye" => turn.to(Home),
            _ if said == "where" => {
                let channel = turn.address().map(|address| address.channel().to_owned());
                turn.stay(channel.unwrap_or_default())
            }
            _ => turn.stay(said),
        }
    }

    async fn counter_on_bell(&self, _: Counter, turn: Turn<'_, Counter>) -> Step<Counter> {
        turn.stay("Ring!").say("Ring again!")
    }

    async fn counter_on_unreachable(&self, _: Counter, reason: String, turn: Turn<'_, Counter>) -> Step<Counter> {
        self.notes(format!("unreachable: {reason}"));
        turn.stay("You cannot hear this.")
    }

    async fn counter_on_paid(&self, _: Counter, turn: Turn<'_, Counter>) -> Step<Counter> {
        turn.stay("It is paid.")
    }

    async fn counter_on_receipt(&self, _: Counter, kind: String, turn: Turn<'_, Counter>) -> Step<Counter> {
        self.notes(format!("receipt: {kind}"));
        match &*kind {
            "read" => turn.stay("You have read it."),
            "delivered" => Err(Halt::failed("no room for it")),
            _ => turn.stay(""),
        }
    }

    async fn deliver_mail(&self, _: String, key: Key) -> Result<()> {
        self.mailed.lock().expect("a lock").push(key);
        Ok(())
    }
}

/// A post office: a store whose calls are counted, a channel, and one visitor.
pub(crate) struct Office {
    pub(crate) clock: RunningClock,
    pub(crate) store: Arc<Meddler>,
    pub(crate) channel: RecordingChannel,
    pub(crate) clerk: Clerk,
    pub(crate) id: SessionId,
}

impl Office {
    pub(crate) fn new() -> Self {
        Self::with(RecordingChannel::new())
    }

    pub(crate) fn with(channel: RecordingChannel) -> Self {
        let clock = RunningClock::new();
        let store = Arc::new(Meddler::over(MemoryStore::builder().clock(clock).build()));
        Self { clock, store, channel, clerk: Clerk::default(), id: SessionId::random() }
    }

    /// The builder of an engine that has the channel, under the name "web".
    pub(crate) fn builder(&self) -> EngineBuilder<Postman> {
        Postman::engine(self.clerk.clone()).clock(self.clock).channel("web", self.channel.clone())
    }

    /// The same, of an engine whose flow hears of what can never be sent.
    pub(crate) fn telling(&self) -> EngineBuilder<Postman> {
        self.builder().tell_undeliverable(|address, reason| {
            assert_eq!(address.place(), "visitor-7");
            PostmanSignal::Unreachable(reason.to_owned())
        })
    }

    pub(crate) fn engine(&self) -> Engine<Postman> {
        self.built(self.builder())
    }

    /// An engine over the store, as a process of its own would have it.
    pub(crate) fn built(&self, builder: EngineBuilder<Postman>) -> Engine<Postman> {
        builder.store(Arc::clone(&self.store))
    }

    /// The visitor says this, from the address of the channel.
    pub(crate) async fn says(&self, engine: &Engine<Postman>, what: &str) -> Outcome<Postman> {
        engine.handle(self.id, from_web(what)).await.expect("a turn")
    }

    pub(crate) async fn pending(&self, engine: &Engine<Postman>) -> usize {
        engine.peek(self.id).await.expect("readable").expect("there").pending()
    }

    /// How many dead letters there are.
    pub(crate) async fn set_aside(&self, engine: &Engine<Postman>) -> usize {
        engine.peek(self.id).await.expect("readable").expect("there").set_aside().len()
    }
}

/// What comes in by the channel of the office.
pub(crate) fn from_web(what: &str) -> Message {
    Input::text(what).with_address(Address::new("web", "visitor-7"))
}

/// A worker that has begun to take deliveries from the turns of its process.
pub(crate) async fn at_work(worker: Worker<Postman>) -> JoinHandle<()> {
    let task = worker.start();
    yield_now().await;
    task
}

/// What is due is done.
pub(crate) async fn works(engine: &Engine<Postman>) {
    engine.worker().look().await.expect("the store tells what is due");
}

/// Whether an engine refuses a message for want of such a channel.
pub(crate) fn is_unknown_channel(error: &EngineError) -> bool {
    matches!(error, EngineError::UnknownChannel { channel } if channel == "fax")
}
