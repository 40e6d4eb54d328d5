#![doc = include_str!("../README.md")]
//!
//! # In reading order
//!
//! [`Flow`] and its derive, [`Turn`] and [`Step`], [`answers`], [`Engine`] and [`EngineBuilder`], [`Worker`], [`Outcome`],
//! [`Session`], [`store`], [`archive`], [`statistics`], [`privacy`], [`graph`]; and [`prelude`], which is what the file of a
//! bot needs of them. With the feature `service` there is a module of that name, with the settings of a bot for its operator; with
//! `traces`, one that sends spans to a collector.

pub mod prelude;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "traces")]
pub mod traces;

#[doc(inline)]
pub use flow_core::*;
// The derives whose code names this crate and no other of the framework.
#[doc(inline)]
pub use flow_derive::{ChatAnswer as Answer, ChatFlow as Flow};

/// A bot on the web: a chat for any page, routes for an app, and a server that ends well.
#[cfg(feature = "http")]
pub mod http {
    #[doc(inline)]
    pub use flow_http::*;
}

/// The store in this process, and an archive beside it: for tests, and for what may end with the process.
#[cfg(feature = "memory")]
pub mod memory {
    #[doc(inline)]
    pub use flow_memory::*;
}

/// The store and the archive in Postgres, which any number of machines share.
#[cfg(feature = "postgres")]
pub mod postgres {
    #[doc(inline)]
    pub use flow_postgres::*;
}

/// The store in Redis or Valkey, which any number of machines share.
#[cfg(feature = "redis")]
pub mod redis {
    #[doc(inline)]
    pub use flow_redis::*;
}

/// The store and the archive in one SQLite file, which the processes of one machine share.
#[cfg(feature = "sqlite")]
pub mod sqlite {
    #[doc(inline)]
    pub use flow_sqlite::*;
}

/// A bot of Telegram.
#[cfg(feature = "telegram")]
pub mod telegram {
    #[doc(inline)]
    pub use flow_telegram::*;
}

/// A bot of Slack.
#[cfg(feature = "slack")]
pub mod slack {
    #[doc(inline)]
    pub use flow_slack::*;
}

/// A bot on any platform that delivers by a signed request, and is sent replies by another.
#[cfg(feature = "webhook")]
pub mod webhook {
    #[doc(inline)]
    pub use flow_webhook::*;
}

/// A bot at a number of WhatsApp.
#[cfg(feature = "whatsapp")]
pub mod whatsapp {
    #[doc(inline)]
    pub use flow_whatsapp::*;
}

// The code of the project's README and of its guide is compiled and run where all of it is at hand.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide.md")]
struct Guide;

#[cfg(all(doctest, feature = "telegram"))]
#[doc = include_str!("../../../docs/telegram.md")]
struct TelegramGuide;

#[cfg(all(doctest, feature = "slack"))]
#[doc = include_str!("../../../docs/slack.md")]
struct SlackGuide;

#[cfg(all(doctest, feature = "webhook"))]
#[doc = include_str!("../../../docs/webhook.md")]
struct WebhookGuide;

#[cfg(all(doctest, feature = "whatsapp"))]
#[doc = include_str!("../../../docs/whatsapp.md")]
struct WhatsAppGuide;
