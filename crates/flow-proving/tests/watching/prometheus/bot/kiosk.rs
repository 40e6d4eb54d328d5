//! The flow of the kiosk, and who sits in it: [`Kiosk`], [`Clerk`].

use std::{sync::Arc, thread, time::Duration};

use flow_core::{Flow, Halt, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "kiosk")]
pub(crate) enum Kiosk {
    #[state(start, ask = "What will it be?", handled, to(Noted))]
    Counter,
    #[state(end, say = "It is noted.")]
    Noted { notes: String },
}

use kiosk::*;

/// Does as it is told.
#[derive(Clone)]
pub(crate) struct Clerk {
    /// Those who are told to wait do until there is a permit.
    pub(crate) bell: Arc<Semaphore>,
}

impl Default for Clerk {
    fn default() -> Self {
        Self { bell: Arc::new(Semaphore::new(0)) }
    }
}

impl KioskHandler for Clerk {
    async fn counter(&self, _: Counter, turn: Turn<'_, Counter>) -> Step<Counter> {
        match turn.text() {
            "fail" => return Err(Halt::failed("it is told to".to_owned())),
            "block" => thread::sleep(Duration::from_secs(3)),
            "wait" => self.bell.acquire().await.expect("it is never closed").forget(),
            "note" => return turn.to(Noted { notes: "x".repeat(700_000) }),
            _ => {}
        }
        turn.stay("Here you are.")
    }
}
