//! The platform that a bot is on: a [`Stub`].

use std::time::Duration;

use clap::ValueEnum;
use flow_testkit::stubs::{Faults, GraphStub, SlackStub, TelegramStub, Trip, Visitor};
use tokio::time::sleep;

use crate::program::Program;

/// What the bot and the platform have agreed on.
pub const APP_SECRET: &str = "what-the-platform-signs-with";
pub const VERIFY_TOKEN: &str = "what-the-platform-asks-with";

/// Which platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    Telegram,
    Whatsapp,
    Slack,
}

/// What a bot's program finds in its environment.
pub type Variables = Vec<(&'static str, String)>;

/// So many messages of a chat are kept.
const KEPT: usize = 100;

/// A stub of it, whose own limits are off: they would be the measure.
pub enum Stub {
    Telegram(TelegramStub),
    WhatsApp(GraphStub),
    Slack(SlackStub),
}

impl Stub {
    pub async fn start(kind: Kind) -> Self {
        match kind {
            Kind::Telegram => {
                let telegram = TelegramStub::start().await;
                telegram.keeps(KEPT);
                Self::Telegram(telegram)
            }
            Kind::Whatsapp => {
                let graph = GraphStub::start().await;
                graph.keeps(KEPT);
                Self::WhatsApp(graph)
            }
            Kind::Slack => {
                let slack = SlackStub::start().await;
                slack.keeps(KEPT);
                Self::Slack(slack)
            }
        }
    }

    /// What a bot needs to know of it.
    pub fn variables(&self) -> Variables {
        match self {
            Self::Telegram(telegram) => {
                vec![("TELEGRAM_API", telegram.address()), ("TELEGRAM_TOKEN", telegram.token().to_owned())]
            }
            Self::WhatsApp(graph) => vec![
                ("GRAPH_API", graph.address()),
                ("GRAPH_TOKEN", graph.token().to_owned()),
                ("GRAPH_NUMBER", graph.number_id().to_owned()),
            ],
            Self::Slack(slack) => vec![("SLACK_API", slack.address()), ("SLACK_TOKEN", slack.token().to_owned())],
        }
    }

    /// Hears where the bot is to be called, where the bot does not say so itself, once it listens there.
    pub async fn is_told_of(&self, program: &Program) {
        let Some(hook) = program.hook() else { return };
        loop {
            let told = match self {
                Self::Telegram(_) => Ok(()),
                Self::WhatsApp(graph) => graph.webhook(&hook, APP_SECRET, VERIFY_TOKEN).await,
                Self::Slack(slack) => slack.webhook(&hook, APP_SECRET).await,
            };
            if told.is_ok() {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Somebody who has never written before.
    pub fn visitor(&self, number: u32) -> Visitor {
        match self {
            Self::Telegram(telegram) => telegram.visitor(i64::from(number) + 1_000),
            Self::WhatsApp(graph) => graph.visitor(&format!("4915{number:08}")),
            Self::Slack(slack) => slack.visitor(&format!("U{number:08}")),
        }
    }

    pub fn faults(&self) -> &Faults {
        match self {
            Self::Telegram(telegram) => telegram.faults(),
            Self::WhatsApp(graph) => graph.faults(),
            Self::Slack(slack) => slack.faults(),
        }
    }

    pub fn trips(&self) -> Vec<Trip> {
        match self {
            Self::Telegram(telegram) => telegram.trips(),
            Self::WhatsApp(graph) => graph.trips(),
            Self::Slack(slack) => slack.trips(),
        }
    }
}
