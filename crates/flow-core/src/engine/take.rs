//! Taking a turn: load, recognise, decide, commit, in rounds until the commit holds.

use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::{
    Inner,
    courtesy::Courtesy,
    decide::{Before, Found, Request, Stop},
    error::{Busy, EngineError},
    hooks::Takers,
    outcome::{Outcome, OutcomeKind},
    plan::{Identity, Planned},
    report::Unread,
    shelter::Shelter,
    stats::Event,
};
use crate::{
    Cause, Flow, Record, Session, SessionId,
    engine::{outcome::Opened, settings::Outage},
    handler::halt::Failure,
    store::{self, Commit, StoreError},
};

/// Where the session of a turn is.
#[derive(Clone, Copy)]
enum Place<'s> {
    Store,
    /// In this process, while the store is away.
    Memory(&'s Shelter),
}

impl<F: Flow> Inner<F> {
    /// Takes one turn, and answers for the store if it is away.
    pub(super) async fn take(&self, id: SessionId, request: Request<'_, F>) -> Result<Outcome<F>, EngineError> {
        let taken = self.take_unless_away(id, &request).await;
        let taken = match taken {
            Err(EngineError::Store(error)) => self.answer_for_store(id, &request, error),
            taken => taken,
        };
        match &taken {
            Ok(outcome) => self.counters.count(event_of(&outcome.kind)),
            Err(EngineError::Busy(_)) => self.counters.count(Event::Busy),
            Err(EngineError::Store(_)) => {}
            Err(_) => self.counters.count(Event::Refused),
        }
        taken
    }

    async fn take_unless_away(&self, id: SessionId, request: &Request<'_, F>) -> Result<Outcome<F>, EngineError> {
        let _pass = self.gate.enter(self.settings.turns_at_once)?;
        if let Request::Message(message) = request {
            self.settings.measure(message)?;
        }
        // Turns of one session wait for each other here, so that within a process no conflict is ever seen.
        let _lock = self.locks.async_lock(id).await;
        let identity = identity_of(request);
        let Some(shelter) = &self.shelter else {
            return self.take_from(Place::Store, id, request, &identity).await;
        };
        let taken = match self.hand_back(shelter, id).await {
            Ok(()) => self.take_from(Place::Store, id, request, &identity).await,
            Err(error) => Err(error.into()),
        };
        let taken = match taken {
            Err(EngineError::Store(error)) if error.is_outage() => {
                match self.take_from(Place::Memory(shelter), id, request, &identity).await {
                    // There is no room for it: then it is the store that matters.
                    Err(EngineError::Store(_)) => Err(error.into()),
                    taken => taken.map(|outcome| outcome.in_memory(error)),
                }
            }
            taken => taken,
        };
        taken.map(|outcome| Outcome { lost_turns: shelter.tell_lost(id), ..outcome })
    }

