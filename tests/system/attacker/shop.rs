//! What is attacked: a shop whose visitors buy, are sent things, and are reminded.

use std::time::Duration;

use flow_core::{Flow, Key, Result, Step, StepExt, Turn};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::outside::Outside;

/// A visitor says a name, then as often as wanted what is to be done, and then good bye.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "besieged_shop", effects(Mail(String), Ship(String), Page(String)))]
pub(crate) enum Shop {
    #[state(start, ask = "Who is it?", to(Counter))]
    Door,
    #[state(ask = "Good day, {name}. What may it be?", remind(Bell), to(Closed))]
    Counter { name: String },
    #[state(end, say = "Good bye, {name}.")]
    Closed { name: String },
}

pub(crate) use shop::*;

/// Does what is said: `mail tea`, `ship tea`, `page tea`, `ring 1500`, `slow 1500` (milliseconds), `bye`.
pub(crate) struct Clerk(pub(crate) Outside);

fn milliseconds(text: &str) -> Duration {
    Duration::from_millis(text.parse().expect("milliseconds"))
}

impl ShopHandler for Clerk {
    async fn counter(&self, state: Counter, mut turn: Turn<'_, Counter>) -> Step<Counter> {
        let said = turn.text().to_owned();
        self.0.asks(&said);
        let done = format!("{}: {said}", state.name);
        match said.split_once(' ').unwrap_or((&said, "")) {
            ("mail", what) => return turn.stay(done).effect(ShopEffect::Mail(what.to_owned())),
            ("ship", what) => return turn.stay(done).effect(ShopEffect::Ship(what.to_owned())),
            ("page", what) => return turn.stay(done).effect(ShopEffect::Page(what.to_owned())),
            ("ring", time) => turn.remind_in(milliseconds(time), CounterReminder::Bell),
            ("slow", time) => {
                let (time, what) = time.split_once(' ').unwrap_or((time, ""));
                sleep(milliseconds(time)).await;
                if !what.is_empty() {
                    return turn.stay(done).effect(ShopEffect::Mail(what.to_owned()));
                }
            }
            ("bye", _) => return turn.to(state.closed()),
            _ => {}
        }
        turn.stay(done)
    }

    async fn counter_on_bell(&self, state: Counter, turn: Turn<'_, Counter>) -> Step<Counter> {
        turn.stay(format!("{}, the bell rings.", state.name))
    }

    async fn deliver_mail(&self, what: String, key: Key) -> Result<()> {
        self.0.mail(what, key).await
    }

    async fn deliver_ship(&self, what: String, key: Key) -> Result<()> {
        self.0.ship(what, key);
        Ok(())
    }

    /// The pager never answers.
    async fn deliver_page(&self, _: String, _: Key) -> Result<()> {
        std::future::pending().await
    }
}
