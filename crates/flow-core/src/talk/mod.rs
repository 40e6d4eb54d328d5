//! What is said: an [`Input`] that comes in, a [`Reply`] that goes out, [`answers`] read from words, and what of it all is
//! private.

mod address;
pub mod answers;
pub(crate) mod choice;
mod input;
pub mod privacy;
mod reply;
mod reply_button;
pub(crate) mod token;
pub(crate) mod wire;

pub use address::Address;
pub use choice::Choice;
pub use input::{Button, Input, Message, Signal};
pub use reply::{Reask, Reply, Speak};
pub use reply_button::ReplyButton;
pub use wire::Wire;
