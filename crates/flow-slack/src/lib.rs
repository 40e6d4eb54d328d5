#![doc = include_str!("../README.md")]

mod api;
mod event;
mod files;
mod history;
mod interaction;
mod markup;
mod message;
mod place;
mod refusal;
mod signature;
mod slack;
mod standing;
mod used;
mod workspaces;

pub use files::{NoFile, SlackFiles};
pub use message::SlackMessage;
pub use slack::Slack;
pub use standing::{Standing, Unknown};
use workspaces::Workspaces;
