//! What ten workers cost that find nothing to do: the processors and the network of a Redis and of a cluster, with nobody
//! in the wake index, and with 100,000 sessions whose time has not come; beside them the same servers without workers.
//!
//! `cargo bench -p flow-bench --bench idle`, with `redis-server` installed, on Linux.

mod conversation;

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use flow_core::{
    Engine, Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_proving::{Cluster, RedisServer};
use flow_redis::RedisStore;
use futures_util::future::join_all;

use conversation::{Host, Talk};

const WORKERS: usize = 10;

const SESSIONS: usize = 100_000;

const WARM_UP: Duration = Duration::from_secs(3);

const SPELL: Duration = Duration::from_secs(20);

/// What was used so far: commands and bytes as the servers count them, and seconds of a processor.
struct Used {
    commands: f64,
    bytes: f64,
    server: f64,
    client: f64,
}

impl Used {
    fn by(servers: &[RedisServer]) -> Self {
        let told: Vec<_> = servers.iter().map(|server| server.ask(&["INFO"])).collect();
        let sum = |name: &str| told.iter().map(|told| read(told, name)).sum::<f64>();
        Self {
            commands: sum("total_commands_processed"),
            bytes: sum("total_net_input_bytes") + sum("total_net_output_bytes"),
            server: sum("used_cpu_user") + sum("used_cpu_sys"),
            client: own_seconds(),
        }
    }
}

fn read(told: &str, name: &str) -> f64 {
    let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).expect("a number");
    line.trim().parse().expect("a number")
}

/// How long a processor has worked for this process.
fn own_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // Behind the name, which may hold anything: the state, and then numbers.
    let (_, numbers) = told.rsplit_once(')').expect("a name");
    let ticks = numbers.split_whitespace().skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}

async fn store(url: &str) -> RedisStore {
    let patience = Duration::from_secs(5);
    let builder = RedisStore::builder(url).connect_deadline(patience).call_deadline(patience);
    builder.prefix("salon:production").connect().await.expect("a store")
}

/// Commits of so many sessions that want to be looked at in an hour.
async fn fill(url: &str) {
    let store = store(url).await;
    let wake_at = Some(Utc::now() + TimeDelta::hours(1));
    for _ in 0..SESSIONS / 100 {
        let commits = (0..100).map(|_| {
            let record = Record::compose(Stamp::first(), b"{}");
            let id = SessionId::random();
            store.commit(Commit::new(id, Expect::Absent, record, "talk", "BEGIN").wake_at(wake_at))
        });
        assert!(
            join_all(commits)
                .await
                .into_iter()
                .all(|outcome| outcome.expect("a commit") == Verdict::Done { waiting: 0 })
        );
    }
}

/// Has so many workers look for a while, each through a connection of its own, as in processes of their own.
fn measure(name: &str, url: &str, servers: &[RedisServer], workers: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        for _ in 0..workers {
            let engine: Engine<Talk> = Talk::engine(Host).store(store(url).await);
            engine.worker().start();
        }
    });
    thread::sleep(WARM_UP);
    let (before, began) = (Used::by(servers), Instant::now());
    thread::sleep(SPELL);
    let (after, seconds) = (Used::by(servers), began.elapsed().as_secs_f64());
    println!(
        "{name:28} {:6.0} commands/s {:6.1} kB/s, of one processor {:5.2} % there and {:5.2} % here",
        (after.commands - before.commands) / seconds,
        (after.bytes - before.bytes) / seconds / 1_000.0,
        (after.server - before.server) / seconds * 100.0,
        (after.client - before.client) / seconds * 100.0,
    );
}

fn measure_all(name: &str, url: &str, servers: &[RedisServer]) {
    measure(&format!("{name}, no workers"), url, servers, 0);
    measure(&format!("{name}, nobody waits"), url, servers, WORKERS);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(fill(url));
    measure(&format!("{name}, {SESSIONS} wait"), url, servers, WORKERS);
}

fn main() {
    let server = RedisServer::start();
    measure_all("a server", &server.url(), std::slice::from_ref(&server));
    let cluster = Cluster::start();
    measure_all("a cluster", &cluster.url(), &cluster.nodes[..3]);
}
