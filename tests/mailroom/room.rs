//! What is said in the mailroom: [`Room`], its [`Clerk`], and the [`Journal`] of what was sent.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{Channel, Fate, Flow, Outgoing, Step, Turn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::sleep;

use crate::deadly::Death;

/// What was heard so far, in this order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Notes {
    pub(crate) heard: Vec<String>,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "mailroom", shared = Notes)]
pub(crate) enum Room {
    #[state(start, endless, ask = "Yes?", handled, to(Open))]
    Open,
}

use room::*;

pub(crate) struct Clerk(pub(crate) Death);

impl RoomHandler for Clerk {
    async fn open(&self, _: Open, mut turn: Turn<'_, Open>) -> Step<Open> {
        let text = turn.text().to_owned();
        // Every third is slow, and is posted to wait.
        let is_slow = text.parse::<u64>().is_ok_and(|number| number % 3 == 0);
        sleep(Duration::from_millis(if is_slow { 25 } else { 1 })).await;
        self.0.may_strike("in a handler");
        turn.shared_mut().heard.push(text.clone());
        turn.stay(format!("heard {text}"))
    }
}

/// A channel that writes what is sent into a file.
pub(crate) struct Journal {
    path: PathBuf,
    death: Death,
}

impl Journal {
    pub(crate) fn at(folder: &Path, death: &Death) -> Self {
        Self { path: folder.join("sent"), death: death.clone() }
    }
}

#[async_trait]
impl Channel for Journal {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        self.death.may_strike("before a reply is sent");
        let key = outgoing.key.to_string();
        let line = json!({
            "session": outgoing.key.session, "key": key, "place": outgoing.address.place(), "text": outgoing.reply.text(),
        });
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        // One write, which the system keeps whole.
        file.write_all(format!("{line}\n").as_bytes())?;
        self.death.may_strike("behind a reply that is sent");
        Ok(())
    }
}
