//! What the store and the archive in Postgres do: the suites that all of them pass, and what is their own.

mod archive;
#[cfg(feature = "tls")]
mod authority;
mod changes;
mod connecting;
#[cfg(feature = "tls")]
mod encryption;
mod erasing;
mod network;
mod outages;
mod privacy;
mod rights;
mod schema;
mod server;
mod statistics;
mod suite;
mod sweeping;
mod writes;
