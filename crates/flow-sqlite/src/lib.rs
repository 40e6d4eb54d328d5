//! Keeps live records, and an archive of them, in one SQLite file.
//!
//! Durable on one machine: what [`commit`](flow_core::Store::commit) acknowledged is there after a crash and, with
//! [`Durability::Full`], after a power cut. Several processes may share the file, and any SQLite tool may read it
//! while the bot runs:
//!
//! ```text
//! sqlite3 bot.db 'SELECT state, count(*) FROM sessions GROUP BY state'
//! ```
//!
//! ```
//! use flow_core::{Record, SessionId, Stamp, Store, store::{Commit, Expect, Verdict}};
//! use flow_sqlite::SqliteStore;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("bot.db");
//! let store = SqliteStore::open(&path)?;
//! let id = SessionId::random();
//! let record = Record::compose(Stamp::first(), br#","current":"WELCOME"}"#);
//! let commit = Commit::new(id, Expect::Absent, record.clone(), "booking", "WELCOME");
//! assert_eq!(store.commit(commit).await?, Verdict::Done { waiting: 0 });
//!
//! drop(store);
//! assert_eq!(SqliteStore::open(&path)?.load(id, 0).await?.record, Some(record));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same [`SqliteStore`] is an [`Archive`](flow_core::Archive), in tables of their own: `archived_sessions`,
//! `transitions`, `checkpoints`, `said`, `tombstones` and `epoch`. Their columns are explained in the file itself, as `.schema` shows it.
//! The views `funnel`, `drop_off`, `time_in_state` and `conversions_by_day` count what is in them:
//!
//! ```text
//! sqlite3 -box bot.db 'SELECT * FROM funnel'
//! ```

mod archiving;
mod beats;
mod builder;
mod checkpoints;
mod entries;
mod exact_time;
mod file;
mod forgetting;
mod inboxes;
mod lookout;
mod millis;
mod open_error;
mod quarantine;
mod readers;
mod records;
mod said;
mod sessions;
mod sqlite_failure;
mod sqlite_store;
mod statistics;
mod steps;
mod sweeping;
mod told;
mod writer;

pub use builder::{Durability, SqliteStoreBuilder};
pub use open_error::OpenError;
pub use sqlite_store::SqliteStore;

// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
