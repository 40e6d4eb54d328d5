//! Real servers, each private to the process that started it.

mod account;
mod clock;
mod cluster;
mod postgres_server;
mod process;
mod prometheus;
mod redis_server;
mod sentinels;

pub use cluster::Cluster;
pub use postgres_server::{Encryption, PostgresServer};
pub use prometheus::{Prometheus, promtool, promtool_tests};
pub use redis_server::{RedisServer, free_port};
pub use sentinels::Sentinels;
