//! How a turn ends: settled, apologised for, or answered for a store that is away; and what is told of it.

use tokio::time::Instant;

use super::{
    Taken, TurnRequest, Turns,
    plan::{Planned, Written},
    report,
};
use crate::{
    Address, Failure, Flow, Message, SessionId,
    declare::graph::Role,
    engine::{
        error::EngineError,
        keeper::{Backing, Heard, Known, Told},
        observer::{Event, TurnEnded, TurnKind},
        outcome::{Outcome, OutcomeKind},
        policies::Outage,
        tray::Laid,
    },
    store::StoreError,
};

impl<F: Flow> Turns<F> {
    /// What follows a commit that holds.
    pub(super) fn settle(
        &self,
        planned: Planned<F>,
        written: Written,
        heard: Heard,
        request: &TurnRequest<'_, F>,
        backing: Backing,
        was_warm: bool,
    ) -> Taken<F> {
        let (Planned { session, outcome, set_aside, forgotten_ids, .. }, Written { commit, claims, given_up }) =
            (planned, written);
        if was_warm {
            self.observers.happened(Event::Remembered);
        }
        for _ in 0..forgotten_ids {
            self.observers.happened(Event::MessageForgotten);
        }
        self.keeper.is_stored(&session, given_up);
        for key in set_aside {
            self.observers.happened(Event::SetAside);
            tracing::error!(%key, "a delivery was set aside, because more is undelivered than may be");
        }
        let known = Known { session, record: commit.record, heard };
        let keeps_warm = self.keeper.keeps_warm()
            && backing == Backing::Store
            && matches!(request, TurnRequest::Message(_) | TurnRequest::Mail(_))
            && known.session.is_under_way();
        if claims.is_empty() {
            if keeps_warm {
                self.keeper.keep_warm(known, was_warm);
                return Taken { outcome, known: None };
            }
            return Taken { outcome, known: Some(known) };
        }
        if keeps_warm {
            self.keeper.keep_warm(known.copy(), was_warm);
        }
        // A worker goes on with the session, and another delivers what its turn has left.
        let copy = request.is_due().then(|| known.copy());
        let under_way = self.ledger.begin(known.session.id());
        self.tray.lay(Laid::now(known, claims, &self.keeper.time, under_way));
        Taken { outcome, known: copy }
    }

    /// The outcome of a turn whose handler failed: nothing is stored, and the visitor hears so.
    pub(super) async fn apologise(
        &self,
        backing: Backing,
        id: SessionId,
        told: Told,
        request: &TurnRequest<'_, F>,
        failure: Failure,
    ) -> Result<Taken<F>, EngineError> {
        // Read once more, since it is rare: a turn that succeeds need not keep a copy.
        let (stored, heard) = (told.clone().open(id)?, told.heard);
        let before = self.before(backing, id, stored, request).await?.session;
        report::log_failure(before.as_ref(), request, &failure);
        let apology = self.settings.phrases.apology.clone();
        let kind = OutcomeKind::Failed(failure);
        let outcome = match &before {
            Some(session) => Outcome::unchanged(session, vec![apology], session.stamp().version, kind),
            None => Outcome::stateless(id, apology, kind),
        };
        let known = before.zip(told.record).map(|(session, record)| Known { session, record, heard });
        Ok(Taken { outcome, known })
    }

    /// The outcome of a signal that the state does not take: nothing is stored.
    pub(super) async fn pass_over(
        &self,
        backing: Backing,
        id: SessionId,
        told: Told,
        request: &TurnRequest<'_, F>,
    ) -> Result<Taken<F>, EngineError> {
        let (stored, heard) = (told.clone().open(id)?, told.heard);
        let session = self.before(backing, id, stored, request).await?.session.ok_or(EngineError::NoSession)?;
        let version = session.stamp().version;
        let outcome = Outcome::unchanged(&session, Vec::new(), version, OutcomeKind::Unheard);
        let known = told.record.map(|record| Known { session, record, heard });
        Ok(Taken { outcome, known })
    }

    /// What the outage policy makes of a store that failed.
    pub(super) fn answer_for_store(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        error: StoreError,
    ) -> Result<Taken<F>, EngineError> {
        // Only a person can be answered: the sender of a signal must learn that it was not taken.
        let is_person = matches!(request, TurnRequest::Message(message) if message.input().is_from_visitor());
        match &self.settings.outage {
            Outage::Say(reply) if is_person && error.is_outage() => {
                let outcome = Outcome::stateless(id, reply.clone(), OutcomeKind::Degraded(error));
                Ok(Taken { outcome, known: None })
            }
            _ => Err(error.into()),
        }
    }

    /// Tells the observers of a turn that has ended, and of its steps.
    pub(super) fn tell(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        taken: &Result<Taken<F>, EngineError>,
        rounds: u32,
        began: Instant,
    ) {
        let outcome = taken.as_ref().ok().map(|taken| &taken.outcome);
        let state = outcome.and_then(|outcome| outcome.state.as_ref()).map(Flow::node);
        let transitions = outcome.map_or(&[][..], |outcome| &outcome.transitions);
        let ended = TurnEnded {
            flow: F::GRAPH.name,
            session: id,
            trigger: request.trigger(),
            channel: request.message().and_then(Message::address).map(|address| self.label_of(address)),
            kind: kind_of(taken),
            durability: outcome.map(|outcome| &outcome.durability),
            state: state.map(|state| state.name),
            rounds,
            took: began.elapsed(),
            opened: outcome.and_then(|outcome| outcome.opened),
            ended: transitions.iter().any(|step| !step.by.stays())
                && state.is_some_and(|state| state.role == Role::End),
            transitions,
            error: taken.as_ref().err(),
            failure: outcome.and_then(Outcome::failure),
        };
        report::log_turn(&ended);
        self.observers.turn_ended(&ended);
        self.hooks.observe(id, transitions);
    }
}

impl<F: Flow> Turns<F> {
    /// The name of the address's channel, if this engine was built with it.
    fn label_of<'a>(&self, address: &'a Address) -> &'a str {
        let name = address.channel();
        if self.keeper.collects(name) { name } else { self.channels.label_of(name) }
    }
}

fn kind_of<F: Flow>(taken: &Result<Taken<F>, EngineError>) -> TurnKind {
    match taken {
        Ok(taken) => match taken.outcome.kind {
            OutcomeKind::Taken => TurnKind::Taken,
            OutcomeKind::Repeat | OutcomeKind::LateRepeat => TurnKind::Repeat,
            OutcomeKind::Over => TurnKind::Over,
            OutcomeKind::Paused => TurnKind::Paused,
            OutcomeKind::Unheard => TurnKind::Unheard,
            OutcomeKind::Failed(_) => TurnKind::Failed,
            OutcomeKind::Degraded(_) => TurnKind::Degraded,
        },
        Err(EngineError::Busy(_)) => TurnKind::Busy,
        Err(EngineError::Store(_)) => TurnKind::StoreFailed,
        Err(_) => TurnKind::Refused,
    }
}
