//! What visitors say, and what they were told became of it: [`Message`].

use std::{sync::Arc, time::Duration};

use flow_core::{
    Address, Backlog, Busy, EngineError, Input, Opened, Outcome, SessionId, StoreError,
    engine::{Accepted, Durability},
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    defects::Defect,
    errand::Errand,
    machine::{Machine, TURN},
    plan::Trouble,
    sight::CHANNEL,
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
    /// When it was first sent, and when it was first said to be accepted: the numbers of these events in the town.
    pub(crate) first_sent: usize,
    pub(crate) accepted: Option<usize>,
    /// Whether it was never sent but to be accepted, by a visitor who waits for each answer.
    pub(crate) keeps_its_place: bool,
}

/// What the sender of a message was told, at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// That nothing of it is stored.
    Nothing,
    /// That it may be stored or not.
    Unknown,
    /// That it waits.
    Waits,
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

    /// The same of a message that was to be accepted: one whose handler fails is taken.
    fn of_accepted(told: &Result<Accepted<Errand>, EngineError>) -> Self {
        match told {
            Ok(Accepted::Handled(_)) => Self::Stored,
            Ok(_) => Self::Waits,
            Err(EngineError::Store(StoreError::Unknown(_))) => Self::Unknown,
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
        Err(EngineError::InboxFull { .. }) => "a full inbox",
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
        let pressed = addressed(town, Input::button(&*button), &format!("{message} {tap}"));
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
        let message = addressed(town, Input::text(word.clone()), &word);
        let way = Way::of(town);
        town.sends(session, &word, false);
        sent.spawn(async move { (word, way.send(&machine, id, message).await) });
    }
    while let Some(answered) = sent.join_next().await {
        let (word, heard) = answered.expect("a turn does not panic");
        town.meets(heard.kind);
        town.hears(session, &word, heard.fate);
    }
}

/// Sends the message until it is stored, or long enough.
async fn say(town: &Town, session: usize, word: &str) {
    let (dice, id) = (&town.premises.dice, id_of(session));
    for _ in 0..TRIES {
        let machine = town.any_machine();
        let (message, way) = (addressed(town, Input::text(word), word), Way::of(town));
        town.sends(session, word, way == Way::Accept);
        let sent_at = Instant::now();
        // A caller stops waiting in the middle of a turn, wherever that is; and none is answered by a machine that was killed.
        let patience = if dice.below(4) == 0 { Duration::from_millis(dice.below(700)) } else { LONGEST };
        let heard = timeout(patience, way.send(&machine, id, message)).await;
        let fate = heard.as_ref().map_or(Fate::Unknown, |heard| heard.fate);
        town.meets(heard.as_ref().map_or("not waited for", |heard| heard.kind));
        town.hears(session, word, fate);
        if let Ok(heard) = &heard {
            if let Some(told) = &heard.told {
                town.sees(session, told);
            }
            if is_out_of_place(town, session, heard.kind) {
                town.breaks(format!("{word} met {}", heard.kind));
            }
        }
        if heard.is_ok() && sent_at.elapsed() > WAITS_IN_LINE {
            town.breaks(format!("{word} was answered after {:?}", sent_at.elapsed()));
        }
        // Some send again what waits.
        if fate == Fate::Stored || fate == Fate::Waits && dice.below(2) == 0 {
            return;
        }
        sleep(Duration::from_millis(200 + dice.below(1_000))).await;
    }
}

/// The message with this id, from an address of its own where replies are sent.
fn addressed(town: &Town, input: Input, id: &str) -> flow_core::Message {
    let message = input.with_id(id);
    // The channel sends a reply to a message elsewhere.
    let place = if town.premises.defect == Some(Defect::MistakesAddresses) { "elsewhere" } else { id };
    if town.premises.plan.has(Trouble::Channel) { message.with_address(Address::new(CHANNEL, place)) } else { message }
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Handle,
    Accept,
}

/// What its sender hears.
struct Heard {
    fate: Fate,
    kind: &'static str,
    told: Option<Told>,
}

impl Way {
    fn of(town: &Town) -> Self {
        let accepts = town.premises.plan.has(Trouble::Letters) && town.premises.dice.below(8) > 0;
        if accepts { Self::Accept } else { Self::Handle }
    }

    async fn send(self, machine: &Machine, id: SessionId, message: flow_core::Message) -> Heard {
        if self == Self::Handle {
            let told = machine.engine.handle(id, message).await;
            return Heard { fate: Fate::of(&told), kind: kind_of(&told), told: Some(told) };
        }
        let accepted = machine.engine.accept(id, message).await;
        let fate = Fate::of_accepted(&accepted);
        match accepted.map(Accepted::outcome) {
            Ok(None) => Heard { fate, kind: "waits", told: None },
            Ok(Some(outcome)) => Heard { fate, kind: kind_of(&Ok(outcome)), told: None },
            Err(error) => Heard { fate, kind: kind_of(&Err(error)), told: None },
        }
    }
}

/// Whether nothing that happens in this town leads to this: a crowd where there is no flood, damage where no byte was changed.
fn is_out_of_place(town: &Town, session: usize, kind: &str) -> bool {
    let plan = &town.premises.plan;
    match kind {
        "waits" | "a full inbox" => !plan.has(Trouble::Letters),
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
