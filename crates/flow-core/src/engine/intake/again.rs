//! Messages that were set aside, accepted again by an operator's hand.

use std::sync::Arc;

use crate::{
    Flow, SessionId,
    engine::{Engine, error::EngineError, turn::Mail},
    store::Posted,
};

impl<F: Flow> Engine<F> {
    /// Has the messages that were set aside accepted again, behind what waits, and tells how many they were.
    pub(in crate::engine) async fn accept_again(&self, id: SessionId) -> Result<usize, EngineError> {
        let Some(known) = self.rooms.keeper.read(id).await?.known else { return Ok(0) };
        let kept = known.session.letters_aside();
        let intake = &self.rooms.intake;
        let (mut posted, mut is_first) = (Vec::new(), false);
        for letter in kept {
            // What a later release has set aside stays for it.
            let Some(mail) = Mail::kept_as(letter.clone()) else { continue };
            is_first |= intake.post(id, &mail).await? == Posted::First;
            posted.push(letter);
        }
        if !posted.is_empty() {
            // Afterwards: what is in both places is handled once.
            self.rooms.keeper.amend(id, |session, _| session.forget_letters_aside(&posted)).await?;
        }
        if is_first {
            let intake = Arc::clone(intake);
            tokio::spawn(async move { intake.drain(id).await });
        }
        Ok(posted.len())
    }
}
