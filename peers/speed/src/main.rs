//! Turns beside the peers and beside the bare limits, in rounds that take turns with each other, in one run.
//!
//! `peers/fast` runs it: it starts a `redis-server` of its own and writes `docs/speed.md` and its pictures. `SPELL` is how many
//! milliseconds each candidate has in each round, `ROUNDS` how many there are, `SESSIONS` how many sessions memory is filled with.

mod candidates;
mod cluster;
mod growth;
mod measured;
mod page;
mod plot;
mod python;
mod server;
mod talk;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use flow_memory::MemoryStore;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use measured::{Candidate, measure};
use python::Python;
use server::Server;

const AT_ONCE: [usize; 4] = [1, 8, 64, 512];

fn on_redis<'r>(
    runtime: &'r Runtime,
    server: &'r Server,
    ours: &Arc<RedisStore>,
    python: Option<&'r Python>,
) -> Vec<Candidate<'r>> {
    let url = server.url();
    let (teloxide, tower, connection) = runtime.block_on(async {
        let client = redis::Client::open(url.as_str()).expect("a URL");
        let connection = client.get_multiplexed_async_connection().await.expect("a connection");
        (candidates::teloxide_redis(&url).await, candidates::tower_sessions(&url).await, connection)
    });
    let ours = candidates::ours(&talk::engine(Arc::clone(ours), 10, 0));
    let bespoke = candidates::bespoke(&connection);
    let mut candidates = Vec::new();
    for at_once in AT_ONCE {
        let all = [("Flow", &ours), ("teloxide", &teloxide), ("tower-sessions", &tower), ("bespoke loop", &bespoke)];
        let all = all.map(|(name, act)| Candidate::acting(name, runtime, at_once, Arc::clone(act)));
        candidates.extend(all);
        candidates.extend(python.map(|python| python.candidate("aiogram", "aiogram", at_once)));
    }
    candidates.push(Candidate::of(page::ONE_CONNECTION, 1, || server.bare_script(1, 1)));
    candidates.push(Candidate::of(page::CONNECTIONS, 64, || server.bare_script(64, 1)));
    candidates.push(Candidate::of(page::PIPELINE, 64, || server.bare_script(1, 64)));
    candidates
}

fn in_memory<'r>(one: &'r Runtime, two: &'r Runtime, python: Option<&'r Python>) -> Vec<Candidate<'r>> {
    let ours = candidates::ours(&talk::engine(Arc::new(MemoryStore::new()), 10, 0));
    let teloxide = candidates::teloxide_in_memory();
    let at_once = AT_ONCE.into_iter().map(|at_once| (at_once, if at_once == 1 { one } else { two }));
    let all = at_once.flat_map(|(at_once, runtime)| {
        [("Flow", &ours), ("teloxide", &teloxide)]
            .map(|(name, act)| Candidate::acting(name, runtime, at_once, Arc::clone(act)))
    });
    all.chain(python.map(|python| python.candidate("langgraph-memory", "LangGraph", 1))).collect()
}

fn in_a_file<'r>(one: &'r Runtime, file: &Path, python: Option<&'r Python>) -> Vec<Candidate<'r>> {
    let store = SqliteStore::open(file).expect("a file");
    let ours = candidates::ours(&talk::engine(Arc::new(store), 10, 0));
    let all = [1, 64].map(|at_once| Candidate::acting("Flow", one, at_once, Arc::clone(&ours)));
    all.into_iter().chain(python.map(|python| python.candidate("langgraph-sqlite", "LangGraph", 1))).collect()
}

fn main() {
    let one = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let two = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let server = Server::start();
    let store = Arc::new(one.block_on(RedisStore::connect(&server.url())).expect("a store"));
    // First, while the process is small.
    let crowds = growth::crowds(&one);
    let python = Python::start(&server.url());
    let mut redis = on_redis(&one, &server, &store, python.as_ref());
    measure(&mut redis);
    let mut memory = in_memory(&one, &two, python.as_ref());
    measure(&mut memory);
    let folder = TempDir::new().expect("a folder");
    let mut file = in_a_file(&one, &folder.path().join("talks.sqlite"), python.as_ref());
    measure(&mut file);
    let nodes = cluster::by_nodes(&one);
    let sizes = growth::grown(&one, &store, &[(10, 200), (10, 1_000), (10, 4_000), (10, 16_000), (10, 64_000)]);
    let histories = growth::grown(&one, &store, &[(0, 0), (10, 0), (50, 0), (200, 0), (1_000, 0)]);
    let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    let page = page::Page {
        redis: &redis,
        memory: &memory,
        file: &file,
        sizes: &sizes,
        histories: &histories,
        crowds: &crowds,
        nodes: &nodes,
    };
    page.write(&docs).expect("the page can be written");
    println!("written: docs/speed.md, docs/pictures/speed-*.svg");
}
