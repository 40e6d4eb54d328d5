//! The way to the server: where it is, how it is dialled, and the one connection that all calls share.

mod address;
mod dialler;
mod link;
#[cfg(feature = "tls")]
mod tls;

pub use address::AddressError;
#[cfg(feature = "tls")]
pub(crate) use tls::choose_cryptography;
pub(crate) use {address::Address, dialler::Dialler, link::Link};
