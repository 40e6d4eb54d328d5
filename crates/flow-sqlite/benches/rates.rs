//! Commits a second: the store beside bare rusqlite, and both beside the disk.
//!
//! All take turns in every round, so that whatever else the machine does meets all alike; a ratio compares what was
//! measured in one round. The files are beneath `target`, or in `FLOW_BENCH_FOLDER`: on a real disk, not in memory.

use std::{
    env,
    fs::{self, File},
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use chrono::Utc;
use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_sqlite::SqliteStore;
use rusqlite::{Connection, params};
use tokio::{runtime::Builder, sync::oneshot, task::JoinSet};

const ROUNDS: usize = 25;
/// In a round, of each candidate.
const COMMITS: u32 = 1_280;
/// In a file.
const SESSIONS: usize = 1_024;
const TOGETHER: usize = 64;
const TIME_TO_LIVE: Duration = Duration::from_secs(1_800);

/// Makes so many commits.
type Candidate = Box<dyn FnMut(usize) + Send>;

fn main() {
    let folder = env::var_os("FLOW_BENCH_FOLDER").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let bytes = bytes_of_a_commit(&path("probe.db"));
    println!("a commit writes {bytes} bytes");
    let over = |name| disk(&path(name), bytes, Some(4 << 20));
    let candidates: [(&str, Candidate); 8] = [
        ("fdatasync, written over", over("over")),
        ("fdatasync, appended", disk(&path("appended"), bytes, None)),
        ("fdatasync by another thread", elsewhere(over("elsewhere"))),
        ("bare rusqlite, one a transaction", bare(&path("bare.db"), 1)),
        ("bare rusqlite by another thread", elsewhere(bare(&path("bare elsewhere.db"), 1))),
        ("flow-sqlite, one at a time", alone(&path("alone.db"))),
        ("bare rusqlite, 64 a transaction", bare(&path("bare together.db"), TOGETHER)),
        ("flow-sqlite, 64 at once", together(&path("together.db"))),
    ];
    let (names, mut candidates): (Vec<_>, Vec<_>) = candidates.into_iter().unzip();
    // The first round, which makes the files, does not count.
    let mut rounds: Vec<Vec<f64>> = (0..=ROUNDS).map(|_| candidates.iter_mut().map(rate).collect()).collect();
    rounds.remove(0);
    println!("{:34} {:>9} {:>8} {:>17}", "", "a second", "ratio", "of the rounds");
    for (place, name) in names.iter().enumerate() {
        let rates = sorted(rounds.iter().map(|rates| rates[place]));
        let ratios = sorted(rounds.iter().map(|rates| rates[place] / rates[0]));
        let (low, high) = (ratios[ROUNDS / 10], ratios[ROUNDS - 1 - ROUNDS / 10]);
        println!("{name:34} {:>9.0} {:>8.2} {low:>8.2} … {high:.2}", rates[ROUNDS / 2], ratios[ROUNDS / 2]);
    }
}

fn rate(candidate: &mut Candidate) -> f64 {
    let start = Instant::now();
    candidate(COMMITS as usize);
    f64::from(COMMITS) / start.elapsed().as_secs_f64()
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// What the WAL grows by: a header and a page for each page that is changed.
fn bytes_of_a_commit(path: &Path) -> usize {
    let mut commit = bare(path, 1);
    let length = || fs::metadata(path.with_extension("db-wal")).expect("a WAL").len();
    let before = length();
    commit(10);
    usize::try_from(length() - before).expect("some bytes") / 10
}

/// Writes the bytes of a commit and syncs them; over a file that is there, as SQLite does with a WAL that has been moved
/// into the database, or to the end of one that grows, which makes the file system write more than the bytes.
fn disk(path: &Path, bytes: usize, length: Option<u64>) -> Candidate {
    let mut file = File::create(path).expect("a file");
    let bytes = vec![b'x'; bytes];
    if let Some(length) = length {
        file.write_all(&vec![b'y'; usize::try_from(length).expect("a length")]).expect("room");
        file.sync_all().expect("a sync");
    }
    Box::new(move |commits| {
        for _ in 0..commits {
            let end = file.stream_position().expect("a place") + bytes.len() as u64;
            if length.is_some_and(|length| end > length) {
                file.seek(SeekFrom::Start(0)).expect("a place");
            }
            file.write_all(&bytes).expect("room");
            file.sync_data().expect("a sync");
        }
    })
}

/// Asks another thread for each commit and awaits it, as whoever must not block has to.
fn elsewhere(mut candidate: Candidate) -> Candidate {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let (requests, waiting) = mpsc::channel::<oneshot::Sender<()>>();
    thread::spawn(move || {
        for reply in waiting {
            candidate(1);
            reply.send(()).expect("somebody who waits");
        }
    });
    Box::new(move |commits| {
        for _ in 0..commits {
            let (reply, answer) = oneshot::channel();
            requests.send(reply).expect("a thread");
            runtime.block_on(answer).expect("an answer");
        }
    })
}

/// The same rows by the same upsert, on this thread and with nothing around it.
fn bare(path: &Path, together: usize) -> Candidate {
    // Makes the table, and is gone.
    drop(SqliteStore::open(path).expect("a store"));
    let connection = Connection::open(path).expect("a database");
    connection.pragma_update(None, "synchronous", "FULL").expect("a level");
    let ids: Vec<_> = (0..SESSIONS).map(|_| SessionId::random().to_string()).collect();
    let record = String::from_utf8(record(Stamp::first()).bytes().to_vec()).expect("a text");
    let upsert =
        "INSERT INTO sessions (id, version, write_id, flow, state, record, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (id) DO UPDATE SET version = ?2, write_id = ?3, flow = ?4, state = ?5, record = ?6, expires_at = ?7";
    let mut turns = 0;
    let mut run = move |together: usize| {
        connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([])).expect("a transaction");
        let mut statement = connection.prepare_cached(upsert).expect("a statement");
        for _ in 0..together {
            turns += 1;
            let write_id = Stamp::first().write_id.to_string();
            let expires_at = (Utc::now() + TIME_TO_LIVE).timestamp_millis();
            statement
                .execute(params![ids[turns % SESSIONS], 1, write_id, "booking", "CHAT", record, expires_at])
                .expect("a row");
        }
        connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).expect("a commit");
    };
    for _ in 0..SESSIONS / TOGETHER {
        run(TOGETHER);
    }
    Box::new(move |commits| (0..commits / together).for_each(|_| run(together)))
}

