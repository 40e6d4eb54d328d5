//! Keeps live records in Redis.
//!
//! Any number of processes on any number of machines share the sessions of one server. The commits of one session are
//! totally ordered: each is one script, which writes only over the record that its writer has read.
//!
//! A session is one key, `state:{3f}:3f2a…`, whose value is the readable JSON record and whose expiry is the session's;
//! beside it are the wake times of the sessions of each flow, in `wake:{3f}:booking` and its like, by the first two
//! characters of their ids.
//!
//! ```no_run
//! use flow_redis::RedisStore;
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::connect("redis://127.0.0.1:6379").await?;
//! for warning in store.health().await?.warnings {
//!     eprintln!("{warning}");
//! }
//! // let engine = Booking::engine(Salon::new()).store(store);
//! # Ok(())
//! # }
//! ```
//!
//! What is acknowledged survives what the server's settings survive: with `appendfsync always` a power cut, with
//! `everysec` all but about the last second, without `appendonly` nothing since the last snapshot.
//! [`RedisStore::health`] says which of them is true.

mod beats;
mod browsing;
mod builder;
mod connection;
mod health;
mod keys;
mod old_index;
mod quarantine;
mod redis_failure;
mod redis_store;
mod scripts;
mod server_call;
mod server_time;
mod waking;
mod watch;

pub use builder::{ConnectError, RedisStoreBuilder};
pub use connection::AddressError;
pub use health::{AppendOnly, Health, ServerRole, Warning};
pub use keys::PrefixError;
pub use redis_store::RedisStore;

// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
