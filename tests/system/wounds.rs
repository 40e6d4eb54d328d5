//! Ways to damage a stored session behind the back of its store, on every store: [`Wound`].

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use flow_core::{
    Record, SessionId, Stamp, Store, Unreadable,
    store::{Commit, Expect, Verdict},
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tempfile::TempDir;

/// One way to damage a session, or to make it unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wound {
    /// Its last byte is gone.
    Cut,
    /// A byte of its body is another.
    Changed,
    /// Something else stands in its place.
    Replaced,
    /// The version beside it is another.
    OtherVersion,
    /// What stands beside it is no write id.
    NoWriteId,
    /// It is another session's.
    Anothers,
    /// Its body is no JSON, and its checksum is right.
    NoJson,
    /// It is of a later edition: that is no damage.
    LaterEdition,
}

use Wound::{Anothers, Changed, Cut, LaterEdition, NoJson, NoWriteId, OtherVersion, Replaced};

/// A store, and what reaches behind it.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn Store>,
    behind: Behind,
}

enum Behind {
    /// A memory store keeps only what is a record: nothing reaches behind it.
    Nothing,
    Redis(RedisServer),
    Sqlite(PathBuf, #[allow(dead_code, reason = "it is there until it is dropped")] TempDir),
    Postgres(PostgresServer),
}

impl Place {
    pub(crate) fn memory() -> Self {
        Self { store: Arc::new(MemoryStore::new()), behind: Behind::Nothing }
    }

    pub(crate) async fn redis() -> Self {
        let server = RedisServer::start();
        let store = RedisStore::connect(&server.url()).await.expect("a store");
        Self { store: Arc::new(store), behind: Behind::Redis(server) }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.db");
        let store = SqliteStore::open(&path).expect("a store");
        Self { store: Arc::new(store), behind: Behind::Sqlite(path, folder) }
    }

    pub(crate) async fn postgres() -> Self {
        let server = PostgresServer::start_quick();
        let store = PostgresStore::connect(&server.url("postgres")).await.expect("a store");
        Self { store: Arc::new(store), behind: Behind::Postgres(server) }
    }

    /// The wounds that a session can have here, and are damage.
    pub(crate) fn wounds(&self) -> &'static [Wound] {
        match self.behind {
            Behind::Nothing => &[Anothers, NoJson],
            Behind::Redis(_) => &[Cut, Changed, Replaced, Anothers, NoJson],
            Behind::Sqlite(..) => &[Cut, Changed, Replaced, Anothers, NoJson, OtherVersion, NoWriteId],
            Behind::Postgres(_) => &[Cut, Changed, Replaced, Anothers, NoJson, OtherVersion],
        }
    }

    /// Whether a session of a later release can be had here.
    pub(crate) fn is_reached(&self) -> bool {
        !matches!(self.behind, Behind::Nothing)
    }

    /// Wounds a session that is stored; its wake time stays. Gives the bytes that lie there now.
    pub(crate) async fn wound(&self, id: SessionId, wound: Wound) -> Vec<u8> {
        let record = self.store.load(id, 0).await.expect("a load").record.expect("a session");
        match wound {
            Cut => self.overwrite(id, &record.bytes()[..record.bytes().len() - 1]),
            Changed => {
                let mut bytes = record.bytes().to_vec();
                bytes[120] ^= 1;
                self.overwrite(id, &bytes);
            }
            Replaced => self.overwrite(id, b"not one of ours"),
            LaterEdition => {
                let mut bytes = record.bytes().to_vec();
                bytes[1] = 2;
                self.overwrite(id, &bytes);
            }
            OtherVersion => self.misplace(id, "version = version + 1"),
            NoWriteId => self.misplace(id, "write_id = 'no id'"),
            Anothers => {
                let other = SessionId::random();
                let mut bytes = record.bytes().to_vec();
                // As the store would have it, but for whose it is: its owner, under a checksum that fits.
                bytes[42..46].copy_from_slice(&other.as_uuid().as_bytes()[..4]);
                let end = bytes.len() - 8;
                let checksum = twox_hash::XxHash3_64::oneshot(&bytes[..end]).to_be_bytes();
                bytes[end..].copy_from_slice(&checksum);
                self.rewrite(id, &record, Record::read(bytes).expect("a record")).await;
            }
            NoJson => {
                let stamp: Stamp = record.stamp().next();
                self.rewrite(id, &record, Record::compose(stamp, b"{\"said\": ")).await;
            }
        }
        let raw = self.store.quarantine().expect("it has one").raw(id).await.expect("the store").expect("it is there");
        raw.bytes().to_vec()
    }

    /// Puts other bytes there, whatever they are.
    fn overwrite(&self, id: SessionId, bytes: &[u8]) {
        let hex = hexadecimal(bytes);
        match &self.behind {
            Behind::Nothing => panic!("nothing reaches behind a memory store"),
            Behind::Redis(server) => {
                let script = "return redis.call('SET', KEYS[1], (string.gsub(ARGV[1], '..', function(byte)
                    return string.char(tonumber(byte, 16)) end)))";
                let key = format!("state:{{{}}}:{id}", &id.to_string()[..2]);
                assert_eq!(server.ask(&["EVAL", script, "1", &key, &hex]), "OK");
            }
            Behind::Sqlite(path, _) => {
                sqlite(path, &format!("UPDATE sessions SET record = x'{hex}' WHERE id = '{id}'"));
            }
            Behind::Postgres(server) => {
                server.ask(&format!("UPDATE flow.live SET record = '\\x{hex}' WHERE id = '{id}'"));
            }
        }
    }

    /// Changes what stands beside the record.
    fn misplace(&self, id: SessionId, change: &str) {
        match &self.behind {
            Behind::Nothing | Behind::Redis(_) => panic!("nothing stands beside it"),
            Behind::Sqlite(path, _) => sqlite(path, &format!("UPDATE sessions SET {change} WHERE id = '{id}'")),
            Behind::Postgres(server) => {
                server.ask(&format!("UPDATE flow.live SET {change} WHERE id = '{id}'"));
            }
        }
    }

    /// Commits a whole record that only an engine sees to be damaged, due at once.
    async fn rewrite(&self, id: SessionId, old: &Record, new: Record) {
        let expect = if old.stamp() == new.stamp() { Expect::Absent } else { Expect::At(old.prefix()) };
        if expect == Expect::Absent {
            self.store.remove(id).await.expect("a store");
        }
        let now = self.store.load(id, 0).await.expect("a load").now;
        let commit = Commit::new(id, expect, new, "booking", "FORGED").wake_at(now);
        assert_eq!(self.store.commit(commit).await.expect("a store"), Verdict::Done { waiting: 0 });
    }
}

impl Wound {
    /// What is told of it.
    pub(crate) fn told(self) -> Unreadable {
        match self {
            // The length that its header says is more than there is.
            Cut => Unreadable::Truncated,
            Changed => Unreadable::Damaged,
            Replaced => Unreadable::NotARecord,
            OtherVersion | NoWriteId => Unreadable::OtherStamp,
            Anothers => Unreadable::AnothersRecord,
            NoJson => Unreadable::Corrupt { what: "an early end", line: 1, column: 9 },
            LaterEdition => Unreadable::LaterEdition(2),
        }
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn sqlite(path: &PathBuf, sql: &str) {
    let file = rusqlite::Connection::open(path).expect("the file");
    assert_eq!(file.execute(sql, []).expect("a statement"), 1);
}
