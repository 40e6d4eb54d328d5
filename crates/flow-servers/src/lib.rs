//! Real servers for the project's own tests.
//!
//! Each listens on the loopback and on a socket in a folder of its own, and is gone when its value is dropped or the
//! process that started it ends, however it ends. A server that is not installed is a panic that names its package.

mod account;
mod cluster;
mod postgres_server;
mod process;
mod redis_server;
mod sentinels;

pub use cluster::Cluster;
pub use postgres_server::{Encryption, PostgresServer};
pub use redis_server::{RedisServer, free_port};
pub use sentinels::Sentinels;
