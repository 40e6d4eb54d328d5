//! What the store in Redis does: the suite that every store passes, and what is its own.

mod changes;
mod clocks;
mod cluster;
mod connecting;
mod damage;
#[cfg(feature = "tls")]
mod encryption;
mod health;
mod keys;
mod network;
mod outages;
mod rights;
mod sentinels;
mod server;
mod suite;
mod tails;
mod writes;
