//! `getUpdates`: a bot that has no address asks.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    super::{
        arguments::Arguments,
        desk::{Desk, Outcome},
        refusal::Refusal,
    },
    webhook::kinds,
};

/// What the Bot API's server waits at most, whatever it is asked for.
const LONGEST_POLL: i64 = 50;

/// What comes after the offset, or the first that comes in time. Another who asks meanwhile ends it.
pub(super) async fn updates(desk: &Arc<Desk>, arguments: &Arguments) -> Outcome {
    let offset = arguments.integer("offset").unwrap_or(0);
    let limit = usize::try_from(arguments.integer("limit").unwrap_or(100).clamp(1, 100)).expect("at most 100");
    let seconds = arguments.integer("timeout").unwrap_or(0).clamp(0, LONGEST_POLL).unsigned_abs();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let ticket = begin(desk, arguments);
    // Whoever waits gives up.
    desk.news.notify_waiters();
    loop {
        let news = desk.news.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        match look(desk, ticket, offset, limit) {
            Err(why) => return Err(conflict(desk, why).await),
            Ok(updates) if !updates.is_empty() || Instant::now() >= deadline => {
                return Ok((Value::Array(updates), None));
            }
            Ok(_) => {}
        }
        let _ = timeout_at(deadline, news).await;
    }
}

fn begin(desk: &Desk, arguments: &Arguments) -> u64 {
    let mut state = desk.state();
    state.updates.allow(kinds(arguments));
    state.poll += 1;
    state.poll
}

fn look(desk: &Desk, ticket: u64, offset: i64, limit: usize) -> Result<Vec<Value>, &'static str> {
    let mut state = desk.state();
    if state.webhook.is_some() {
        return Err(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        );
    }
    if state.poll != ticket {
        return Err("terminated by other getUpdates request; make sure that only one bot instance is running");
    }
    let (taken, given) = state.updates.after(offset, limit);
    drop(state);
    for trip in taken {
        desk.stage.trips.is_taken(trip);
    }
    for update in &given {
        if let Some(trip) = update.trip {
            desk.stage.trips.is_delivered(trip);
        }
        desk.stage.deliveries.note("update", update.wire.clone(), 200, Value::Null, None);
    }
    if !given.is_empty() {
        desk.stage.change();
    }
    Ok(given.into_iter().map(|update| update.wire).collect())
}

/// Two that keep ending each other are told so once in three seconds.
async fn conflict(desk: &Desk, why: &str) -> Refusal {
    let pause = desk.stage.scaled(Duration::from_secs(3));
    let was_just_told = {
        let mut state = desk.state();
        let now = std::time::Instant::now();
        let was_just_told = state.last_conflict.is_some_and(|told| now < told + pause);
        if !was_just_told {
            state.last_conflict = Some(now);
        }
        was_just_told
    };
    if was_just_told {
        sleep(pause).await;
    }
    Refusal::of(409, format!("Conflict: {why}"))
}
