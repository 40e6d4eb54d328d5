//! Messages that were set aside, accepted again by an operator's hand.

use std::sync::Arc;

use crate::{
    Flow, SessionId,
    engine::{
        Engine,
        error::EngineError,
        turn::{Drainer, Mail},
    },
    store::Posted,
};

impl<F: Flow> Engine<F> {
    /// Has the messages that were set aside accepted again, behind what waits, and tells how many they were.
    ///
    /// Fails if there is no room for all of them: those for which there is none stay aside, and the others are accepted.
    pub(in crate::engine) async fn accept_again(&self, id: SessionId) -> Result<usize, EngineError> {
        let Some(known) = self.rooms.keeper.read(id).await?.known else { return Ok(0) };
        let kept = known.session.letters_aside();
        let intake = &self.rooms.intake;
        let (mut posted, mut is_first, mut refused) = (Vec::new(), false, None);
        for (set_aside_by, letter) in kept {
            // What a later release has set aside stays for it.
            let Some(mail) = Mail::kept_as(letter) else { continue };
            match intake.post(id, &mail).await {
                Ok(place) => is_first |= place == Posted::First,
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
            posted.push(set_aside_by);
        }
        let forgotten = if posted.is_empty() {
            Ok(())
        } else {
            // Afterwards: what is in both places is handled once.
            self.rooms.keeper.amend(id, |session, _| session.forget_letters_aside(&posted)).await.map(drop)
        };
        // Whatever else failed: the letters that are in the inbox now are for this process to handle.
        if is_first {
            let intake = Arc::clone(intake);
            tokio::spawn(async move { intake.drain(id, Drainer::Poster).await });
        }
        forgotten?;
        refused.map_or(Ok(posted.len()), Err)
    }
}
