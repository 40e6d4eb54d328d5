//! A salon on Telegram, its visitors, and a server that speaks the Bot API to it.

#![allow(dead_code, unused_imports, reason = "each test takes what it needs")]

mod server;

use std::{sync::Arc, time::Duration};

use flow_core::{Deadlines, Engine, Flow, Reply, Secret, Step, Turn};
use flow_http::{
    client::Client,
    platform::{Line, Pace, Platform as _},
};
use flow_proving::Fickle;
use flow_telegram::Telegram;
use serde::{Deserialize, Serialize};

pub use server::{Answer, Server};

pub const TOKEN: &str = "123456:canary-DEF1234ghIkl-zyx57W2v1u123ew11";
pub const SECRET: &str = "the_secret_of_today";

/// The bot, by way of this server, for which it waits no longer than a moment.
pub fn telegram(api: &str) -> Telegram {
    let client = Client::new().patience(Duration::from_millis(500));
    Telegram::new(TOKEN).expect("a token").secret(SECRET).expect("a secret").client(client).api(api)
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "telegram_salon")]
pub enum Visit {
    #[state(start, ask = "Hair or nails?", choices = Service, to(Named))]
    Welcome,
    #[state(ask = "Your name?", to(Named, Booked))]
    Named { service: Service },
    #[state(end, say = "See you, {name}.")]
    Booked { service: Service, name: String },
}

use visit::*;

#[derive(flow_core::Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    Hair,
    Nails,
}

pub struct Desk;

impl VisitHandler for Desk {
    async fn named(&self, state: Named, turn: Turn<'_, Named>) -> Step<Named> {
        let name = turn.text().to_owned();
        if let Some(text) = name.strip_prefix("say ") {
            return turn.stay(Reply::new(text));
        }
        turn.to(state.booked(name))
    }
}

/// The bot in one process.
pub struct Salon {
    pub store: Arc<Fickle>,
    pub engine: Engine<Visit>,
    pub line: Line<Telegram>,
}

impl Salon {
    pub fn new(server: &Server) -> Self {
        Self::over(server, Arc::default())
    }

    /// A process of its own, over this store.
    pub fn over(server: &Server, store: Arc<Fickle>) -> Self {
        Self::with(telegram(server.address()), store)
    }

    pub fn with(telegram: Telegram, store: Arc<Fickle>) -> Self {
        Self::paced(telegram, store, Telegram::PACE)
    }

    pub fn paced(telegram: Telegram, store: Arc<Fickle>, pace: Pace) -> Self {
        let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
        let line = Line::new("telegram", telegram, secret).pace(pace);
        let builder = Visit::engine(Desk).deadlines(Deadlines::default().store(Duration::from_millis(200)));
        let limits = flow_core::Limits::default().input(1_000);
        let engine = builder.limits(limits).channel(line.name(), line.clone()).store(Arc::clone(&store));
        engine.worker().start();
        Self { store, engine, line }
    }
}

/// Waits until this holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}
