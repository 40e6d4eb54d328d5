//! What a seed has in store for its town: [`Plan`].

use std::time::Duration;

use flow_core::{Backlog, Outage, Resume};

use crate::conversation::Dice;

/// How far clocks may be apart for an expiry to be declared.
pub(crate) const GREATEST_SKEW: Duration = Duration::from_secs(60);

/// What befalls some towns, and not others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Handlers and hooks hang, fail and panic more often.
    Moods,
    /// The clocks of machines differ, drift and are turned.
    Clocks,
    /// The clock of the store is turned.
    StoreClock,
    /// Machines are killed, shut down, and cut off their store.
    Deaths,
    /// The bytes of records are changed.
    Damage,
    /// The store loses its last writes.
    LostTails,
    /// An operator is at work.
    Operator,
    /// The operator takes over, speaks, and hands back.
    Pauses,
    /// The operator removes and erases sessions.
    Forgetting,
    /// One session is flooded.
    Flood,
    /// Messages are accepted, and wait as letters.
    Letters,
    /// Replies are sent by a channel, to the address of their message.
    Channel,
}

impl Trouble {
    /// Each of them, and how many towns there are to one that has it.
    const ALL: [(Self, u64); 12] = [
        (Self::Moods, 2),
        (Self::Clocks, 2),
        (Self::StoreClock, 4),
        (Self::Deaths, 2),
        (Self::Damage, 4),
        (Self::LostTails, 6),
        (Self::Operator, 3),
        (Self::Forgetting, 3),
        (Self::Flood, 4),
        (Self::Pauses, 3),
        (Self::Letters, 2),
        (Self::Channel, 2),
    ];
}

/// What happens in a town, and how its engines are set. Each seed has some of it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) machines: usize,
    pub(crate) sessions: usize,
    /// Whether workers run; else somebody looks now and then.
    pub(crate) workers: bool,
    pub(crate) archive: bool,
    /// Whether a visitor waits for the archive, where the store has no session.
    pub(crate) insists: bool,
    pub(crate) resume: Resume,
    pub(crate) idle: Option<Duration>,
    pub(crate) outage: Outage,
    pub(crate) backlog: Backlog,
    pub(crate) undelivered: usize,
    pub(crate) tries: u32,
    /// How long a handler may think: less than a turn may take, or more.
    pub(crate) handler: Duration,
    /// For how long a message that is accepted waits for its turn.
    pub(crate) patience: Duration,
    /// How many letters there is room for.
    pub(crate) letters: usize,
    /// How many machines may end over a letter.
    pub(crate) letter_tries: u32,
    /// By how many percent each fault of the store is met.
    pub(crate) faults: u8,
    pub(crate) troubles: Vec<Trouble>,
}

impl Plan {
    /// The plan that these dice make.
    pub(crate) fn of(dice: &Dice) -> Self {
        let number = |bound: u64| usize::try_from(dice.below(bound)).expect("a small number");
        let one_in = |chances: u64| dice.below(chances) == 0;
        Self {
            machines: 1 + number(3),
            sessions: 1 + number(3),
            workers: !one_in(3),
            archive: one_in(3),
            insists: one_in(2),
            resume: [Resume::Never, Resume::Unexpired, Resume::Within(Duration::from_secs(20))][number(3)],
            idle: one_in(2).then(|| Duration::from_millis(2_000 + dice.below(10_000))),
            outage: if one_in(3) { Outage::Memory { sessions: 10 } } else { Outage::Fail },
            backlog: if one_in(2) { Backlog::Fail } else { Backlog::SetAside },
            undelivered: if one_in(2) { 3 } else { 100 },
            tries: if one_in(2) { 3 } else { 100 },
            handler: Duration::from_secs(if one_in(2) { 2 } else { 10 }),
            patience: Duration::from_millis([0, 50, 300][number(3)]),
            letter_tries: 1 + u32::try_from(number(3)).expect("a small number"),
            letters: if one_in(3) { 2 } else { 100 },
            faults: [0, 2, 4][number(3)],
            troubles: Trouble::ALL
                .into_iter()
                .filter(|(_, towns)| one_in(*towns))
                .map(|(trouble, _)| trouble)
                .collect(),
        }
    }

    pub(crate) fn has(&self, trouble: Trouble) -> bool {
        self.troubles.contains(&trouble)
    }

    pub(crate) fn goes_on_in_memory(&self) -> bool {
        matches!(self.outage, Outage::Memory { .. })
    }
}
