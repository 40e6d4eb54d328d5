//! The way to the server: where it is, how it is dialled, and a connection that somebody has for one call.

mod address;
mod connection;
mod pulse;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;
mod veiled;

pub use address::AddressError;
pub(crate) use {
    address::Address,
    connection::{Connection, value},
    pulse::Pulse,
    tls::{Trust, refusal},
};
