//! What befalls a town besides its visitors: [`befall`].

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::time::{sleep, timeout};

use super::{
    operator::{Deed, operate},
    plan::Trouble,
    town::Town,
};

/// As long as visitors talk, one thing after the other befalls the town, as its plan has it.
pub(crate) async fn befall(town: &Town) {
    let dice = &town.premises.dice;
    for _ in 0..12 + dice.below(12) {
        sleep(Duration::from_millis(dice.below(1_200))).await;
        let mishaps = mishaps(town);
        let place = usize::try_from(dice.below(mishaps.len() as u64)).expect("a small number");
        mishaps[place].happen(town).await;
    }
}

#[derive(Clone, Copy, Debug)]
enum Mishap {
    /// Nobody but the test looks for what is due where no worker runs.
    Look,
    TurnClock,
    TurnStoreClock,
    Kill,
    ShutDown,
    Cut,
    Damage,
    LoseTail,
    Operate(Deed),
}

/// What may befall the town.
fn mishaps(town: &Town) -> Vec<Mishap> {
    let plan = &town.premises.plan;
    let mut mishaps = vec![Mishap::Look];
    let mut add = |may: bool, some: &[Mishap]| mishaps.extend(some.iter().filter(|_| may));
    add(plan.has(Trouble::Clocks), &[Mishap::TurnClock, Mishap::TurnClock]);
    add(plan.has(Trouble::StoreClock), &[Mishap::TurnStoreClock]);
    add(plan.has(Trouble::Deaths), &[Mishap::Kill, Mishap::ShutDown, Mishap::Cut]);
    add(plan.has(Trouble::Damage), &[Mishap::Damage]);
    add(plan.has(Trouble::LostTails), &[Mishap::LoseTail]);
    add(plan.has(Trouble::Operator), &[Deed::Force, Deed::Retry, Deed::Dismiss, Deed::Export].map(Mishap::Operate));
    let pauses = [Deed::Pause, Deed::PauseFor, Deed::Resume, Deed::ResumeAsking, Deed::Say];
    add(plan.has(Trouble::Pauses), &pauses.map(Mishap::Operate));
    add(plan.has(Trouble::Forgetting), &[Deed::Remove, Deed::Erase].map(Mishap::Operate));
    mishaps
}

impl Mishap {
    fn name(self) -> &'static str {
        match self {
            Self::Look => "a look",
            Self::TurnClock => "a machine's clock is turned",
            Self::TurnStoreClock => "the store's clock is turned",
            Self::Kill => "a kill",
            Self::ShutDown => "a machine is shut down",
            Self::Cut => "a machine is cut off",
            Self::Damage => "bytes are changed",
            Self::LoseTail => "a tail is lost",
            Self::Operate(_) => "an operator",
        }
    }

    async fn happen(self, town: &Town) {
        town.meets(self.name());
        match self {
            Self::Look if town.premises.plan.workers => {}
            Self::Look => {
                // It may find its store away, or be killed in the middle.
                let patience = Duration::from_millis(town.premises.dice.below(2_000));
                let _ = timeout(patience, town.any_machine().look()).await;
            }
            Self::TurnClock => {
                let by = jump(town);
                town.tells(&format!("a machine's clock is turned by {by}"));
                town.any_machine().clock.turn(by);
            }
            Self::TurnStoreClock => {
                let by = jump(town);
                town.tells(&format!("the store's clock is turned by {by}"));
                town.premises.truth.clock.turn(by);
            }
            Self::Kill => {
                town.tells("a machine is killed");
                town.replace_any().kill();
            }
            Self::ShutDown => {
                let old = town.replace_any();
                let patience = Duration::from_millis(town.premises.dice.below(5_000));
                let shutdown = old.engine.shutdown(patience).await;
                town.tells(&format!("a machine was shut down: {shutdown:?}"));
                // What is left of it ends with the process.
                old.kill();
            }
            Self::Cut => {
                let machine = town.any_machine();
                town.tells("a machine is cut off its store");
                machine.door.cut(true);
                sleep(Duration::from_millis(town.premises.dice.below(3_000))).await;
                machine.door.cut(false);
            }
            Self::Damage => damage(town).await,
            Self::LoseTail => {
                let id = town.any_id();
                let is_lost = town.premises.truth.lose_tail(id).await;
                town.tells(&format!("the store loses the last write of {id}: {is_lost}"));
            }
            Self::Operate(deed) => operate(town, deed).await,
        }
    }
}

/// By how much a clock is turned: by seconds, minutes or years.
fn jump(town: &Town) -> TimeDelta {
    let dice = &town.premises.dice;
    let by = |unit: i64| unit * i64::try_from(dice.below(9)).expect("a small number") - 4 * unit;
    match dice.below(4) {
        0..=1 => TimeDelta::milliseconds(by(700)),
        2 => TimeDelta::seconds(by(40)),
        _ => TimeDelta::days(by(365)),
    }
}

/// The bytes of a record are changed for a while, or another's are put in their place.
async fn damage(town: &Town) {
    let (dice, truth) = (&town.premises.dice, Arc::clone(&town.premises.truth));
    let (id, other) = (town.any_id(), town.any_id());
    let (Some(record), another) = (truth.last(id).await, truth.last(other).await) else { return };
    let mut bytes = record.record.bytes().to_vec();
    let place = usize::try_from(dice.below(bytes.len() as u64)).expect("a small number");
    match dice.below(3) {
        0 => bytes[place] ^= 1 << dice.below(8),
        1 => bytes.truncate(place),
        _ => match another.filter(|_| id != other) {
            Some(another) => bytes = another.record.bytes().to_vec(),
            None => return,
        },
    }
    town.tells(&format!("the record of {id} is damaged"));
    truth.damage(id, bytes);
    sleep(Duration::from_millis(dice.below(3_000))).await;
    truth.mend(id);
}
