//! What was said, against what was handled and heard: [`Account`].

use std::{fmt, sync::Arc, time::Duration};

use flow_core::{Engine, SessionId, Store};
use tokio::time::{Instant, sleep};

use crate::{
    bot::{self, Counting},
    visitor::Visitor,
};

/// How long after the last message a reply may come.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is wrong with it, if anything is.
#[derive(Debug, Default)]
pub struct Account {
    /// Messages that were acknowledged and not handled.
    pub lost: u64,
    /// Messages that were handled more than once, or not in their order, as their records tell.
    pub doubled: u64,
    /// Messages whose reply was not heard.
    pub unheard: usize,
    /// What was heard that may not be.
    pub wrong: Vec<String>,
    /// Replies that came again, under their ids, and streams that were begun again.
    pub told_again: usize,
    pub streams_again: usize,
    /// How many bytes a record has.
    pub bytes: usize,
}

/// Waits until everything is heard, as far as it comes.
pub async fn wait_for(visitors: &[Visitor], count: u32) {
    let began = Instant::now();
    let is_whole = |visitor: &Visitor| visitor.ear.heard().at.len() as u64 >= u64::from(count);
    while !visitors.iter().all(is_whole) && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20)).await;
    }
}

impl Account {
    /// Of visitors each of whom has said so many numbers, all of them acknowledged; asked of the store when all is done; the server
    /// still takes off what waits.
    pub async fn of(visitors: &[Visitor], count: u32, store: &Arc<dyn Store>) -> Self {
        let (engine, count) = (bot::engine(Arc::clone(store), None), u64::from(count));
        let (mut account, mut bytes) = (Self::default(), 0);
        for visitor in visitors {
            let known = engine.peek(visitor.id).await.expect("the store answers").expect("a session");
            let (counted, waiting) = (known.shared(), waiting(&engine, visitor.id).await);
            let doubled = counted.count.saturating_sub(count).max(counted.out_of_turn.len() as u64);
            account.doubled += doubled;
            account.lost += (count + doubled).saturating_sub(counted.count);
            if waiting > 0 || !known.set_aside().is_empty() {
                account.wrong.push(format!("{waiting} letters, {} set aside", known.set_aside().len()));
            }
            let stored = store.load(visitor.id, 0).await.expect("the store answers").record.expect("a record");
            bytes += stored.bytes().len();
            let heard = visitor.ear.heard();
            account.unheard += (1..=count).filter(|number| !heard.at.contains_key(number)).count();
            account.wrong.extend_from_slice(&heard.wrong);
            if heard.missed > 0 {
                account.wrong.push(format!("{} replies were missed", heard.missed));
            }
            account.told_again += heard.again;
            account.streams_again += heard.streams - 1;
        }
        account.bytes = bytes / visitors.len();
        account
    }

    /// Whether every message was handled once, and every reply heard.
    pub fn is_right(&self) -> bool {
        (self.lost, self.doubled, self.unheard) == (0, 0, 0) && self.wrong.is_empty()
    }
}

/// How many letters of a session still wait, once none does or it has been long enough.
async fn waiting(engine: &Engine<Counting>, id: SessionId) -> usize {
    let began = Instant::now();
    loop {
        let waiting = engine.waiting(id).await.expect("the store answers");
        if waiting == 0 || began.elapsed() > PATIENCE {
            return waiting;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost, doubled, unheard, told_again, streams_again, bytes, .. } = self;
        write!(
            f,
            "{lost} lost, {doubled} doubled, {unheard} replies unheard, {} other faults; {told_again} told again under their ids, ",
            self.wrong.len()
        )?;
        write!(f, "{streams_again} streams begun again; records of {bytes} bytes")
    }
}
