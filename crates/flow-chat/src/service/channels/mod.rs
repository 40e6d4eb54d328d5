//! The channels of a bot, as its operator sets them.

mod declared;
#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
#[cfg_attr(
    not(all(feature = "slack", feature = "telegram", feature = "whatsapp")),
    allow(dead_code, unused_variables, clippy::unused_async, reason = "a bot of some platforms needs some of it")
)]
mod joined;
mod kind;
mod secrets;
#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
mod set;
#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
mod standing;

pub(super) use declared::{Declared, DeclaredChannels};
pub(super) use kind::Kind;
pub use secrets::ChannelSecrets;
pub(super) use secrets::check;
#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
pub use {joined::Channels, standing::Standing};