    /// Takes one turn of a session that is in this place.
    async fn take_from(
        &self,
        place: Place<'_>,
        id: SessionId,
        request: &Request<'_, F>,
        identity: &Identity,
    ) -> Result<Outcome<F>, EngineError> {
        let mut stored = self.load_from(place, id).await?;
        let takers = self.takers(place);
        let mut lost: Option<Planned<F>> = None;
        let mut courtesy = Courtesy::default();
        let mut rounds = 0..self.settings.rounds;
        loop {
            let before = self.before(place, id, stored.as_ref(), request).await?;
            if let Some(outcome) = self.recognise(before.session.as_ref(), identity, lost.as_mut()) {
                return Ok(outcome);
            }
            if let Some(session) = &before.session
                && self.let_others_pass(&mut courtesy, session).await
            {
                stored = self.load_from(place, id).await?;
                continue;
            }
            // Asked after the last conflict too: what it handed back may hold this very turn.
            if rounds.next().is_none() {
                return Err(Busy::Contended { rounds: self.settings.rounds }.into());
            }
            let began = Instant::now();
            // On the heap, so that a user's future that awaits a turn stays small.
            let decided = Box::pin(self.decide(id, before, request, identity, takers));
            let planned = match decided.instrument(debug_span!("decide")).await {
                Ok(planned) => planned,
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Failed(failure)) => {
                    // Read once more, since it is rare: a turn that succeeds need not keep a copy.
                    let before = self.before(place, id, stored.as_ref(), request).await?;
                    return Ok(self.apologise(id, before.session, request, failure));
                }
            };
            match self.commit_to(place, planned.commit.clone()).await? {
                store::Verdict::Done => return Ok(self.settle(planned)),
                store::Verdict::Conflict(current) => {
                    self.counters.count(Event::Conflict);
                    stored = self.ask_to_pass(&mut courtesy, id, current, began.elapsed()).await;
                    lost = Some(planned);
                }
            }
        }
    }

    async fn load_from(&self, place: Place<'_>, id: SessionId) -> Result<Option<Record>, StoreError> {
        match place {
            Place::Store => self.load(id).await,
            Place::Memory(shelter) => Ok(shelter.load(id)),
        }
    }

    async fn commit_to(&self, place: Place<'_>, commit: Commit) -> Result<store::Verdict, StoreError> {
        match place {
            Place::Store => self.commit(commit).await,
            Place::Memory(shelter) => shelter.commit(commit).ok_or(StoreError::Full),
        }
    }

    /// Who would take what a turn of a session in this place leaves.
    fn takers(&self, place: Place<'_>) -> Takers {
        Takers {
            checkpoints: !self.hooks.checkpoint.is_empty(),
            expiries: !self.hooks.expired.is_empty(),
            effects: !self.hooks.effect.is_empty(),
            announcements: !self.hooks.announcement.is_empty(),
            archive: self.archive.is_some(),
            // What is in memory may yet be lost, and is delivered when it is handed back.
            worker: matches!(place, Place::Store) && self.desk.has_room(),
        }
    }

    /// The session before the turn: as it is stored, or else as it was archived.
    async fn before(
        &self,
        place: Place<'_>,
        id: SessionId,
        stored: Option<&Record>,
        request: &Request<'_, F>,
    ) -> Result<Before<F>, EngineError> {
        let is_asked = matches!(request, Request::Message(_) | Request::Force(_)) && matches!(place, Place::Store);
        let at = self.clock.now();
        match stored {
            Some(record) => {
                let session = Some(Session::from_record(id, record).unread()?);
                Ok(Before { session, found: Found::Stored, at })
            }
            // On the heap, because it is rare and large.
            None if is_asked => {
                let (session, found) = Box::pin(self.find_archived(id)).await?;
                Ok(Before { session, found, at })
            }
            None => Ok(Before { session: None, found: Found::Nowhere, at }),
        }
    }

    /// The outcome of a message that has been handled before, or whose own write held though its answer was lost.
    fn recognise(
        &self,
        before: Option<&Session<F>>,
        identity: &Identity,
        lost: Option<&mut Planned<F>>,
    ) -> Option<Outcome<F>> {
        let session = before?;
        let seen = session.seen(identity.as_str())?.clone();
        let mut outcome = Outcome::unchanged(session, seen.replies, seen.version, OutcomeKind::Repeat);
        if let Identity::Own(_) = identity
            && let Some(planned) = lost
        {
            // Only this turn knows the id: it is there because this turn wrote it.
            std::mem::swap(&mut outcome, &mut planned.outcome);
            self.tell(&outcome, planned.ends());
        }
        Some(outcome)
    }

    /// What follows a commit that holds.
    fn settle(&self, planned: Planned<F>) -> Outcome<F> {
        self.tell(&planned.outcome, planned.ends());
        if planned.hands_over {
            self.desk.hand_over(planned.session);
        }
        planned.outcome
    }

    /// Counts what a turn did, and tells the observers.
    fn tell(&self, outcome: &Outcome<F>, ends: bool) {
        if let Some(opened) = outcome.opened {
            self.counters.count(Event::Opened);
            if opened == Opened::AfterExpiry {
                self.counters.count(Event::Expired);
            }
        }
        if ends {
            self.counters.count(Event::Ended);
        }
        for transition in &outcome.transitions {
            self.counters.count(match transition.by {
                Cause::Lapsed => Event::Lapsed,
                Cause::Resumed => Event::Resumed,
                _ => Event::Transition,
            });
        }
        self.hooks.observe(outcome.session, &outcome.transitions);
    }

    /// The outcome of a turn whose handler failed: nothing is stored, and the visitor hears so.
    fn apologise(
        &self,
        id: SessionId,
        before: Option<Session<F>>,
        request: &Request<'_, F>,
        failure: Failure,
    ) -> Outcome<F> {
        Self::report(before.as_ref(), request, &failure);
        let apology = self.settings.phrases.apology.clone();
        let kind = OutcomeKind::Failed(failure);
        match before {
            Some(session) => Outcome::unchanged(&session, vec![apology], session.stamp.version, kind),
            None => Outcome::stateless(id, apology, kind),
        }
    }

    /// What the outage policy makes of a store that failed.
    fn answer_for_store(
        &self,
        id: SessionId,
        request: &Request<'_, F>,
        error: StoreError,
    ) -> Result<Outcome<F>, EngineError> {
        // Only a person can be answered: who sent a signal must learn that it was not taken.
        let is_person = matches!(request, Request::Message(message) if message.input().said().is_some());
        match &self.settings.outage {
            Outage::Say(reply) if is_person && error.is_outage() => {
                Ok(Outcome::stateless(id, reply.clone(), OutcomeKind::Degraded(error)))
            }
            _ => Err(error.into()),
        }
    }
}

fn identity_of<F>(request: &Request<'_, F>) -> Identity {
    let given = match request {
        Request::Message(message) => message.id(),
        Request::Timer(timer) => return Identity::Timer(timer.id()),
        Request::Force(_) | Request::Lapse => None,
    };
    match given {
        Some(id) => Identity::Given(id.to_owned()),
        // A channel's id never begins so, or the channel would be odd indeed.
        None => Identity::Own(format!("\u{1}{}", uuid::Uuid::new_v4().simple())),
    }
}

fn event_of(kind: &OutcomeKind) -> Event {
    match kind {
        OutcomeKind::Taken => Event::Taken,
        OutcomeKind::Repeat => Event::Repeat,
        OutcomeKind::Failed(_) => Event::Failed,
        OutcomeKind::Degraded(_) => Event::Degraded,
        OutcomeKind::InMemory(_) => Event::InMemory,
    }
}
