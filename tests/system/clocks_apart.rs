//! Clocks that are apart, of machines and of a cluster's nodes, under messages that were accepted and replies that are sent: nothing is
//! handled twice for it, nothing waits for another clock, and what a process leaves that dies is done when its lease has ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Address, Channel, Clock, Deadlines, Engine, Fate, Flow, Halt, Input, Opening, Outgoing, Result, SessionId, Step,
    Store, SystemClock, Turn,
    engine::Inbox,
    store::{Letter, Post},
};
use flow_postgres::PostgresStore;
use flow_proving::{Cluster, PostgresServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::{RecordingChannel, Try};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};
use uuid::Uuid;

/// What was said, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Notes {
    heard: Vec<String>,
}

/// Writes down what is said.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "apart", shared = Notes)]
enum Apart {
    #[state(start, endless, ask = "Yes?", handled, to(Listening))]
    Listening,
}

use apart::*;

/// Handles what is said, unless its process is about to die over it.
#[derive(Clone, Default)]
struct Clerk {
    dying: Option<Arc<AtomicUsize>>,
}

impl ApartHandler for Clerk {
    async fn listening(&self, _: Listening, mut turn: Turn<'_, Listening>) -> Step<Listening> {
        let said = turn.text().to_owned();
        if let Some(dying) = &self.dying {
            dies(dying).await;
        }
        if said.starts_with("slow") {
            sleep(3 * PATIENCE).await;
        }
        turn.shared_mut().heard.push(said.clone());
        turn.stay(format!("heard {said}"))
    }

    async fn on_open(&self, opening: &mut Opening<'_, Apart>) -> Result<()> {
        match opening.input().said() {
            Some("broken") => {
                // Meanwhile the times of other nodes are heard.
                sleep(3 * PATIENCE).await;
                Err(Halt::failed("it cannot begin"))
            }
            _ => Ok(()),
        }
    }
}

/// What comes to this point is about to die, and does nothing more.
async fn dies(dying: &AtomicUsize) {
    dying.fetch_add(1, Ordering::SeqCst);
    std::future::pending::<()>().await;
}

/// A channel whose process is about to die over a reply.
struct Deadly(Arc<AtomicUsize>);

#[async_trait]
impl Channel for Deadly {
    async fn send(&self, _: &Outgoing) -> Result<(), Fate> {
        dies(&self.0).await;
        Ok(())
    }
}

/// A clock that differs from ours.
struct Off(TimeDelta);

impl Clock for Off {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }
}

const PATIENCE: Duration = Duration::from_millis(10);

/// How much longer than its lease something may wait: a look of the worker, on a busy machine.
const A_WHILE: Duration = Duration::from_secs(4);

fn deadlines() -> Deadlines {
    Deadlines::default().turn(LETTERS_LEASE).handler(LETTERS_LEASE).store(STORE).hook(HOOK)
}

/// For how long what a process goes through is left to it, as the deadlines have it.
const LETTERS_LEASE: Duration = Duration::from_secs(4);
const CLAIM: Duration = Duration::from_secs(2 + 4);

const STORE: Duration = Duration::from_secs(2);
const HOOK: Duration = Duration::from_secs(1);

/// A store, and what is done to those who talk by it.
struct Place {
    store: Arc<dyn Store>,
    /// How the store is reached from a process that dies: by a connection of its own.
    of_its_own: Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>,
    channel: RecordingChannel,
}

impl Place {
    fn new(reached: impl Fn() -> Arc<dyn Store> + Send + Sync + 'static) -> Self {
        Self { store: reached(), of_its_own: Box::new(reached), channel: RecordingChannel::new() }
    }

    /// An engine on a machine whose clock is off by so many minutes.
    fn engine(&self, minutes: i64) -> Engine<Apart> {
        let engine = Apart::engine(Clerk::default()).channel("web", self.channel.clone());
        let engine = engine.deadlines(deadlines()).inbox(Inbox::default().patience(PATIENCE));
        engine.clock(Off(TimeDelta::minutes(minutes))).store(Arc::clone(&self.store))
    }

    /// One of a process of its own, which dies at the first chance.
    fn mortal(&self, minutes: i64, dying: &Arc<AtomicUsize>, over: Dying) -> Engine<Apart> {
        let dying = Arc::clone(dying);
        let engine = match over {
            Dying::Handling => Apart::engine(Clerk { dying: Some(dying) }).channel("web", self.channel.clone()),
            Dying::Sending => Apart::engine(Clerk::default()).channel("web", Deadly(dying)),
        };
        let engine = engine.deadlines(deadlines()).inbox(Inbox::default().patience(PATIENCE));
        engine.clock(Off(TimeDelta::minutes(minutes))).store((self.of_its_own)())
    }

    async fn heard(&self, engine: &Engine<Apart>, id: SessionId) -> Vec<String> {
        let session = engine.peek(id).await.expect("it can be read");
        session.map(|session| session.shared().heard.clone()).unwrap_or_default()
    }

