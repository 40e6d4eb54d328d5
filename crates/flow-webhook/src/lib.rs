#![doc = include_str!("../README.md")]

mod answers;
mod base64;
mod format;
mod received;
mod said;
mod secret;
mod webhook;

pub use format::{Format, Messages};
pub use said::{Button, Said};
pub use secret::{BadSecret, SigningSecret};
pub use webhook::{BadUrl, Webhook};
