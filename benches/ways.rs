//! What a message asks of its store on each of its ways: counted with an engine, and timed as the bare calls that it comes to.
//!
//! `cargo bench -p flow-bench --bench ways`, with `redis-server` and Postgres installed. All ways take turns in every round: read
//! the ratios.

mod conversation;
mod counted;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use flow_core::{
    Address, Channel, Engine, Fate, Input, Message, Outgoing, Record, SessionId, Stamp, Step, Store, Turn,
    answers::Name,
    engine::{Event, Inbox, Observer},
    store::{Commit, Expect, Letter, Post, Verdict},
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

use conversation::{Begin, Chat, Talk, TalkHandler};
use counted::{Calls, Counted};

const ROUNDS: usize = 9;
/// How long each way is gone in each round.
const SPELL: Duration = Duration::from_millis(250);
const LEASE: Duration = Duration::from_secs(34);

/// What a message comes to at its store.
#[derive(Clone, Copy, Debug)]
struct Way {
    name: &'static str,
    loads: bool,
    is_posted: bool,
    commits: usize,
    /// Whether its turn leaves replies to be sent, so that a worker is to look at the session.
    has_replies: bool,
}

const WAYS: [Way; 7] = [
    Way { name: "its turn, replies returned", loads: true, is_posted: false, commits: 1, has_replies: false },
    Way { name: "its turn, struck off by the next", loads: true, is_posted: false, commits: 1, has_replies: true },
    Way { name: "its turn, struck off by itself", loads: true, is_posted: false, commits: 2, has_replies: true },
    Way { name: "posted, struck off by the next", loads: true, is_posted: true, commits: 1, has_replies: true },
    Way { name: "posted, struck off by itself", loads: true, is_posted: true, commits: 2, has_replies: true },
    Way { name: "(a load alone)", loads: true, is_posted: false, commits: 0, has_replies: false },
    Way { name: "(a commit alone)", loads: false, is_posted: false, commits: 1, has_replies: false },
];

/// A session as one writer knows it.
struct Writer {
    id: SessionId,
    stamp: Option<Stamp>,
    letters: u128,
}

impl Writer {
    fn new() -> Self {
        Self { id: SessionId::random(), stamp: None, letters: 0 }
    }

    async fn goes(&mut self, store: &dyn Store, way: Way) {
        if way.loads {
            self.loads(store).await;
        }
        if way.is_posted {
            self.posts(store).await;
        }
        for number in 0..way.commits {
            let takes = way.is_posted && number == 0;
            self.commits(store, takes, way.has_replies && number == 0).await;
        }
    }

    async fn loads(&self, store: &dyn Store) {
        store.load(self.id, 0).await.expect("a load");
    }

    async fn posts(&mut self, store: &dyn Store) {
        self.letters += 1;
        let letter = Letter::new(self.letters.to_be_bytes(), vec![b'x'; 200]);
        store.post(Post::new(self.id, "talk", letter, LEASE)).await.expect("a post");
    }

