//! What visitors say, and what they were told became of it: [`Message`].

use std::{sync::Arc, time::Duration};

use flow_core::{Backlog, Busy, EngineError, Input, Opened, Outcome, SessionId, StoreError, engine::Durability};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    errand::Errand,
    machine::TURN,
    plan::Trouble,
    town::{Town, id_of},
};

/// How often a visitor sends a message before giving it up.
const TRIES: usize = 8;

/// Something that was said, with all tries to say it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: SessionId,
    pub(crate) word: String,
    pub(crate) fate: Fate,
    /// How much had been done to the records when it was last answered.
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
    fn of(told: &Told) -> Self {
        match told {
            Ok(Outcome { durability: Durability::Unknown, .. }) => Self::Unknown,
            Ok(outcome) if outcome.is_failed() => Self::Nothing,
            Ok(outcome) if outcome.is_stored() => Self::Stored,
            Ok(_) | Err(EngineError::Store(StoreError::Unknown(_))) => Self::Unknown,
            Err(_) => Self::Nothing,
        }
    }
}

pub(super) type Told = Result<Outcome<Errand>, EngineError>;

/// What it was, in a word.
fn kind_of(told: &Told) -> &'static str {
    match told {
        Ok(outcome) if outcome.is_failed() => "the handler failed",
        Ok(outcome) if outcome.is_in_memory() => "in memory",
        Ok(outcome) if outcome.is_late_repeat() => "a late repeat",
        Ok(outcome) if outcome.is_repeat() => "a repeat",
        Ok(outcome) if outcome.is_over() => "an old button",
        Ok(outcome) if outcome.resumed.is_some() => "taken up",
        Ok(outcome) if outcome.opened == Some(Opened::AfterExpiry) => "begun after an expiry",
        Ok(outcome) if outcome.opened == Some(Opened::AfterLoss) => "begun after a loss",
        Ok(outcome) if outcome.is_paused() => "paused",
        Ok(_) => "taken",
        Err(EngineError::Busy(Busy::Queue { .. })) => "a long line",
        Err(EngineError::Busy(Busy::Late { .. })) => "late",
        Err(EngineError::Busy(_)) => "busy",
        Err(EngineError::Backlog { .. }) => "too much undelivered",
        Err(EngineError::Unreadable(_)) => "damage",
        Err(EngineError::Archive(_)) => "no archive",
        Err(EngineError::ShuttingDown) => "a shutdown",
        Err(EngineError::Store(StoreError::Unknown(_))) => "unknown",
        Err(EngineError::Store(_)) => "no store",
        Err(_) => "another error",
    }
}

/// Says some words to a session, each until it is stored.
pub(crate) async fn visit(town: &Town, session: usize, visitor: usize) {
    for number in 0..3 + town.premises.dice.below(4) {
        say(town, session, &format!("{session}.{visitor}.{number}")).await;
        let dice = &town.premises.dice;
        if dice.below(2) == 0 {
            press(town, session, &format!("{session}.{visitor}.{number} presses")).await;
        }
        if dice.below(4) == 0 {
            // The channel delivers something again that was said long ago.
            say(town, session, &format!("{session}.{visitor}.{}", dice.below(number + 1))).await;
        }
        // Some come back when the session has expired, or is forgotten.
        let away = if dice.below(10) == 0 { 25_000 } else { 2_500 };
        sleep(Duration::from_millis(dice.below(away))).await;
    }
}

/// Presses a button that was shown in this session at some time, perhaps twice.
async fn press(town: &Town, session: usize, message: &str) {
    let Some(button) = town.any_button(session) else { return };
    town.meets("a press");
    for tap in 0..=town.premises.dice.below(2) {
        let machine = town.any_machine();
        let pressed = Input::button(&*button).with_id(format!("{message} {tap}"));
        let told = timeout(LONGEST, machine.engine.handle(id_of(session), pressed)).await;
        town.tells(&format!("{message} {button}: {}", told.as_ref().map_or("not waited for", kind_of)));
        if let Ok(told) = &told {
            town.meets(kind_of(told));
            town.sees(session, told);
        }
    }
}

/// Sends so many messages at once, some of them twice, and none of them again.
pub(crate) async fn flood(town: &Town, session: usize) {
    let dice = &town.premises.dice;
    sleep(Duration::from_millis(dice.below(2_000))).await;
    let words: Vec<_> = (0..16).map(|_| format!("{session}.flood.{}", dice.below(12))).collect();
    let machine = town.any_machine();
    let mut sent = JoinSet::new();
    for word in words {
        let (machine, id) = (Arc::clone(&machine), id_of(session));
        let message = Input::text(word.clone()).with_id(word.clone());
        sent.spawn(async move { (word, machine.engine.handle(id, message).await) });
    }
    while let Some(answered) = sent.join_next().await {
        let (word, told) = answered.expect("a turn does not panic");
        town.meets(kind_of(&told));
        town.hears(session, &word, Fate::of(&told));
    }
}

/// Sends the message until it is stored, or long enough.
async fn say(town: &Town, session: usize, word: &str) {
    let (dice, id) = (&town.premises.dice, id_of(session));
    for _ in 0..TRIES {
        let machine = town.any_machine();
        let message = Input::text(word).with_id(word);
        let sent_at = Instant::now();
        // A caller stops waiting in the middle of a turn, wherever that is; and none is answered by a machine that was killed.
        let patience = if dice.below(4) == 0 { Duration::from_millis(dice.below(700)) } else { LONGEST };
        let told = timeout(patience, machine.engine.handle(id, message)).await;
        let fate = told.as_ref().map_or(Fate::Unknown, Fate::of);
        town.meets(told.as_ref().map_or("not waited for", kind_of));
        town.hears(session, word, fate);
        if let Ok(told) = &told {
            town.sees(session, told);
        }
        if let Ok(told) = &told
            && is_out_of_place(town, session, told)
        {
            town.breaks(format!("{word} met {}", kind_of(told)));
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

/// Whether nothing that happens in this town leads to this: a crowd where there is no flood, damage where no byte was changed.
fn is_out_of_place(town: &Town, session: usize, told: &Told) -> bool {
    let plan = &town.premises.plan;
    match kind_of(told) {
        "a long line" => !plan.has(Trouble::Flood) || session != FLOODED,
        "damage" => !plan.has(Trouble::Damage),
        "too much undelivered" => plan.backlog == Backlog::SetAside,
        "in memory" => !plan.goes_on_in_memory(),
        "paused" => !plan.has(Trouble::Pauses),
        "busy" | "another error" => true,
        _ => false,
    }
}

/// The session that is flooded, where one is.
pub(crate) const FLOODED: usize = 0;

/// How long a turn may wait for others of its session, which is flooded or has three visitors, and then take itself.
const WAITS_IN_LINE: Duration = TURN.saturating_mul(8);

const LONGEST: Duration = Duration::from_secs(60);
