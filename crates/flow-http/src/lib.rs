#![doc = include_str!("../README.md")]

mod access;
mod api;
#[cfg(feature = "client")]
pub mod client;
mod connection;
mod health;
mod limits;
mod meter;
mod metrics;
mod origins;
mod page;
mod patient;
pub mod platform;
mod probe;
mod problem;
mod proxies;
mod readiness;
mod serving;
mod site;
mod streams;
mod tally;
mod token;
mod wire;

pub use access::{Access, Refused};
pub use limits::Limits;
pub use metrics::Metrics;
pub use origins::{InvalidOrigin, Origins};
pub use proxies::Proxies;
pub use readiness::Readiness;
pub use serving::Ended;
pub use site::{NoChannel, NotCollected, Site};
pub use token::Tokens;

/// The web framework whose [`Router`](axum::Router) a [`Site`] gives, in the version that it is of.
pub use axum;
