//! What a commit costs the server, in instructions: the store's own beside the bare script that compares and sets. The server runs under
//! callgrind, so that nothing else on the machine counts.
//!
//! `cargo bench -p flow-bench --bench redis_script`, with `redis-server` and `valgrind` installed.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict, WakeIndex},
};
use flow_redis::RedisStore;

/// What a bespoke loop would have the server run.
const BARE: &str = "if redis.call('GETRANGE', KEYS[1], 0, 25) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1";

/// How many bytes the body of a record has.
const BODY: usize = 400;

const LIFETIME: Duration = Duration::from_secs(3_600);

/// What is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    /// The bare script.
    Bare,
    /// A commit that wants to be woken when the one before did, which is never.
    Commit,
    /// A commit each of which wants to be woken at another time.
    Waking,
    /// A load.
    Load,
}

fn started(folder: &Path) -> Child {
    Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=counted"])
        .args(["redis-server", "--port", "0", "--unixsocket", "socket", "--save", "", "--appendonly", "no"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("valgrind and redis-server are installed")
}

/// How many instructions the server needs for so many of them, with its beginning and end.
async fn counted(asked: Asked, times: u64) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = started(folder.path());
    let url = format!("unix://{}", folder.path().join("socket").display());
    let store = loop {
        if let Ok(store) = RedisStore::connect(&url).await {
            break store;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let id = SessionId::random();
    let mut connection = redis::Client::open(url).expect("a client").get_multiplexed_async_connection().await;
    let connection = connection.as_mut().expect("a connection");
    let bare = redis::Script::new(BARE);
    let mut last: Option<Stamp> = None;
    for turn in 0..times {
        let stamp = last.map_or_else(Stamp::first, |stamp| stamp.next());
        let record = Record::compose(stamp, &[b'x'; BODY]);
        match (asked, last) {
            (Asked::Load, Some(_)) => drop(store.load(id, 0).await.expect("a load")),
            (Asked::Bare, Some(last)) => {
                let before = Record::compose(last, b"");
                let mut call = bare.key(format!("state:{id}"));
                let call = call.arg(&record.bytes()[..]).arg(before.prefix().bytes()).arg(3_600_000);
                let stored: i64 = call.invoke_async(connection).await.expect("an answer");
                assert_eq!(stored, 1);
            }
            (Asked::Bare, None) => {
                let mut set = redis::cmd("SET");
                set.arg(format!("state:{id}")).arg(&record.bytes()[..]);
                set.exec_async(connection).await.expect("an answer");
            }
            (_, last) => {
                let expect = last.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
                let mut commit = Commit::new(id, expect, record, "talk", "BEGIN").time_to_live(LIFETIME);
                if asked == Asked::Waking {
                    commit = commit.wake_at(chrono::Utc::now() + LIFETIME + Duration::from_secs(turn));
                }
                let known = if asked == Asked::Commit { WakeIndex::Right } else { WakeIndex::OfItsFlow };
                let commit = commit.wake_index(if last.is_some() { known } else { WakeIndex::Unknown });
                assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
            }
        }
        if asked != Asked::Load || last.is_none() {
            last = Some(stamp);
        }
    }
    let _ended = redis::cmd("SHUTDOWN").arg("NOSAVE").exec_async(connection).await;
    server.wait().expect("it ends");
    let counted = fs::read_to_string(folder.path().join("counted")).expect("what callgrind has counted");
    let summary = counted.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    summary.expect("a sum").trim().parse().expect("a number")
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut bare = None;
    for asked in [Asked::Bare, Asked::Commit, Asked::Waking, Asked::Load] {
        let [few, many] = [200_u64, 2_200].map(|times| runtime.block_on(counted(asked, times)));
        let each = (many - few) / 2_000.0;
        let bare = *bare.get_or_insert(each);
        println!(
            "{:<8} {each:>9.0} instructions of the server  {:.2} of the bare script",
            format!("{asked:?}"),
            each / bare
        );
    }
}
