//! The archive: [`PostgresArchive`], and the statements on its tables.

mod checkpoints;
mod comparison;
mod forgetting;
mod keeping;
mod nul_byte;
mod postgres_archive;
mod reading;
mod said;
mod sessions;
mod statistics;
mod transitions;

pub use postgres_archive::PostgresArchive;
