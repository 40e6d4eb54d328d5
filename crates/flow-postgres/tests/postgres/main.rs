//! What the store and the archive in Postgres do: the suite that every store passes, and what is their own.

mod server;
mod suite;
