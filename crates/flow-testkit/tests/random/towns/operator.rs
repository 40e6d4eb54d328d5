//! What an operator does in a town: [`operate`].

use std::time::Duration;

use flow_core::SessionId;
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

/// Does it to any session, on any machine.
pub(crate) async fn operate(town: &Town, deed: Deed) {
    let (id, machine) = (town.any_id(), town.any_machine());
    let (engine, began) = (&machine.engine, town.premises.truth.count());
    let place = town.orders(Order { id, deed, began, is_done: false });
    let done = async {
        match deed {
            Deed::Force => engine.operator(by()).force(id, Errand::from(Hill { walked: 9 })).await.map(drop),
            Deed::Retry => engine.operator(by()).retry(id).await.map(drop),
            Deed::Dismiss => engine.operator(by()).dismiss(id).await.map(drop),
            Deed::Export => engine.export(id).await.map(drop),
            Deed::Remove => engine.remove(id).await.map(drop),
            Deed::Erase => engine.operator(by()).erase(id).await.map(drop),
        }
    };
    let is_done = timeout(Duration::from_secs(30), done).await.is_ok_and(|done| done.is_ok());
    town.tells(&format!("an operator's {deed:?} of {id}: {is_done}"));
    if is_done {
        town.is_done(place);
    }
}