/// One commit at a time, each of another session than the one before.
fn alone(path: &Path) -> Candidate {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let store = SqliteStore::open(path).expect("a store");
    let mut sessions: Vec<_> = (0..SESSIONS).map(|_| Session::new()).collect();
    let mut turns = 0;
    Box::new(move |commits| {
        runtime.block_on(async {
            for _ in 0..commits {
                turns += 1;
                sessions[turns % SESSIONS].turn(&store).await;
            }
        });
    })
}

/// 64 tasks, each with sessions of its own.
fn together(path: &Path) -> Candidate {
    let runtime = Builder::new_multi_thread().build().expect("a runtime");
    let store = Arc::new(SqliteStore::open(path).expect("a store"));
    let mut tasks: Vec<Vec<_>> =
        (0..TOGETHER).map(|_| (0..SESSIONS / TOGETHER).map(|_| Session::new()).collect()).collect();
    Box::new(move |commits| {
        let mut running = JoinSet::new();
        for mut sessions in tasks.drain(..) {
            let store = Arc::clone(&store);
            let turns = async move {
                for turn in 0..commits / TOGETHER {
                    let place = turn % sessions.len();
                    sessions[place].turn(&store).await;
                }
                sessions
            };
            running.spawn_on(turns, runtime.handle());
        }
        tasks = runtime.block_on(running.join_all());
    })
}

struct Session {
    id: SessionId,
    stamp: Option<Stamp>,
}

impl Session {
    fn new() -> Self {
        Self { id: SessionId::random(), stamp: None }
    }

    async fn turn(&mut self, store: &SqliteStore) {
        let expect = self.stamp.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
        let stamp = self.stamp.map_or_else(Stamp::first, |stamp| stamp.next());
        let record = record(stamp);
        let commit = Commit::new(self.id, expect, record, "booking", "WELCOME").time_to_live(TIME_TO_LIVE);
        assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
        self.stamp = Some(stamp);
    }
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
