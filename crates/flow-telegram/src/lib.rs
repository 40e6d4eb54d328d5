#![doc = include_str!("../README.md")]

mod bot_api;
mod card;
mod chat;
mod fetching;
mod flood;
mod keyboard;
mod method;
mod moved;
mod platform;
mod polling;
mod press;
mod queue;
mod reading;
mod refusal;
mod registration;
mod standing;
mod telegram;
mod token;
mod update;
mod webhook_secret;

pub use method::Method;
pub use polling::Polling;
pub use registration::TelegramError;
pub use standing::Standing;
pub use telegram::Telegram;
pub use token::BadToken;
pub use webhook_secret::BadSecret;
