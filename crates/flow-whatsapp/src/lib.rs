#![doc = include_str!("../README.md")]

mod bounded;
mod delivery;
mod fault;
mod graph;
mod media;
mod message;
mod number;
mod platform;
mod rendering;
mod signature;
mod status;
mod visitor;
mod whatsapp;

pub use graph::VERSION;
pub use media::{MediaError, WhatsAppMedia};
pub use number::{Number, NumberError, Webhooks};
pub use rendering::WhatsAppMessage;
pub use whatsapp::{Misconfigured, WhatsApp};
