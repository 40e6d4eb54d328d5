//! Keeps live records in this process, and an archive of them.
//!
//! For tests, for trying things out, and for bots whose conversations may end with their process: what is stored
//! here is lost when the process exits.
//!
//! A [`MemoryStore`] is bounded. When it is full it refuses new records with
//! [`StoreError::Full`](flow_core::StoreError::Full); a live session is never given up for another one.
//! A [`MemoryArchive`] is the archive beside it, for tests.
//!
//! ```
//! use std::time::Duration;
//!
//! use flow_core::{Record, SessionId, Stamp, Store, store::{Commit, Expect, Verdict}};
//! use flow_memory::MemoryStore;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let store = MemoryStore::builder().max_sessions(10_000).max_bytes(64 << 20).build();
//! let id = SessionId::random();
//! let record = Record::compose(Stamp::first(), b"{}");
//! let commit = Commit::new(id, Expect::Absent, record, "booking", "WELCOME");
//! let half_an_hour = Duration::from_secs(1_800);
//! assert_eq!(store.commit(commit.time_to_live(half_an_hour)).await?, Verdict::Done { waiting: 0 });
//! assert_eq!(store.usage().sessions, 1);
//! # Ok::<(), flow_core::StoreError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod beats;
mod builder;
mod changes;
mod inboxes;
mod kept_sessions;
mod live_sessions;
mod memory_archive;
mod memory_store;
mod quarantine;
mod wakes;

pub use builder::{MemoryStoreBuilder, Usage};
pub use memory_archive::MemoryArchive;
pub use memory_store::MemoryStore;

// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
