//! What the archive is to keep of a session: an [`Entry`] out of a [`Written`].

use crate::{
    Flow, Record, Session, SessionId,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Status, Summary},
    codec::StateData,
    graph::Role,
    session::todo::{Pending, What},
};

/// A session, and the record that it was read from.
pub(super) struct Written<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) record: Record,
}

impl<F: Flow> Written<F> {
    /// What the archive is to keep of it.
    ///
    /// Fails if the state cannot be written as JSON.
    pub(super) fn entry(&self) -> Result<Entry, serde_json::Error> {
        let session = &self.session;
        let status = match session.state.node().role {
            Role::End => Status::Ended,
            _ if session.lapsed_at.is_some() => Status::Lapsed,
            _ => Status::Open,
        };
        let summary = Summary::new(F::GRAPH.name, F::GRAPH.version, session.state.name(), session.created_at)
            .data(serde_json::to_value(StateData(&session.state))?)
            .status(status)
            .language(session.language.clone())
            .updated_at(session.updated_at)
            .expires_at(session.expires_at);
        let checkpoints = session.todo.archiving.checkpoints.iter();
        let checkpoints = checkpoints.filter_map(|pending| archived_checkpoint(pending, session.id)).collect();
        let entry = Entry::new(session.id, session.todo.archiving.expect(), self.record.clone(), summary);
        Ok(entry.steps(session.unarchived_steps()).checkpoints(checkpoints))
    }
}

fn archived_checkpoint(pending: &Pending, session: SessionId) -> Option<ArchivedCheckpoint> {
    let What::Checkpoint(snapshot) = &pending.what else { return None };
    Some(ArchivedCheckpoint {
        key: pending.key(session),
        state: snapshot.current.clone(),
        data: snapshot.data.clone(),
        shared: snapshot.shared.clone(),
        at: pending.at,
    })
}

impl<F: Flow> Session<F> {
    /// The steps that the archive does not have, as far as this record knows.
    pub(super) fn unarchived_steps(&self) -> Vec<ArchivedStep> {
        let mut conversation = self.past.conversations;
        let steps = self.history.iter().zip(self.past.steps..).map(|(transition, number)| {
            conversation += u64::from(transition.by.begins());
            let state = F::GRAPH.find(&transition.to);
            ArchivedStep::new(number, conversation, transition.clone())
                .position(state.and_then(|state| u32::try_from(state).ok()))
                .is_end(state.is_some_and(|state| F::GRAPH.states[state].role == Role::End))
        });
        steps.filter(|step| step.number >= self.todo.archiving.steps).collect()
    }

    /// Whether this may be the session that the entry is of, or what became of it: it is no older, and took its last step.
    pub(super) fn follows(&self, entry: &Entry) -> bool {
        let (stamp, kept) = (self.stamp, entry.record.stamp());
        let has_step = entry.steps.last().is_none_or(|step| match step.number.checked_sub(self.past.steps) {
            Some(place) => {
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                self.history.get(place).is_some_and(|transition| *transition == step.transition)
            }
            // Nothing is cut that is not archived; so it was, by somebody else.
            None => true,
        });
        stamp == kept || (stamp.version > kept.version && has_step)
    }

    /// The number of the first step that is in this record and not in the archive.
    pub(super) fn first_unarchived(&self) -> u64 {
        self.todo.archiving.steps.max(self.past.steps)
    }

    /// In which conversation the session is before the step with this number.
    pub(super) fn conversation_at(&self, number: u64) -> u64 {
        let steps = usize::try_from(number.saturating_sub(self.past.steps)).unwrap_or(usize::MAX);
        self.past.conversations + self.history.iter().take(steps).filter(|step| step.by.begins()).count() as u64
    }
}
