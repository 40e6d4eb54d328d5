//! What is said: an [`Input`] that comes in, a [`Reply`] that goes out, [`answers`] read from words, and what of it all is
//! private.

pub mod answers;
pub(crate) mod choice;
mod input;
pub mod privacy;
mod reask;
mod reply;
mod speak;

pub use input::{Button, Input, Message, Signal, Timer};
pub use reask::Reask;
pub use reply::{Choice, Reply};
pub use speak::Speak;