    /// The texts that were sent to a visitor, in this order. Where one was sent again, its claim had ended.
    fn sent_to(&self, id: SessionId) -> Vec<String> {
        let mut sent = Vec::<Try>::new();
        for again in self.channel.tries().into_iter().filter(|a_try| a_try.outgoing.key.session == id) {
            match sent.iter().find(|first| first.outgoing.key == again.outgoing.key) {
                Some(first) => assert!(again.at - first.at >= 2 * HOOK, "too soon: {:?}", again.at - first.at),
                None => sent.push(again),
            }
        }
        sent.into_iter().map(|a_try| a_try.outgoing.reply.text().to_owned()).collect()
    }
}

/// In the midst of what a process dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dying {
    Handling,
    Sending,
}

fn from_web(id: SessionId, text: &str) -> flow_core::Message {
    Input::text(text).with_id(text).with_address(Address::new("web", id.to_string()))
}

/// Sessions of every node, where there are nodes.
fn visitors(count: usize) -> Vec<SessionId> {
    (0..count).map(|_| SessionId::random()).collect()
}

/// Waits until something holds, and tells how long it took.
async fn waits_until(what: &str, holds: impl AsyncFn() -> bool) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(40), "it does not come to it that {what}");
        sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

fn works(engine: &Engine<Apart>) {
    let worker = engine.worker().pause(Duration::from_millis(100)).lease(Duration::from_secs(1));
    worker.start();
}

/// Two machines take what comes in turns, and a third one, or they themselves, send the replies.
async fn what_is_accepted_is_handled_once_and_answered_once_in_order(place: &Place) {
    const TEXTS: [&str; 6] = ["hi", "slow 1", "2", "slow 3", "slow 4", "5"];
    let machines = [10, -10, 0].map(|minutes| place.engine(minutes));
    works(&machines[1]);
    let visitors = visitors(18);
    let talks = visitors.iter().enumerate().map(async |(first, id)| {
        for (number, text) in TEXTS.iter().enumerate() {
            let machine = &machines[(first + number) % 2];
            // A store on a busy machine may be late; then the visitor says it again.
            while machine.accept(*id, from_web(*id, text)).await.is_err() {
                sleep(PATIENCE).await;
            }
        }
    });
    join_all(talks).await;
    for id in &visitors {
        let is_done = async || place.sent_to(*id).len() >= TEXTS.len();
        waits_until("everything is answered", is_done).await;
        assert_eq!(place.heard(&machines[2], *id).await, TEXTS[1..], "each once, in order");
        let replies = TEXTS[1..].iter().map(|text| format!("heard {text}"));
        let replies: Vec<_> = std::iter::once("Yes?".to_owned()).chain(replies).collect();
        assert_eq!(place.sent_to(*id), replies, "each once, in order");
    }
    for machine in &machines {
        let _ = machine.shutdown(Duration::from_secs(5)).await;
    }
}

/// There is no record yet that could tell the time: it begins with the apology.
async fn who_is_answered_with_the_apology_alone_does_not_wait_for_another_clock(place: &Place) {
    let (engine, at_work) = (place.engine(0), place.engine(0));
    works(&at_work);
    let visitors = visitors(18);
    let accepted = Instant::now();
    let talks = visitors.iter().map(async |id| {
        let accepted = engine.accept(*id, from_web(*id, "broken")).await.expect("it is accepted");
        assert!(accepted.outcome().is_none_or(|outcome| outcome.is_failed()));
    });
    join_all(talks).await;
    for id in &visitors {
        waits_until("the apology is sent", async || !place.sent_to(*id).is_empty()).await;
    }
    assert!(accepted.elapsed() < A_WHILE, "after {:?}", accepted.elapsed());
    let _ = at_work.shutdown(Duration::from_secs(5)).await;
}

/// A process dies over messages that are posted, and others behind them; another one goes on when its lease has ended.
async fn letters_of_the_dead_are_handled_when_their_lease_has_ended(place: &Place) {
    for minutes in [10, -10] {
        let (right, visitors) = (place.engine(0), visitors(6));
        for id in &visitors {
            right.handle(*id, "hi").await.expect("a turn");
        }
        let posted = Instant::now();
        let process = Process::new(place, minutes, Dying::Handling);
        let (engine, ids) = (process.engine.clone(), visitors.clone());
        let accepted = process.runtime.spawn(async move {
            for text in ["first", "second"] {
                let accepted = ids.iter().map(|id| engine.accept(*id, from_web(*id, text)));
                for accepted in join_all(accepted).await {
                    assert!(accepted.expect("it is accepted").is_waiting());
                }
            }
        });
        accepted.await.expect("all are accepted");
        process.dies(visitors.len()).await;
        assert!(posted.elapsed() < LETTERS_LEASE, "it died in time: {:?}", posted.elapsed());
        let died = Instant::now();
        let other = place.engine(-minutes);
        works(&other);
        for id in &visitors {
            let is_handled = async || place.heard(&right, *id).await == ["first", "second"];
            waits_until("the letters are handled", is_handled).await;
        }
        assert!(posted.elapsed() >= LETTERS_LEASE, "{minutes} minutes ahead: after {:?}", posted.elapsed());
        assert!(died.elapsed() < LETTERS_LEASE + A_WHILE, "{minutes} minutes ahead: after {:?}", died.elapsed());
        let _ = other.shutdown(Duration::from_secs(5)).await;
    }
}

