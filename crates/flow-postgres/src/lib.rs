//! Keeps live records in Postgres, and sessions for months.
//!
//! Any number of processes on any number of machines share the sessions of one database. The commits of one session are
//! totally ordered: each is one statement, which writes only over the record that its writer has read. What time it is, the
//! server says.
//!
//! [`PostgresStore`] keeps live sessions, [`PostgresArchive`] what became of all of them, in tables and views that analysts
//! can read. Both live in one schema, `flow` if nothing else is said, which is made and brought forward by the process that comes
//! first; either may be used without the other.
//!
//! ```no_run
//! use flow_postgres::PostgresStore;
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresStore::connect("postgres://flow:password@127.0.0.1/salon").await?;
//! let archive = store.archive();
//! // let engine = Booking::engine(Salon::new()).store(store);
//! # Ok(())
//! # }
//! ```
//!
//! What is acknowledged survives what the server's settings survive: with `fsync` and `synchronous_commit` on, as they are
//! by default, a power cut.

mod archive;
mod beats;
mod builder;
mod committing;
mod database;
mod inboxes;
mod link;
mod live;
mod micros;
mod migrations;
mod postgres_failure;
mod postgres_store;
mod quarantine;
mod schema;
mod sweeping;
mod telling;
mod watch;

pub use archive::PostgresArchive;
pub use builder::{ConnectError, PostgresBuilder};
pub use link::AddressError;
pub use postgres_store::PostgresStore;
pub use schema::SchemaError;

// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
