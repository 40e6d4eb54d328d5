//! What is said: an [`Input`] that comes in, a [`Reply`] that goes out, [`answers`] read from words, and what of it all is
//! private.

mod address;
pub mod answers;
mod attachment;
mod bookmark;
pub(crate) mod choice;
mod command;
mod contact;
mod file_to_send;
mod input;
mod media;
mod more_than_words;
pub(crate) mod numbering;
mod place;
pub mod privacy;
mod reply;
mod reply_button;
mod template;
pub(crate) mod token;
pub(crate) mod url;
pub(crate) mod wire;
mod written;

pub use address::Address;
pub use attachment::Attachment;
pub use bookmark::{Bookmark, InvalidBookmark};
pub use choice::Choice;
pub use command::Command;
pub use contact::Contact;
pub use file_to_send::{BadUrl, FileToSend};
pub use input::{Button, Input, Message, Signal};
pub use media::{Media, MediaKind};
pub use place::Place;
pub use reply::{Reask, Reply, Speak};
pub use reply_button::ReplyButton;
pub use template::Template;
pub use wire::Wire;
