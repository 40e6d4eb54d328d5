//! Time in a chat: what falls due while it passes, and a worker that is not there.

use std::{slice, time::Duration};

use chrono::{DateTime, Utc};
use flow_core::{Clock, Flow};

use super::{Chat, hearing::note, process::Note};

/// A session that always has something more due would wait for ever.
const MOST_WAKINGS: usize = 10_000;

impl<F: Flow> Chat<F> {
    /// Time passes. What falls due meanwhile is done when it is due, unless [the worker has stopped](Self::stops_worker).
    ///
    /// Panics if a session cannot be read.
    pub async fn waits(&mut self, time: Duration) -> &mut Self {
        self.transcript.passed(time);
        let end = self.clock.now() + time;
        for _ in 0..MOST_WAKINGS {
            let due_at = if self.has_worker { self.due_at().await } else { None };
            let Some(due_at) = due_at.filter(|due_at| *due_at <= end) else { break };
            self.clock.set(due_at.max(self.clock.now()));
            self.works().await;
        }
        self.clock.set(end);
        self.works().await;
        self
    }

    /// From now on there is no worker: time passes, and nothing falls due. A visitor who comes late finds what is overdue.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use flow_core::{Flow, Reask, Step, Turn};
    /// # use flow_testkit::Chat;
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// enum Door {
    ///     #[state(start, ask = "The word?", handled, tries(3, Locked), to(Open))]
    ///     Word,
    ///     #[state(ask = "It is locked for ten minutes.", handled, after("10m", Word), to(Word))]
    ///     Locked,
    ///     #[state(end, say = "Come in.")]
    ///     Open,
    /// }
    /// # use door::*;
    /// # struct Porter;
    /// # impl DoorHandler for Porter {
    /// #     async fn word(&self, _: Word, turn: Turn<'_, Word>) -> Step<Word> {
    /// #         if turn.text() == "sesame" { turn.to(Open) } else { Err(Reask::because("No.").into()) }
    /// #     }
    /// #     async fn locked(&self, _: Locked, turn: Turn<'_, Locked>) -> Step<Locked> {
    /// #         turn.stay("It is locked.")
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut chat = Chat::new(|| Door::engine(Porter));
    /// chat.says(["hi", "salt", "pepper", "sugar"]).await;
    /// chat.stops_worker().waits(Duration::from_secs(3600)).await;
    /// assert_eq!(chat.state().await, Some("LOCKED"));
    /// chat.says(["sesame"]).await;
    /// assert!(chat.transcript().ends_with(
    ///     "(the worker stops)
    /// (1 h pass)
    /// > sesame
    ///     LOCKED -> WORD (after)
    ///     WORD -> OPEN (message)
    /// bot: The word?
    /// bot: Come in."
    /// ));
    /// # }
    /// ```
    pub fn stops_worker(&mut self) -> &mut Self {
        self.has_worker = false;
        self.transcript.happened("the worker stops");
        self
    }

    /// From now on there is a worker again, which does at once what is overdue.
    ///
    /// Panics if the store cannot tell what is due.
    pub async fn starts_worker(&mut self) -> &mut Self {
        self.has_worker = true;
        self.transcript.happened("the worker starts");
        self.works().await;
        self
    }

    /// What is due is done, by a worker of the process that speaks, if there is one.
    pub(super) async fn works(&mut self) {
        if !self.has_worker {
            return;
        }
        self.engine().worker().look().await.expect("the store tells what is due");
        let place = |id| self.visitors.iter().position(|visitor| visitor.id == id);
        let mut notes: Vec<_> = self.notes.take().into_iter().map(|(id, note)| (place(id), note)).collect();
        // A worker does what is due of several sessions in any order.
        notes.sort_by_key(|(place, _)| *place);
        for (place, told) in notes {
            let name = place.map_or("", |place| &self.visitors[place].name);
            match told {
                Note::Stepped(transition) => {
                    note::<F>(slice::from_ref(&transition));
                    self.transcript.noted(name, transition);
                }
                Note::Delivered(delivered) => self.transcript.noted(name, delivered),
                Note::Announced(replies) => self.transcript.replied(name, &replies),
            }
        }
    }

    /// When the first of the visitors' sessions is due.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        let mut due_at = None;
        for visitor in &self.visitors {
            let wake_at = self.session_of(visitor.id).await.and_then(|session| session.wake_at());
            due_at = due_at.into_iter().chain(wake_at).min();
        }
        due_at
    }
}
