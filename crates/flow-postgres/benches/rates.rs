//! Commits a second: the store beside a bare UPDATE of the same rows, both over the same number of connections.
//!
//! All take turns in every round, so that whatever else the machine does meets all alike; a ratio compares what was
//! measured in one round. The server waits for its disk.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{
    Archive as _, Record, SessionId, Stamp, Store,
    archive::Kept,
    store::{Commit, Expect, Verdict},
};
use flow_postgres::{PostgresBuilder, PostgresStore};
use flow_proving::PostgresServer;
use flow_testkit::conformance::archive::seed;
use tokio::{runtime::Builder, task::JoinSet};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

const ROUNDS: usize = 9;
/// How long each candidate runs in each round.
const SPELL: Duration = Duration::from_millis(700);
const CONNECTIONS: usize = PostgresBuilder::<PostgresStore>::CONNECTIONS;
const TIME_TO_LIVE: Duration = Duration::from_secs(1_800);

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = PostgresServer::start();
        let store = PostgresStore::builder(&server.url("postgres")).call_deadline(Duration::from_secs(10));
        let store = Arc::new(store.connect().await.expect("a store"));
        server.ask("CREATE SCHEMA bare; CREATE TABLE bare.live (LIKE flow.live INCLUDING ALL)");
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            clients.push(Bare::connect(&server).await);
        }
        let names = ["bare UPDATE, alone", "a commit, alone", "bare UPDATE, on all", "commits, 64 at once"];
        let (mut rounds, mut archived) = (Vec::new(), Vec::new());
        for _ in 0..=ROUNDS {
            rounds.push([
                bare(&clients[..1]).await,
                commits(&store, 1).await,
                bare(&clients).await,
                commits(&store, 64).await,
            ]);
            archived.push(100.0 * batches(&store).await);
        }
        // The first round makes the connections.
        rounds.remove(0);
        archived.remove(0);
        println!("{CONNECTIONS} connections{:24} a second    ratio    of the rounds", "");
        for (place, name) in names.iter().enumerate() {
            let rates = sorted(rounds.iter().map(|rates| rates[place]));
            let ratios = sorted(rounds.iter().map(|rates| rates[place] / rates[place / 2 * 2]));
            let (low, middle, high) = (ratios[1], ratios[ROUNDS / 2], ratios[ROUNDS - 2]);
            println!("{name:34} {:>12.0} {middle:>8.2}    {low:.2} … {high:.2}", rates[ROUNDS / 2]);
        }
        let archived = sorted(archived.into_iter());
        println!("{:34} {:>12.0}", "entries, by batches of 100", archived[ROUNDS / 2]);
    });
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// How many times a second `act` was done by so many at once.
async fn rate<A: Future<Output = ()> + Send + 'static>(
    at_once: usize,
    act: impl Fn(usize) -> A + Clone + Send + 'static,
) -> f64 {
    let (count, began, mut workers) = (Arc::new(AtomicU32::new(0)), Instant::now(), JoinSet::new());
    for worker in 0..at_once {
        let (act, count) = (act.clone(), Arc::clone(&count));
        workers.spawn(async move {
            while began.elapsed() < SPELL {
                act(worker).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while workers.join_next().await.is_some() {}
    f64::from(count.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64()
}

/// A connection with a row of its own and a statement that the server knows.
#[derive(Clone)]
struct Bare {
    client: Arc<Client>,
    update: tokio_postgres::Statement,
    id: Uuid,
}

impl Bare {
    async fn connect(server: &PostgresServer) -> Self {
        let (client, connection) = tokio_postgres::connect(&server.url("postgres"), NoTls).await.expect("a client");
        tokio::spawn(connection);
        let id = Uuid::new_v4();
        let insert = "INSERT INTO bare.live (id, version, write_id, record) VALUES ($1, 1, $1, '')";
        client.execute(insert, &[&id]).await.expect("a row");
        let update = "UPDATE bare.live SET version = version + 1, write_id = $2, state = 'CHAT', record = $3,
            expires_at = now() + interval '30 min', wake_at = NULL WHERE id = $1";
        let update = client.prepare(update).await.expect("a statement");
        Self { client: Arc::new(client), update, id }
    }

    async fn update(&self) {
        let record = record(Stamp::first());
        let bytes: &[u8] = record.bytes();
        let changed = self.client.execute(&self.update, &[&self.id, &Uuid::new_v4(), &bytes]).await;
        assert_eq!(changed.expect("an update"), 1);
    }
}

async fn bare(clients: &[Bare]) -> f64 {
    let clients: Arc<[Bare]> = clients.into();
    rate(clients.len(), move |worker| {
        let client = clients[worker].clone();
        async move { client.update().await }
    })
    .await
}

async fn commits(store: &Arc<PostgresStore>, at_once: usize) -> f64 {
    let sessions: Arc<Vec<_>> =
        Arc::new((0..at_once).map(|_| (SessionId::random(), tokio::sync::Mutex::new(None))).collect());
    let store = Arc::clone(store);
    rate(at_once, move |worker| {
        let (store, sessions) = (Arc::clone(&store), Arc::clone(&sessions));
        async move {
            let (id, last) = &sessions[worker];
            let mut last = last.lock().await;
            let stamp = last.map_or_else(Stamp::first, |stamp: Stamp| stamp.next());
            let expect = last.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
            let (record, time_to_live) = (record(stamp), Some(TIME_TO_LIVE));
            let commit = Commit::new(*id, expect, record, "booking", "WELCOME").time_to_live(time_to_live);
            assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
            *last = Some(stamp);
        }
    })
    .await
}

/// Batches of new sessions that have ended, one at a time.
async fn batches(store: &Arc<PostgresStore>) -> f64 {
    let (store, entry) = (Arc::clone(store), seed().remove(0));
    rate(1, move |_| {
        let (store, entry) = (Arc::clone(&store), entry.clone());
        async move {
            let batch = (0..100).map(|_| {
                let mut entry = entry.clone();
                (entry.id, entry.record) = (SessionId::random(), record(Stamp::first()));
                entry
            });
            let kept = store.archive().put(&batch.collect::<Vec<_>>()).await.expect("an archive");
            assert!(kept.iter().all(|kept| matches!(kept, Kept::Done)));
        }
    })
    .await
}

/// 1 kB that looks like a record of the engine.
fn record(stamp: Stamp) -> Record {
    let step = r#"{"from":"CHAT","to":"CHAT","at":"2026-01-01T00:00:00Z","cause":"answer"},"#;
    let mut body = String::from(r#"{"current":"CHAT","data":{"name":"Ana","email":"ana@example.com"},"history":["#);
    while body.len() < 820 {
        body.push_str(step);
    }
    body.push_str("null]}");
    Record::compose(stamp, body.as_bytes())
}
