//! What is said to visitors who come for it is laid out in the write that says it.

use super::Keeper;
use crate::{
    Address, Flow, Session, SessionId,
    engine::observed::{LaidOut, OTHER_CHANNEL},
};

impl<F: Flow> Keeper<F> {
    /// Whether what is said by this channel waits to be collected.
    pub(in crate::engine) fn collects(&self, channel: &str) -> bool {
        self.settings.shelf.is_for(channel)
    }

    /// Lays on the shelf what the session has to say by a channel that is collected from. Tells how many replies no longer wait there,
    /// because more do than may.
    pub(in crate::engine) fn lay_out(&self, session: &mut Session<F>) -> usize {
        let holds = &self.settings.shelf;
        if holds.is_used() { session.lay_out(|channel| holds.is_for(channel), holds.bound()) } else { 0 }
    }

    /// Tells who waits for it in this process what a stored write has laid out.
    pub(super) fn tell_laid_out(&self, session: &Session<F>) {
        if session.has_laid_out() {
            let channel = session.address().map(Address::channel).filter(|channel| self.collects(channel));
            let (channel, replies) = (channel.unwrap_or(OTHER_CHANNEL), session.laid_out_count());
            self.observers.laid_out(&LaidOut { flow: F::GRAPH.name, channel, replies });
            self.hub.said(session.id(), || session.laid_out());
        }
    }

    /// Has who waits in this process look at what a session has laid out. A message comes again where it was not known that its
    /// write held: then nobody was told of what that laid out.
    pub(in crate::engine) fn tell_again(&self, session: &Session<F>) {
        if session.uncollected() > 0 {
            self.hub.may_have_changed(session.id());
        }
    }

    /// Tells who waits in this process that an answer is coming.
    pub(in crate::engine) fn tell_typing(&self, id: SessionId) {
        self.hub.types(id);
    }
}
