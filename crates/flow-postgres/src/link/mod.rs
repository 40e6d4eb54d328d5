//! The way to the server: where it is, how it is dialled, and a connection for one call.

mod address;
mod connection;
mod hidden_parameter;
mod subscription;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;

pub use address::AddressError;
pub(crate) use {
    address::Address,
    connection::{Connection, Pulse, value},
    subscription::Subscription,
    tls::{Trust, refusal},
};
