//! Somebody who talks to the bot: [`Visitor`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flow_testkit::stubs;
use tokio::time::{sleep, sleep_until};

use crate::{ear::Ear, flow::ACCOUNT};

/// A visitor with a chat, and what it has heard there.
#[derive(Clone)]
pub struct Visitor {
    pub ear: Arc<Ear>,
    person: stubs::Visitor,
}

/// What a visitor did, and when it was to be done.
pub type Said = Vec<(String, Instant)>;

/// When a visitor does something.
#[derive(Clone)]
pub struct Plan {
    pub begins: Instant,
    pub moments: Arc<[Duration]>,
}

impl Visitor {
    pub fn new(person: stubs::Visitor) -> Self {
        // Nothing that a visitor waits for is an error: what does not come is in the account.
        let person = person.patience(Duration::from_secs(1 << 30));
        Self { ear: Arc::default(), person }
    }

    /// What the platform calls its chat.
    pub fn chat(&self) -> &str {
        self.person.chat()
    }

    /// Hears what is said, for good.
    pub async fn listens(self) {
        loop {
            self.ear.hear(self.person.hears().await);
        }
    }

    /// Opens the conversation.
    pub async fn greets(&self) {
        self.person.says("/start");
        self.waits(Duration::from_secs(120), |ear| ear.heard().is_greeted).await;
    }

    /// Presses what was shown last and is not pressed, and otherwise says the next number, at each moment of its plan.
    pub async fn talks(self, plan: Plan) -> Said {
        let (mut said, mut number) = (Said::new(), 0);
        for moment in plan.moments.iter() {
            let due = plan.begins + *moment;
            sleep_until(due.into()).await;
            let keyboard = self.ear.heard().press();
            let token = if let Some(keyboard) = keyboard {
                self.person.presses_of(&keyboard.message, "Yes");
                format!("y{}", keyboard.room)
            } else {
                number += 1;
                let token = format!("n{number}");
                self.person.says(&*token);
                token
            };
            said.push((token, due));
        }
        said
    }

    /// Asks what was handled, until it is told.
    pub async fn asks_for_account(&self) {
        for _ in 0..3 {
            self.person.says(ACCOUNT);
            if self.waits(Duration::from_secs(30), |ear| ear.heard().account.is_some()).await {
                return;
            }
        }
    }

    /// Waits until this is so, and tells whether it is.
    async fn waits(&self, patience: Duration, is_so: impl Fn(&Ear) -> bool) -> bool {
        let began = Instant::now();
        while !is_so(&self.ear) {
            if began.elapsed() > patience {
                return false;
            }
            sleep(Duration::from_millis(20)).await;
        }
        true
    }
}
