//! What is measured: a turn, or what comes nearest to it, of each.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flow_core::{Engine, SessionId};
use redis::{Script, aio::MultiplexedConnection};
use serde::{Deserialize, Serialize};
use teloxide::{
    dispatching::dialogue::{InMemStorage, RedisStorage, Storage, serializer::Json},
    types::ChatId,
};
use tower_sessions::{
    SessionStore,
    cookie::time::{Duration, OffsetDateTime},
    session::{Id, Record},
};
use tower_sessions_redis_store::{RedisStore, fred::prelude::*};

use crate::{measured::Act, talk};

/// A session for each that is at once.
pub const MOST: usize = 512;

/// Compares eight bytes and sets.
pub const SCRIPT: &str = "local l = redis.call('GETRANGE', KEYS[1], 0, 7) \
    if l == '' or l == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', 3600) return 1 else return 0 end";

/// What the peers keep of a session: about a kilobyte in JSON, as our record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    name: String,
    email: String,
    steps: Vec<String>,
    number: u64,
}

impl Kept {
    fn new() -> Self {
        let steps = (0..10).map(|step| format!("step {step:02}: {}", "x".repeat(64))).collect();
        Self { name: "Ana".into(), email: "ana@example.com".into(), steps, number: 0 }
    }
}

pub fn ours(engine: &Engine<talk::Talk>) -> Act {
    let (engine, ids) = (engine.clone(), Arc::new((0..MOST).map(|_| SessionId::random()).collect::<Vec<_>>()));
    Arc::new(move |worker| {
        let (engine, ids) = (engine.clone(), Arc::clone(&ids));
        Box::pin(async move { talk::take(&engine, ids[worker]).await })
    })
}

async fn dialogue<S: Storage<Kept>>(storage: Arc<S>, chat: ChatId)
where
    S::Error: std::fmt::Debug,
{
    let mut kept = Arc::clone(&storage).get_dialogue(chat).await.expect("a dialogue").unwrap_or_else(Kept::new);
    kept.number += 1;
    storage.update_dialogue(chat, kept).await.expect("an update");
}

pub fn teloxide_in_memory() -> Act {
    let storage = InMemStorage::<Kept>::new();
    Arc::new(move |worker| Box::pin(dialogue(Arc::clone(&storage), ChatId(worker as i64))))
}

pub async fn teloxide_redis(url: &str) -> Act {
    let storage = RedisStorage::open(url, Json).await.expect("a storage");
    Arc::new(move |worker| Box::pin(dialogue(Arc::clone(&storage), ChatId(worker as i64))))
}

pub async fn tower_sessions(url: &str) -> Act {
    let pool = Pool::new(Config::from_url(url).expect("a URL"), None, None, None, 1).expect("a pool");
    pool.init().await.expect("a connection");
    let store = Arc::new(RedisStore::new(pool));
    let data = serde_json::to_value(Kept::new()).expect("JSON");
    for worker in 0..MOST {
        let data = HashMap::from([("kept".to_owned(), data.clone())]);
        let mut record =
            Record { id: Id(worker as i128), data, expiry_date: OffsetDateTime::now_utc() + Duration::hours(1) };
        store.create(&mut record).await.expect("a session");
    }
    Arc::new(move |worker| {
        let store = Arc::clone(&store);
        Box::pin(async move {
            let mut record = store.load(&Id(worker as i128)).await.expect("a load").expect("a session");
            record.data.insert("number".into(), OffsetDateTime::now_utc().unix_timestamp().into());
            store.save(&record).await.expect("a save");
        })
    })
}

/// Keeps its state, encodes it each time, and only compares and sets.
pub fn bespoke(connection: &MultiplexedConnection) -> Act {
    let (connection, script) = (connection.clone(), Arc::new(Script::new(SCRIPT)));
    let states = Arc::new((0..MOST).map(|_| AtomicU64::new(0)).collect::<Vec<_>>());
    let steps = Kept::new();
    let steps = Arc::new(steps);
    Arc::new(move |worker| {
        let (mut connection, script) = (connection.clone(), Arc::clone(&script));
        let (states, steps) = (Arc::clone(&states), Arc::clone(&steps));
        Box::pin(async move {
            let number = states[worker].load(Ordering::Relaxed);
            let mut record = format!("{:08x}", number + 1).into_bytes();
            serde_json::to_writer(&mut record, &Kept { number, ..Kept::clone(&steps) }).expect("JSON");
            let mut call = script.key(format!("bespoke:{worker}"));
            let set: i64 =
                call.arg(format!("{number:08x}")).arg(record).invoke_async(&mut connection).await.expect("a commit");
            assert_eq!(set, 1, "nobody else writes it");
            states[worker].store(number + 1, Ordering::Relaxed);
        })
    })
}
