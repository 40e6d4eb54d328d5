//! What visitors say, and what they were told became of it: [`Message`].

use std::time::Duration;

use flow_core::{Busy, EngineError, Input, Outcome, SessionId, StoreError};
use tokio::time::{Instant, sleep, timeout};

use super::{errand::Errand, machine::TURN, town::Town};

/// How often a visitor sends a message before giving it up.
const TRIES: usize = 8;

/// Something that was said, with all tries to say it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: SessionId,
    pub(crate) word: String,
    pub(crate) fate: Fate,
    /// How much had been done to the records when it was first sent, and when it was last answered.
    pub(crate) began: usize,
    pub(crate) ended: usize,
}

/// What the sender of a message was told, at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// That nothing of it is stored.
    Nothing,
    /// That it may be stored or not.
    Unknown,
    /// That it is stored.
    Stored,
}

impl Fate {
    fn of(told: &Result<Outcome<Errand>, EngineError>) -> Self {
        match told {
            Ok(outcome) if outcome.is_failed() => Self::Nothing,
            Ok(outcome) if outcome.is_stored() => Self::Stored,
            Ok(_) | Err(EngineError::Store(StoreError::Unknown(_))) => Self::Unknown,
            Err(_) => Self::Nothing,
        }
    }
}

/// Says some words to a session, each until it is stored.
pub(crate) async fn visit(town: &Town, session: usize, visitor: usize) {
    for number in 0..3 + town.premises.dice.below(4) {
        say(town, session, &format!("{session}.{visitor}.{number}")).await;
        sleep(Duration::from_millis(town.premises.dice.below(2_500))).await;
    }
}

/// Sends so many messages at once, some of them twice, and none of them again.
pub(crate) async fn flood(town: &Town, session: usize) {
    let dice = &town.premises.dice;
    sleep(Duration::from_millis(dice.below(2_000))).await;
    let words: Vec<_> = (0..16).map(|_| format!("{session}.flood.{}", dice.below(12))).collect();
    let machine = town.any_machine();
    let sent = words.iter().map(|word| {
        let message = Input::text(word.clone()).with_id(word.clone());
        let (began, handled) = (town.premises.truth.count(), machine.engine.handle(town.id(session), message));
        async move { (word, began, handled.await) }
    });
    for (word, began, told) in futures(sent).await {
        town.hears(session, word, Fate::of(&told), began);
    }
}

/// Sends the message until it is stored, or long enough.
async fn say(town: &Town, session: usize, word: &str) {
    let (dice, id) = (&town.premises.dice, town.id(session));
    for _ in 0..TRIES {
        let machine = town.any_machine();
        let message = Input::text(word).with_id(word);
        let (sent_at, began) = (Instant::now(), town.premises.truth.count());
        // A caller stops waiting in the middle of a turn, wherever that is; and none is answered by a machine that was killed.
        let patience = if dice.below(4) == 0 { Duration::from_millis(dice.below(700)) } else { LONGEST };
        let told = timeout(patience, machine.engine.handle(id, message)).await;
        let fate = told.as_ref().map_or(Fate::Unknown, Fate::of);
        town.hears(session, word, fate, began);
        if let Ok(Err(EngineError::Busy(Busy::Crowded { .. } | Busy::Queue { .. }))) = told
            && !town.premises.plan.flood
        {
            town.breaks(format!("{word} was refused for a crowd, and there is none"));
        }
        if told.is_ok() && sent_at.elapsed() > WAITS_IN_LINE {
            town.breaks(format!("{word} was answered after {:?}", sent_at.elapsed()));
        }
        if fate == Fate::Stored {
            return;
        }
        sleep(Duration::from_millis(200 + dice.below(1_000))).await;
    }
}

/// How long a turn may wait for others of its session, which is flooded or has three visitors, and then take itself.
const WAITS_IN_LINE: Duration = TURN.saturating_mul(8);

const LONGEST: Duration = Duration::from_secs(60);

/// What all of these come to, side by side.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = all.map(Box::pin).map(|future| (future, None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in waiting.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}
