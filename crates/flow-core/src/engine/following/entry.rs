//! What the archive is to keep of a session: an [`Entry`].

use crate::{
    Flow, Session, SessionId,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Status, Summary},
    declare::graph::Role,
    engine::keeper::Known,
    session::{NumberedStep, Pending, What},
    store::Expect,
};

/// What the archive is to keep of a session, and does not have yet; what was said, only if it `keeps_said`.
///
/// Fails if the state cannot be written as JSON.
pub(super) fn entry_of<F: Flow>(known: &Known<F>, keeps_said: bool) -> Result<Entry, serde_json::Error> {
    let session = &known.session;
    let checkpoints = session.unarchived_checkpoints().into_iter();
    let checkpoints = checkpoints.filter_map(|pending| archived_checkpoint(pending, session.id())).collect();
    // An archive compares stamps. In which form it has the record is not known here.
    let expect = session.archived_as().map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
    // What was said has a life of its own, which is over sooner than that of the last record.
    let record = if session.said_count() == 0 {
        known.record.clone()
    } else {
        session.without_said().to_record(known.record.body_form())?
    };
    let said = if keeps_said { session.said() } else { Vec::new() };
    let entry = Entry::new(session.id(), expect, record, summary_of(session)?).epoch(session.epoch()).said(said);
    Ok(entry.steps(session.unarchived_steps().map(archived_step::<F>).collect()).checkpoints(checkpoints))
}

fn summary_of<F: Flow>(session: &Session<F>) -> Result<Summary, serde_json::Error> {
    let status = match session.state().node().role {
        Role::End => Status::Ended,
        _ if session.has_lapsed() => Status::Lapsed,
        _ => Status::Open,
    };
    let state = session.state();
    Ok(Summary::new(F::GRAPH.name, F::GRAPH.version, state.name(), session.created_at())
        .data((F::KEEPING.value)(state)?)
        .status(status)
        .language(session.language().map(str::to_owned))
        .updated_at(session.updated_at())
        .expires_at(session.expires_at()))
}

/// The step as the archive keeps it.
pub(super) fn archived_step<F: Flow>(step: NumberedStep<'_>) -> ArchivedStep {
    let to = &step.transition.to;
    // The end of a flow inside is none of the conversation.
    let own_end = F::GRAPH.find(to).is_some_and(|state| F::GRAPH.states[state].role == Role::End);
    ArchivedStep::new(step.number, step.conversation, step.transition.clone())
        .position(F::GRAPH.place(to).and_then(|place| u32::try_from(place).ok()))
        .is_end(own_end)
}

fn archived_checkpoint(pending: &Pending, session: SessionId) -> Option<ArchivedCheckpoint> {
    let What::Checkpoint(snapshot) = &pending.what else { return None };
    Some(ArchivedCheckpoint {
        key: pending.key(session),
        state: snapshot.standing(),
        data: snapshot.innermost().clone(),
        shared: snapshot.shared.clone(),
        at: pending.at,
    })
}

/// Whether the session may be the one that the entry is of, or what that one became: it is no older, and took the entry's
/// last step.
pub(super) fn follows<F: Flow>(session: &Session<F>, entry: &Entry) -> bool {
    let (stamp, kept) = (session.stamp(), entry.record.stamp());
    let has_last_step = || entry.steps.last().is_none_or(|step| session.has_step(step.number, &step.transition));
    stamp == kept || (stamp.version > kept.version && has_last_step())
}
