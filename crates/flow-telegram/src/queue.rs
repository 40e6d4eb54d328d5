//! The updates that Telegram has kept for a bot, as far as they are taken: a [`Queue`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use flow_core::{Engine, Flow, SessionId};
use flow_http::platform::{Arrived, Line};
use futures_util::future::join_all;
use serde_json::Value;

use crate::{Telegram, press::Press, update::Update};

/// How far the updates of a bot are taken. Telegram is told of an update once it and all before it are.
pub(crate) struct Queue {
    /// The number of the first update that is not known to be taken: what Telegram calls the offset. None before the first is known.
    offset: Option<i64>,
    /// What is taken behind that.
    ahead: BTreeSet<i64>,
    held_up: Option<HeldUp>,
    patience: Duration,
}

/// The first update that cannot be taken, and since when others can.
struct HeldUp {
    by: i64,
    since: Instant,
}

/// What became of the updates of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    All,
    /// The rest is asked for again.
    Some,
}

/// An update that says something.
struct Letter {
    number: i64,
    arrived: Arrived,
    press: Option<Press>,
}

impl Queue {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { offset: None, ahead: BTreeSet::new(), held_up: None, patience }
    }

    pub(crate) fn offset(&self) -> Option<i64> {
        self.offset
    }

    /// Gives what the updates of an answer say to the engine, and notes what was taken.
    pub(crate) async fn take<F: Flow>(
        &mut self,
        line: &Line<Telegram>,
        engine: &Engine<F>,
        updates: Vec<Value>,
    ) -> Taken {
        let updates = updates.into_iter().filter_map(|update| serde_json::from_value::<Update>(update).ok());
        let updates: Vec<_> = updates.collect();
        let numbers: Vec<_> = updates.iter().map(|update| update.id).collect();
        self.notice_new_numbers(&numbers);
        let mut by_session = BTreeMap::<SessionId, Vec<Letter>>::new();
        for update in updates {
            let number = update.id;
            if self.ahead.contains(&number) {
                continue;
            }
            let incoming = line.platform().incoming(update);
            match incoming.arrived {
                Some(arrived) => {
                    let letter = Letter { number, arrived, press: incoming.press };
                    by_session.entry(line.session_of(&letter.arrived)).or_default().push(letter);
                }
                None => {
                    self.ahead.insert(number);
                    acknowledge(line, incoming.press);
                }
            }
        }
        let sessions = by_session.into_values().map(|letters| accept_in_order(line, engine, letters));
        let accepted: Vec<_> = join_all(sessions).await.into_iter().flatten().collect();
        let is_store_there = !accepted.is_empty();
        self.ahead.extend(accepted);
        self.move_on(line, engine, &numbers, is_store_there).await
    }

    /// Begins anew if Telegram does: after a week without updates the next one has any number, perhaps a smaller one.
    fn notice_new_numbers(&mut self, numbers: &[i64]) {
        if numbers.iter().any(|number| self.offset.is_some_and(|from| *number < from)) {
            self.offset = numbers.iter().min().copied();
            self.ahead.clear();
        }
    }

    /// Moves on to the first update that is not taken.
    async fn move_on<F: Flow>(
        &mut self,
        line: &Line<Telegram>,
        engine: &Engine<F>,
        numbers: &[i64],
        is_store_there: bool,
    ) -> Taken {
        loop {
            let is_left = |number: &i64| self.offset.is_none_or(|from| *number >= from) && !self.ahead.contains(number);
            let first_left = numbers.iter().copied().find(is_left);
            let Some(left) = first_left else {
                self.offset = numbers.last().map(|last| last.saturating_add(1)).or(self.offset);
                self.ahead.clear();
                self.held_up = None;
                return Taken::All;
            };
            self.offset = Some(left);
            self.ahead.retain(|number| *number > left);
            // A session that nobody has: whether the store answers at all.
            if !is_store_there && engine.peek(SessionId::random()).await.is_err() {
                self.held_up = None;
                return Taken::Some;
            }
            if !self.is_given_up(left) {
                return Taken::Some;
            }
            tracing::error!(
                channel = line.name(),
                "an update of Telegram could not be taken for a long time while others could, and is given up"
            );
            self.ahead.insert(left);
        }
    }

    /// Whether this one has held up the others for too long.
    fn is_given_up(&mut self, number: i64) -> bool {
        match &self.held_up {
            Some(held_up) if held_up.by == number => held_up.since.elapsed() >= self.patience,
            _ => {
                self.held_up = Some(HeldUp { by: number, since: Instant::now() });
                false
            }
        }
    }
}

/// Accepts messages of one session one after the other. Gives the numbers of those that are done with, which are the first of them.
async fn accept_in_order<F: Flow>(line: &Line<Telegram>, engine: &Engine<F>, letters: Vec<Letter>) -> Vec<i64> {
    let mut done = Vec::new();
    for Letter { number, arrived, press } in letters {
        match line.accept(engine, arrived).await {
            Ok(_) => acknowledge(line, press),
            Err(error) if error.refuses_the_message() => {
                tracing::warn!(channel = line.name(), %error, "an update of Telegram is not taken, and would never be");
            }
            Err(error) => {
                tracing::warn!(channel = line.name(), %error, "an update of Telegram cannot be taken now, and is asked for again");
                break;
            }
        }
        done.push(number);
    }
    done
}

/// Tells Telegram that a press has arrived. Nothing waits for it.
fn acknowledge(line: &Line<Telegram>, press: Option<Press>) {
    let Some(press) = press else { return };
    let telegram = line.platform();
    let (api, takes_buttons_away) = (telegram.api.clone(), telegram.takes_buttons_away);
    tokio::spawn(async move {
        press.acknowledge(&api).await;
        if takes_buttons_away {
            press.take_buttons_away(&api).await;
        }
    });
}
