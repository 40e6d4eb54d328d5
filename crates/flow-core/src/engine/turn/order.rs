//! What an operator orders, as a turn: [`Order`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Turns,
    draft::{Draft, Takers},
    request::{Before, Stop},
};
use crate::{
    By, Cause, Flow, Reply,
    clock::after,
    engine::{error::EngineError, following::Found},
    handler::once::Errands,
};

/// What somebody orders.
pub(in crate::engine) struct Order<F> {
    pub(in crate::engine) by: By,
    pub(in crate::engine) what: Ordered<F>,
}

/// What is ordered.
pub(in crate::engine) enum Ordered<F> {
    /// To move the session to this state.
    Move(F),
    /// To have the bot be silent, until an operator ends that or so much time has passed.
    Pause(Option<Duration>),
    /// To have the bot go on, and ask its question again or not.
    Resume { asks: bool },
    /// To say this to the visitor.
    Say(Reply),
}

impl<F: Flow> Turns<F> {
    /// Does what an operator orders. An expired session is taken up, and so is one that only the archive has.
    pub(super) async fn obey(
        &self,
        before: Before<F>,
        order: &Order<F>,
        now: DateTime<Utc>,
        takers: Takers,
        errands: &dyn Errands,
    ) -> Result<Draft<F>, Stop> {
        let Before { session, found, .. } = before;
        let session = session.ok_or(EngineError::NoSession)?;
        let mut draft = if found == Found::Archived || self.keeper.is_expired(&session, now) {
            self.take_up(session, now, takers)
        } else {
            Draft::going_on(session, now, takers)
        };
        let by = || Some(order.by.clone());
        match &order.what {
            Ordered::Move(state) => {
                draft.operator = by();
                self.enter(&mut draft, state.copy(), Cause::Operator, errands).await?;
            }
            Ordered::Pause(time) => {
                let until = match time {
                    Some(time) if time.is_zero() => return Err(EngineError::PauseTime.into()),
                    Some(time) => Some(after(now, *time).ok_or(EngineError::PauseTime)?),
                    None => None,
                };
                draft.session.be_paused(order.by.clone(), now, until);
                draft.stand(Cause::Paused, by());
            }
            Ordered::Resume { asks } => {
                if draft.session.pause().is_none() {
                    return Err(EngineError::NotPaused.into());
                }
                let owes_question = draft.end_pause(by());
                if owes_question || *asks {
                    self.ask(&mut draft).await?;
                }
            }
            Ordered::Say(_) if !draft.is_heard_later() => return Err(EngineError::NobodyTells.into()),
            Ordered::Say(reply) => {
                draft.replies.push(reply.clone());
                draft.stand(Cause::Spoken, by());
            }
        }
        // The visitor does not wait for it, and neither does the operator.
        if draft.is_heard_later() {
            draft.announce();
        }
        Ok(draft)
    }
}
