//! What an operator does in a town: [`operate`].

use std::time::Duration;

use flow_core::{By, SessionId};
use tokio::time::timeout;

use super::{
    errand::{Errand, Hill},
    town::Town,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Force,
    Retry,
    Dismiss,
    Pause,
    PauseFor,
    Resume,
    ResumeAsking,
    Say,
    Export,
    Remove,
    Erase,
}

/// Something that an operator did, or tried to do.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: SessionId,
    pub(crate) deed: Deed,
    /// How much had been done to the records when it began.
    pub(crate) began: usize,
    /// Whether the operator was told that it is done.
    pub(crate) is_done: bool,
}

/// The operator of every town.
pub(crate) fn by() -> By {
    By::new("olga", "the town wants it")
}

/// Does it to any session, on any machine.
pub(crate) async fn operate(town: &Town, deed: Deed) {
    let (id, machine) = (town.any_id(), town.any_machine());
    let (engine, began) = (&machine.engine, town.premises.truth.count());
    let place = town.orders(Order { id, deed, began, is_done: false });
    let done = async {
        let operator = engine.operator(by());
        match deed {
            Deed::Force => operator.force(id, Errand::from(Hill { walked: 9 })).await.map(drop),
            Deed::Retry => operator.retry(id).await.map(drop),
            Deed::Dismiss => operator.dismiss(id).await.map(drop),
            Deed::Pause => operator.pause(id).await.map(drop),
            Deed::PauseFor => {
                let time = Duration::from_millis(1 + town.premises.dice.below(3_000));
                operator.pause_for(id, time).await.map(drop)
            }
            Deed::Resume => operator.resume(id).await.map(drop),
            Deed::ResumeAsking => operator.resume_asking(id).await.map(drop),
            Deed::Say => operator.say(id, "I am a person.").await.map(drop),
            Deed::Export => engine.export(id).await.map(drop),
            Deed::Remove => engine.remove(id).await.map(drop),
            Deed::Erase => operator.erase(id).await.map(drop),
        }
    };
    let is_done = timeout(Duration::from_secs(30), done).await.is_ok_and(|done| done.is_ok());
    town.tells(&format!("an operator's {deed:?} of {id}: {is_done}"));
    if is_done {
        town.is_done(place);
    }
}