/// A process dies over the sending of replies; another one sends them when its claim has ended.
async fn replies_of_the_dead_are_sent_when_their_claim_has_ended(place: &Place) {
    for minutes in [10, -10] {
        let (visitors, claimed) = (visitors(6), Instant::now());
        let process = Process::new(place, minutes, Dying::Sending);
        let (engine, ids) = (process.engine.clone(), visitors.clone());
        let taken = process.runtime.spawn(async move {
            works(&engine);
            for taken in join_all(ids.iter().map(|id| engine.handle(*id, from_web(*id, "hi")))).await {
                taken.expect("a turn");
            }
        });
        taken.await.expect("all turns are taken");
        process.dies(visitors.len()).await;
        let died = Instant::now();
        let other = place.engine(-minutes);
        works(&other);
        for id in &visitors {
            waits_until("the reply is sent", async || place.sent_to(*id) == ["Yes?"]).await;
        }
        assert!(claimed.elapsed() >= CLAIM, "{minutes} minutes ahead: after {:?}", claimed.elapsed());
        assert!(died.elapsed() < CLAIM + A_WHILE, "{minutes} minutes ahead: after {:?}", died.elapsed());
        let _ = other.shutdown(Duration::from_secs(5)).await;
    }
}

/// One look of a worker does all that is due, however many it claims at a time.
async fn one_look_does_all_that_is_due(place: &Place) {
    let (engine, visitors) = (place.engine(-10), visitors(80));
    for (number, id) in visitors.iter().enumerate() {
        // As a process leaves it that ends in an orderly way.
        let message = json!({"turn": number.to_string(), "at": Utc::now(), "message": {"input": {"text": "hi"}, "id": number.to_string()}});
        let letter = Letter::new(*Uuid::new_v4().as_bytes(), message.to_string().into_bytes());
        place.store.post(Post::new(*id, "apart", letter, Duration::ZERO)).await.expect("it is posted");
    }
    // What is due is told to the millisecond.
    sleep(Duration::from_millis(2)).await;
    engine.worker().look().await.expect("the store tells what is due");
    let mut waiting = 0;
    for id in &visitors {
        waiting += engine.waiting(*id).await.expect("a number");
    }
    assert_eq!(waiting, 0);
}

/// A process of its own: its runtime, and its engine, whose connections are its own as well.
struct Process {
    runtime: Runtime,
    engine: Engine<Apart>,
    /// How much it is about to die over.
    dying: Arc<AtomicUsize>,
}

impl Process {
    fn new(place: &Place, minutes: i64, over: Dying) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let dying = Arc::<AtomicUsize>::default();
        let engine = {
            let _within = runtime.enter();
            place.mortal(minutes, &dying, over)
        };
        Self { runtime, engine, dying }
    }

    /// Ends it, wherever it is, once it is in the midst of so many things.
    async fn dies(self, things: usize) {
        waits_until("it is in the midst of it", async || self.dying.load(Ordering::SeqCst) >= things).await;
        self.runtime.shutdown_background();
    }
}

async fn holds_on(place: Place) {
    // The first connection takes its time on a busy machine.
    waits_until("the store is there", async || place.store.load(SessionId::random(), 0).await.is_ok()).await;
    what_is_accepted_is_handled_once_and_answered_once_in_order(&place).await;
    who_is_answered_with_the_apology_alone_does_not_wait_for_another_clock(&place).await;
    letters_of_the_dead_are_handled_when_their_lease_has_ended(&place).await;
    replies_of_the_dead_are_sent_when_their_claim_has_ended(&place).await;
    one_look_does_all_that_is_due(&place).await;
}

#[tokio::test]
async fn on_sqlite_machines_may_be_ten_minutes_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bot.db");
    holds_on(Place::new(move || Arc::new(SqliteStore::open(&path).expect("a store")))).await;
}

#[tokio::test]
async fn on_postgres_machines_may_be_ten_minutes_apart() {
    let server = PostgresServer::start_quick();
    let url = server.url("postgres");
    let store = move || -> Arc<dyn Store> {
        let builder = PostgresStore::builder(&url).connect_deadline(STORE).call_deadline(STORE);
        Arc::new(builder.lazy().expect("an address"))
    };
    holds_on(Place::new(store)).await;
}

#[tokio::test]
async fn in_a_cluster_its_nodes_may_be_ten_minutes_apart_as_well() {
    const MINUTES: i64 = 60;
    let cluster = Cluster::ahead_by([0, 10, -10, 0, 0, 0].map(|minutes| minutes * MINUTES));
    let url = cluster.url();
    let store = move || -> Arc<dyn Store> {
        let builder = RedisStore::builder(&url).connect_deadline(STORE).call_deadline(STORE);
        Arc::new(builder.lazy().expect("an address"))
    };
    holds_on(Place::new(store)).await;
}
