//! Keeps live records in Postgres.

mod archive;
mod builder;
mod connection;
mod database;
mod failure;
mod live;
mod micros;
mod migrations;
mod postgres_store;
mod schema;

pub use archive::PostgresArchive;
pub use builder::{ConnectError, PostgresBuilder};
pub use connection::AddressError;
pub use postgres_store::PostgresStore;
pub use schema::SchemaError;
