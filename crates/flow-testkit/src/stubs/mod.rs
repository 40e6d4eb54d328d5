//! Platforms on this machine, to test a bot against without an account: real servers that speak as Telegram does.
//!
//! A stub is written from the platform's documentation and from nothing of ours, for a bot in any language. It has [`Visitor`]s, who write
//! and press and see what the bot sends; it checks each call as the platform does; and its [`Faults`] are those of platforms and networks.
//!
//! ```
//! use flow_testkit::stubs::TelegramStub;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let telegram = TelegramStub::start().await;
//! // The bot is started with `telegram.address()` and `telegram.token()`.
//! let ada = telegram.visitor(42).called("Ada");
//! ada.says("book");
//! assert_eq!(telegram.pending(), 1); // until the bot asks for it
//! # }
//! ```

mod calls;
mod chats;
mod controls;
mod faults;
mod graph;
mod http;
mod limits;
mod postman;
mod signing;
mod slack;
mod stage;
mod telegram;
mod trips;
mod visitor;

pub use calls::Call;
pub use chats::{Attached, Button, Message};
pub use faults::Faults;
pub use graph::GraphStub;
pub use slack::SlackStub;
pub use telegram::TelegramStub;
pub use trips::Trip;
pub use visitor::Visitor;