    async fn commits(&mut self, store: &dyn Store, takes: bool, is_woken: bool) {
        let stamp = self.stamp.map_or_else(Stamp::first, |stamp| stamp.next());
        let record = Record::compose(stamp, &[b'x'; 1_400]);
        let expect = self.stamp.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
        let wake_at = is_woken.then(|| Utc::now() + TimeDelta::minutes(1));
        let commit = Commit::new(self.id, expect, record, "talk", "CHAT").time_to_live(LEASE * 60).wake_at(wake_at);
        let commit = if takes { commit.takes(vec![self.letters.to_be_bytes()]).while_waiting(LEASE) } else { commit };
        assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
        self.stamp = Some(stamp);
    }
}

/// How many messages a second went this way, so many at once.
async fn rate(store: &Arc<dyn Store>, way: Way, at_once: usize) -> f64 {
    let mut writers: Vec<_> = (0..at_once).map(|_| Writer::new()).collect();
    for writer in &mut writers {
        writer.commits(&**store, false, false).await;
    }
    let (count, began, mut tasks) = (Arc::new(AtomicU32::new(0)), Instant::now(), JoinSet::new());
    for mut writer in writers {
        let (store, count) = (Arc::clone(store), Arc::clone(&count));
        tasks.spawn(async move {
            while began.elapsed() < SPELL {
                writer.goes(&*store, way).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tasks.join_all().await;
    f64::from(count.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64()
}

async fn rates(name: &str, store: Arc<dyn Store>, at_once: usize) {
    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let mut round = [0.0; WAYS.len()];
        for (way, rate_of_it) in WAYS.into_iter().zip(&mut round) {
            *rate_of_it = rate(&store, way, at_once).await;
        }
        rounds.push(round);
    }
    // The first round makes the connections.
    rounds.remove(0);
    for (place, way) in WAYS.iter().enumerate() {
        let rate = median(rounds.iter().map(|rates| rates[place]));
        let ratio = median(rounds.iter().map(|rates| rates[0] / rates[place]));
        println!("{name:10} {at_once:2} at once  {:34} {rate:8.0}/s {:8.1} µs  × {ratio:.2}", way.name, 1e6 / rate);
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// What a Redis server spends on each call, in microseconds of its own.
async fn of_the_server(server: &RedisServer, store: &dyn Store) {
    const MESSAGES: usize = 4_000;
    let mut writers: Vec<_> = (0..MESSAGES).map(|_| Writer::new()).collect();
    for writer in &mut writers {
        writer.commits(store, false, false).await;
    }
    let spent = || {
        let told = server.ask(&["INFO", "commandstats"]);
        server.ask(&["CONFIG", "RESETSTAT"]);
        let of = |command: &str| -> f64 {
            let line = told.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:")));
            let spent = line.and_then(|line| line.split(',').find_map(|field| field.strip_prefix("usec=")));
            spent.map_or(0.0, |spent| spent.parse().expect("a number"))
        };
        // What a script calls is told besides, and is in the script's own time.
        let scripts = of("evalsha") + of("eval");
        let commands = ["get", "time", "lrange", "multi", "exec"].map(of).iter().sum::<f64>();
        (if scripts > 0.0 { scripts } else { commands }) / f64::from(u32::try_from(MESSAGES).expect("a number"))
    };
    for round in 0..3 {
        spent();
        for writer in &writers {
            writer.loads(store).await;
        }
        let load = spent();
        for writer in &mut writers {
            writer.commits(store, false, false).await;
        }
        let commit = spent();
        for writer in &mut writers {
            writer.commits(store, false, true).await;
        }
        let woken = spent();
        for writer in &mut writers {
            writer.commits(store, false, false).await;
        }
        let struck = spent();
        for writer in &mut writers {
            writer.posts(store).await;
        }
        let post = spent();
        for writer in &mut writers {
            writer.commits(store, true, true).await;
        }
        let taking = spent();
        for writer in &mut writers {
            writer.commits(store, false, false).await;
        }
        println!(
            "redis, µs of the server, round {round}: load {load:.1}, commit {commit:.1}, with a wake time {woken:.1}, \
             struck off {struck:.1}, post {post:.1}, the commit that takes it {taking:.1}"
        );
    }
}

/// Answers once the message is posted, if it is to be.
struct Host {
    posted: Arc<Semaphore>,
    waits: bool,
}

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        if self.waits {
            self.posted.acquire().await.expect("it is never closed").forget();
        }
        turn.to(state.chat())
    }
}

/// Says that a message was posted.
struct Doorbell(Arc<Semaphore>);

impl Observer for Doorbell {
    fn happened(&self, event: Event) {
        if event == Event::Posted {
            self.0.add_permits(1);
        }
    }
}

/// Sends nothing, at once.
struct Sink;

#[async_trait]
impl Channel for Sink {
    async fn send(&self, _: &Outgoing) -> Result<(), Fate> {
        Ok(())
    }
}

/// What twenty messages of a session ask of the store, so long after each other.
async fn counted(is_posted: bool, has_address: bool, pause: Duration) -> Calls {
    let (store, posted) = (Arc::new(Counted::over(Arc::new(MemoryStore::new()))), Arc::new(Semaphore::new(0)));
    let host = Host { posted: Arc::clone(&posted), waits: is_posted };
    let builder = Talk::engine(host).channel("web", Sink).observer(Doorbell(posted));
    let engine: Engine<Talk> = builder.inbox(Inbox::default().patience(Duration::ZERO)).store(Arc::clone(&store));
    engine.worker().start();
    let (id, quiet) = (SessionId::random(), Duration::from_millis(1_300));
    let message = |number: usize| -> Message {
        let input = Input::text("Ana").with_id(format!("wamid.{number}"));
        if has_address { input.with_address(Address::new("web", "visitor-7")) } else { input }
    };
    for number in 0..2 {
        engine.handle(id, message(number)).await.expect("a turn");
    }
    sleep(quiet).await;
    store.calls();
    for number in 2..22 {
        if is_posted {
            assert!(engine.accept(id, message(number)).await.expect("it is accepted").is_waiting());
        } else {
            engine.handle(id, message(number)).await.expect("a turn");
        }
        sleep(pause).await;
    }
    store.calls()
}

#[tokio::main]
async fn main() {
    let (soon, late) = (Duration::from_millis(20), Duration::from_millis(1_200));
    for (name, is_posted, has_address, pause) in [
        ("its turn, replies returned", false, false, soon),
        ("its turn, struck off by the next", false, true, soon),
        ("its turn, struck off by itself", false, true, late),
        ("posted, replies returned", true, false, soon),
        ("posted, struck off by the next", true, true, soon),
        ("posted, struck off by itself", true, true, late),
    ] {
        let Calls { loads, commits, posts, .. } = counted(is_posted, has_address, pause).await;
        println!("20 messages, {name:34} {loads:3} loads {posts:3} posts {commits:3} commits");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    rates("sqlite", Arc::new(sqlite), 1).await;
    let server = PostgresServer::start();
    let postgres = PostgresStore::builder(&server.url("postgres")).call_deadline(Duration::from_secs(10));
    let postgres: Arc<dyn Store> = Arc::new(postgres.connect().await.expect("a store"));
    for at_once in [1, 16] {
        rates("postgres", Arc::clone(&postgres), at_once).await;
    }
    let server = RedisServer::start();
    let redis: Arc<dyn Store> = Arc::new(RedisStore::connect(&server.url()).await.expect("a store"));
    rates("redis", Arc::clone(&redis), 1).await;
    of_the_server(&server, &*redis).await;
}
