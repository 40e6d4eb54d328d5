//! The way to the server: where it is, how it is dialled, and the one connection that all calls share.

mod address;
mod dialler;
mod link;
mod subscription;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;
mod topology;
mod wire;

pub use address::AddressError;
pub(crate) use {
    address::Address,
    dialler::Dialler,
    link::Link,
    subscription::Subscription,
    tls::{Trust, refusal},
    topology::Topology,
    wire::{Node, Replicas, Wire},
};
