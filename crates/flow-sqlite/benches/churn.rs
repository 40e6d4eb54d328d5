//! The size of the file over a million turns of 10,000 sessions, which expire and make room for others.
//!
//! The file is beneath `target`, or in `FLOW_BENCH_FOLDER`.

use std::{env, fs, path::Path, sync::Arc, time::Duration};

use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_sqlite::{Durability, SqliteStore};
use flow_testkit::ManualClock;
use rusqlite::Connection;
use tokio::task::JoinSet;

const SESSIONS: u32 = 10_000;
const TOGETHER: u32 = 50;
const TIME_TO_LIVE: Duration = Duration::from_secs(1_800);

/// So long that a session has a turn in each time to live on average, and a third of them come too late.
const BETWEEN_TURNS: Duration = Duration::from_millis(180);

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let folder = env::var_os("FLOW_BENCH_FOLDER").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let (path, clock) = (folder.path().join("bot.db"), ManualClock::new());
    let store = SqliteStore::builder(&path).durability(Durability::Relaxed).clock(clock.clone()).open();
    let store = Arc::new(store.expect("a store"));
    let mut visitors: Vec<_> = (1..=TOGETHER).map(Visitors::new).collect();
    println!("{:>9} {:>9} {:>7} {:>9} {:>9}", "turns", "sessions", "rows", "file, kB", "WAL, kB");
    for round in 1..=10 {
        let mut turns = JoinSet::new();
        for visitors in visitors.drain(..) {
            turns.spawn(visitors.turns(100_000 / TOGETHER, Arc::clone(&store), clock.clone()));
        }
        visitors = turns.join_all().await;
        let begun: u32 = visitors.iter().map(|visitors| visitors.begun).sum();
        let (file, wal) = (length(&path), length(&path.with_extension("db-wal")));
        println!("{:>9} {begun:>9} {:>7} {file:>9} {wal:>9}", round * 100_000, rows(&path));
    }
}

/// In kB.
fn length(path: &Path) -> u64 {
    fs::metadata(path).expect("a file").len() / 1_000
}

fn rows(path: &Path) -> u32 {
    let file = Connection::open(path).expect("a database");
    file.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).expect("a count")
}

/// Some of the visitors, each in a session. Who comes too late begins another.
struct Visitors {
    sessions: Vec<Session>,
    chance: u32,
    begun: u32,
}

#[derive(Clone, Copy)]
struct Session {
    id: SessionId,
    expect: Expect,
}

impl Session {
    fn new() -> Self {
        Self { id: SessionId::random(), expect: Expect::Absent }
    }
}

impl Visitors {
    fn new(seed: u32) -> Self {
        let sessions: Vec<_> = (0..SESSIONS / TOGETHER).map(|_| Session::new()).collect();
        Self { begun: SESSIONS / TOGETHER, sessions, chance: seed }
    }

    async fn turns(mut self, turns: u32, store: Arc<SqliteStore>, clock: ManualClock) -> Self {
        for _ in 0..turns {
            clock.advance(BETWEEN_TURNS);
            let place = self.chance() as usize % self.sessions.len();
            let body = vec![b'x'; 300 + self.chance() as usize % 3_000];
            if let Some(stamp) = write(&store, self.sessions[place], &body).await {
                self.sessions[place].expect = Expect::At(stamp.into());
                continue;
            }
            self.sessions[place] = Session::new();
            self.begun += 1;
            let stamp = write(&store, self.sessions[place], &body).await.expect("a session of nobody else");
            self.sessions[place].expect = Expect::At(stamp.into());
        }
        self
    }

    /// Xorshift: the same in every run.
    fn chance(&mut self) -> u32 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 17;
        self.chance ^= self.chance << 5;
        self.chance
    }
}

/// The stamp of the write; none if the session has expired.
async fn write(store: &SqliteStore, session: Session, body: &[u8]) -> Option<Stamp> {
    let Session { id, expect } = session;
    let stamp = match expect {
        Expect::Absent => Stamp::first(),
        Expect::At(prefix) => prefix.stamp().next(),
    };
    let record = Record::compose(stamp, body);
    let commit = Commit::new(id, expect, record, "booking", "WELCOME").time_to_live(TIME_TO_LIVE);
    (store.commit(commit).await.expect("an outcome") == Verdict::Done { waiting: 0 }).then_some(stamp)
}
