//! Turns over a Postgres beside an UPDATE of a table of its own by version, on as many connections, in rounds that take turns with each
//! other; read the ratios. And what each leaves in the write-ahead log, and how many of its updates touch no index.
//!
//! `cargo bench -p flow-bench --bench postgres`, with `postgresql` installed.

mod conversation;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{
    Engine, Input, Limits, Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_postgres::PostgresStore;
use flow_proving::PostgresServer;
use tokio::{sync::Mutex, task::JoinSet};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use conversation::{Host, Talk};

/// How long each candidate runs in each round.
const SPELL: Duration = Duration::from_millis(900);

const ROUNDS: usize = 7;

/// How many sessions there are.
const SESSIONS: usize = 2_000;

/// How many connections each candidate has.
const CONNECTIONS: usize = 10;

/// What a record has, which the log cannot shorten.
fn body() -> [u8; 900] {
    std::array::from_fn(|_| fastrand::u8(..))
}

/// A table with nothing but what compare-and-set needs.
struct Bare {
    connections: Vec<(Client, Statement)>,
    free: Mutex<Vec<usize>>,
    places: tokio::sync::Semaphore,
    versions: Vec<(Uuid, AtomicU64)>,
}

impl Bare {
    async fn connect(url: &str) -> Self {
        let mut connections = Vec::new();
        for number in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
            tokio::spawn(connection);
            if number == 0 {
                let table = "CREATE TABLE bare (id uuid PRIMARY KEY, version bigint NOT NULL, record bytea NOT NULL)";
                client.batch_execute(table).await.expect("a table");
            }
            let sql = "UPDATE bare SET version = version + 1, record = $2 WHERE id = $1 AND version = $3";
            connections.push((client.prepare(sql).await.expect("a statement"), client));
        }
        let connections: Vec<_> = connections.into_iter().map(|(statement, client)| (client, statement)).collect();
        let versions: Vec<_> = (0..SESSIONS).map(|_| (*SessionId::random().as_uuid(), AtomicU64::new(0))).collect();
        for (id, _) in &versions {
            let record = body();
            connections[0].0.execute("INSERT INTO bare VALUES ($1, 0, $2)", &[id, &&record[..]]).await.expect("a row");
        }
        let free = Mutex::new((0..CONNECTIONS).collect());
        Self { connections, free, places: tokio::sync::Semaphore::new(CONNECTIONS), versions }
    }

    async fn update(&self, session: usize) {
        let _place = self.places.acquire().await.expect("it stays open");
        let place = self.free.lock().await.pop().expect("a free connection");
        let ((client, statement), (id, version)) = (&self.connections[place], &self.versions[session]);
        let expected = i64::try_from(version.fetch_add(1, Ordering::Relaxed)).expect("a version");
        let record = body();
        let updated = client.execute(statement, &[id, &&record[..], &expected]).await.expect("an update");
        assert_eq!(updated, 1);
        self.free.lock().await.push(place);
    }
}

/// How many times a second `act` was done by so many at once, each with sessions of its own, and how often.
async fn rate<A: Future<Output = ()> + Send + 'static>(
    at_once: usize,
    act: impl Fn(usize) -> A + Clone + Send + 'static,
) -> (f64, u64) {
    let (count, began, mut workers) = (Arc::new(AtomicU64::new(0)), Instant::now(), JoinSet::new());
    for worker in 0..at_once {
        let (act, count) = (act.clone(), Arc::clone(&count));
        workers.spawn(async move {
            let mut session = worker;
            while began.elapsed() < SPELL {
                act(session).await;
                count.fetch_add(1, Ordering::Relaxed);
                session = if session + at_once < SESSIONS { session + at_once } else { worker };
            }
        });
    }
    while workers.join_next().await.is_some() {}
    let count = count.load(Ordering::Relaxed);
    (f64::from(u32::try_from(count).expect("a count")) / began.elapsed().as_secs_f64(), count)
}

/// Who writes.
#[derive(Clone)]
enum Writer {
    Bare(Arc<Bare>),
    Commits(Arc<PostgresStore>, Arc<Vec<(SessionId, Mutex<Option<Stamp>>)>>),
    Turns(Engine<Talk>, Arc<Vec<SessionId>>),
}

impl Writer {
    async fn write(self, session: usize) {
        match self {
            Self::Bare(bare) => bare.update(session).await,
            Self::Commits(store, sessions) => {
                let (id, last) = &sessions[session];
                let mut last = last.lock().await;
                let stamp = last.map_or_else(Stamp::first, |stamp| stamp.next());
                let record = Record::compose(stamp, &body());
                let expect = last.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
                let commit =
                    Commit::new(*id, expect, record, "talk", "BEGIN").time_to_live(Duration::from_secs(30 * 60));
                assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
                *last = Some(stamp);
            }
            Self::Turns(engine, ids) => {
                engine.handle(ids[session], Input::text("Ana")).await.expect("a turn");
            }
        }
    }

    fn sessions() -> impl Iterator<Item = SessionId> {
        (0..SESSIONS).map(|_| SessionId::random())
    }
}

/// A number that the server is asked for.
fn asked(server: &PostgresServer, sql: &str) -> f64 {
    server.ask(sql).parse().expect("a number")
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = PostgresServer::start();
    let url = server.url("postgres");
    let store = runtime.block_on(PostgresStore::builder(&url).connections(CONNECTIONS).connect()).expect("a store");
    let store = Arc::new(store);
    let engine = |warm| -> Engine<Talk> {
        let limits = Limits::default().history(10).remembered_messages(4);
        Talk::engine(Host).limits(limits).warm(warm).store(Arc::clone(&store))
    };
    let writers = [
        ("UPDATE", "bare", Writer::Bare(Arc::new(runtime.block_on(Bare::connect(&url))))),
        (
            "commit",
            "live",
            Writer::Commits(
                Arc::clone(&store),
                Arc::new(Writer::sessions().map(|id| (id, Mutex::default())).collect()),
            ),
        ),
        ("turn", "live", Writer::Turns(engine(64 * 1024 * 1024), Arc::new(Writer::sessions().collect()))),
        ("turn that reads first", "live", Writer::Turns(engine(0), Arc::new(Writer::sessions().collect()))),
    ];
    for at_once in [1, 64] {
        let mut rates = writers.each_ref().map(|_| Vec::new());
        let (mut logged, mut written) = ([0.0; 4], [0.0; 4]);
        for _ in 0..ROUNDS {
            for (place, (_, _, writer)) in writers.iter().enumerate() {
                let before = asked(&server, "SELECT pg_current_wal_lsn() - '0/0'");
                let writer = writer.clone();
                let act = move |session| writer.clone().write(session);
                let (rate, count) = runtime.block_on(rate(at_once, act));
                logged[place] += asked(&server, "SELECT pg_current_wal_lsn() - '0/0'") - before;
                written[place] += f64::from(u32::try_from(count).expect("a count"));
                rates[place].push(rate);
            }
        }
        let medians = rates.map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        for (place, (name, _, _)) in writers.iter().enumerate() {
            println!(
                "{at_once:2} at once: {name:22} {:8.0}/s  {:.2} of the UPDATE  {:6.0} bytes of log each",
                medians[place],
                medians[place] / medians[0],
                logged[place] / written[place],
            );
        }
    }
    for table in ["flow.bare", "flow.live"] {
        let share = asked(
            &server,
            &format!(
                "SELECT n_tup_hot_upd::float / n_tup_upd FROM pg_stat_user_tables WHERE relid = '{table}'::regclass"
            ),
        );
        println!("{table}: {:.0} % of the updates touch no index", 100.0 * share);
    }
}
