//! What a test of Flow needs.
//!
//! - [`Chat`] plays a conversation with a flow and writes it down for a snapshot: what is said, restarts, repeats, time; several visitors
//!   side by side, also at once; and what a visitor finds where no worker was.
//! - [`Coverage`] tells which declared edges no test of a suite takes.
//! - [`ManualClock`] stands still until a test turns it.
//! - [`RecordingChannel`] keeps the replies that are sent, and answers what a test has it answer.
//! - `stubs`, behind the feature of this name, are servers that speak as Telegram, WhatsApp and Slack do, for a bot in any language.
//! - [`FaultyStore`] loses, refuses, delays and conflicts as a seed has it.
//! - [`store_conformance!`] proves that a store keeps what [`Store`](flow_core::Store) promises, one named test a
//!   behaviour. A store of yours passes it before it is given to an engine:
//!
//! ```
//! use flow_testkit::{ManualClock, Subject, store_conformance};
//! # use flow_core::{Clock, SessionId, StoreError, store::{Claim, Commit, Cursor, Due, Loaded, Page, Post, Posted, Verdict}, Store};
//! # use chrono::Utc;
//! # #[derive(Debug)]
//! # struct YourStore;
//! # impl YourStore {
//! #     fn with_clock(_: impl Clock) -> Self { Self }
//! # }
//! # #[async_trait::async_trait]
//! # impl Store for YourStore {
//! #     async fn load(&self, _: SessionId, _: usize) -> Result<Loaded, StoreError> { Ok(Loaded::new(None, Utc::now())) }
//! #     async fn commit(&self, _: Commit) -> Result<Verdict, StoreError> { Ok(Verdict::Done { waiting: 0 }) }
//! #     async fn post(&self, _: Post) -> Result<Posted, StoreError> { Ok(Posted::Full) }
//! #     async fn remove(&self, _: SessionId) -> Result<bool, StoreError> { Ok(false) }
//! #     async fn due(&self, _: Claim) -> Result<Due, StoreError> { Ok(Due::new(Vec::new(), Utc::now())) }
//! #     async fn browse(&self, _: Option<Cursor>, _: usize) -> Result<Page, StoreError> { Ok(Page::default()) }
//! # }
//!
//! async fn fresh_store() -> Subject {
//!     let clock = ManualClock::new();
//!     Subject::on_clock(YourStore::with_clock(clock.clone()), clock)
//! }
//!
//! store_conformance!(fresh_store);
//! # // A doc-test is not built as a test, so one behaviour is played here by hand.
//! # flow_testkit::conformance::play(flow_testkit::conformance::a_fresh_store_is_empty, fresh_store);
//! ```
//!
//! A store behind a server keeps its own time. Its tests give each subject a prefix, or a schema, of its own, and
//! say how long a moment is: [`Subject::in_real_time`].
//!
//! [`archive_conformance!`] does the same for an [`Archive`](flow_core::Archive), and [`quarantine_conformance!`] for the optional
//! [`Quarantine`](flow_core::store::Quarantine) of a store.
//!
//! With the feature `platforms` there is `platform_conformance!`, for a channel of one's own: it plays the platform's other side, as the
//! project's `docs/channel.md` tells.

mod chat;
mod clock;
pub mod conformance;
mod coverage;
mod faulty;
mod recording_channel;
#[cfg(feature = "stubs")]
pub mod stubs;
mod transcript;

pub use chat::Chat;
pub use clock::ManualClock;
pub use conformance::{Subject, archive::ArchiveSubject};
pub use coverage::Coverage;
pub use faulty::{FaultCounts, Faults, FaultyStore};
pub use recording_channel::{RecordingChannel, Try};

// The guide's code is compiled and run where all of it is at hand.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/store.md")]
struct StoreGuide;

#[cfg(all(doctest, feature = "platforms"))]
#[doc = include_str!("../../../docs/channel.md")]
struct ChannelGuide;

#[cfg(all(doctest, feature = "stubs"))]
#[doc = include_str!("../../../docs/stubs.md")]
struct StubGuide;

// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
