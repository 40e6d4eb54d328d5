//! What a turn comes to: from the session as it was and what came in, to a plan. Writes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Turns,
    asking::failed,
    draft::{Draft, Takers},
    entering::{Going, projected},
    errands::TurnErrands,
    plan::Decided,
    pressing::Meant,
    request::{Before, Stop, TurnRequest},
    saying::Saying,
    words::entrance,
};
use crate::{
    Cause, Failure, Flow, Opening, Reply, Session, SessionId, Signal, Wire,
    clock::after,
    declare::{
        AnyState,
        graph::{EdgeKind, Role},
    },
    engine::{
        error::EngineError,
        following::Found,
        outcome::{Opened, OutcomeKind},
        policies::Resume,
    },
    handler::once::Errands,
    session::{Duty, RunningTimer, TimerPurpose},
};

impl<F: Flow> Turns<F> {
    /// Plans the turn that the request makes of the session, as it was `before`.
    pub(super) async fn decide(
        &self,
        id: SessionId,
        before: Before<F>,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        takers: Takers,
    ) -> Decided<F> {
        let (found, now, began) = (before.found, before.at, before.began);
        let saying = Saying::listen(self.settings.said.as_ref(), before.session.as_ref());
        let mut heard = None;
        let mut draft = match request {
            TurnRequest::Message(_) | TurnRequest::Mail(_) => {
                let accepted_at = request.mail().and_then(|mail| mail.accepted_at);
                let Some(message) = request.message() else { return Err(EngineError::NoSession.into()) };
                let came_at = accepted_at.map_or(now, |at| at.min(now));
                let ready = self.ready(id, before, came_at, takers, errands).await?;
                let Ready { draft, opened, has_question, is_unseen } = ready;
                let meant = Meant::to(has_question.then_some(&draft.session), message);
                let meant = if is_unseen { meant.unless_number_of(&draft.session) } else { meant };
                heard = saying.as_ref().map(|_| meant.message.input().clone());
                let mut draft = match opened {
                    None if is_unseen && meant.is_over => self.tell_over_before_question(draft),
                    None => self.hear(draft, &meant, errands).await?,
                    Some(opened) => self.open(draft, opened, &meant, errands).await?,
                };
                if let Some(up_to) = message.collected() {
                    draft.session.was_collected(up_to);
                }
                if meant.is_over && matches!(draft.kind, OutcomeKind::Taken) {
                    draft.kind = OutcomeKind::Over;
                }
                draft
            }
            TurnRequest::Operator(order) => self.obey(before, order, now, takers, errands).await?,
            TurnRequest::Unpause => self.unpause(before.session, now, takers).await?,
            TurnRequest::Timer(timer) => self.take_timer(before.session, timer, now, takers, errands).await?,
            TurnRequest::Lapse => self.lapse(before.session, now, takers)?,
            TurnRequest::Undeliverable(undelivered) => {
                self.hear_of_reply(before.session, &undelivered.signal, now, takers, errands).await?
            }
            TurnRequest::Receipt(received) => {
                let session = before.session.ok_or(EngineError::NoSession)?;
                // Of what the flow says to a receipt it hears none, which would go round for ever.
                if session.replied_in(received.key.stamp.version).is_some_and(|seen| seen.id.is_of_receipt()) {
                    return Err(Stop::Unheard);
                }
                self.hear_of_reply(Some(session), &received.signal, now, takers, errands).await?
            }
        };
        sendable(&draft.replies)?;
        if let Some(address) = request.replies_to(&draft.session) {
            draft.send_replies(&address);
        }
        if let Some(saying) = saying {
            saying.tell(&mut draft, request, heard.as_ref());
        }
        let draft = if found == Found::Archived { draft.over_nothing() } else { draft };
        Ok(draft.finish(errands.turn, request.mail(), began, &self.settings))
    }

    /// Where the conversation stands once all has happened that had to before what came in at `came_at`.
    async fn ready(
        &self,
        id: SessionId,
        before: Before<F>,
        came_at: DateTime<Utc>,
        takers: Takers,
        errands: &dyn Errands,
    ) -> Result<Ready<F>, Stop> {
        let (now, found) = (before.at, before.found);
        let mut draft = match self.standing(before, came_at) {
            Standing::Nowhere => {
                let draft = Draft::beginning(id, now, found.epoch(), takers);
                return Ok(Ready { draft, opened: Some(Opened::First), has_question: false, is_unseen: false });
            }
            Standing::Over(session, opened) => {
                let has_question = opened == Opened::AfterEnd && !self.keeper.is_expired(&session, now);
                let draft = Self::begin_anew(session, opened, now, takers)?;
                return Ok(Ready { draft, opened: Some(opened), has_question, is_unseen: false });
            }
            Standing::UnderWay(session) => Draft::going_on(session, now, takers),
            Standing::TakenUp(session) => self.take_up(session, now, takers),
        };
        let has_left = self.leave_in_time(&mut draft, came_at, errands).await?;
        let opened = (has_left && draft.session.state().node().role == Role::End).then_some(Opened::AfterEnd);
        if let Some(opened) = opened {
            draft = draft.beginning_anew(opened);
        }
        Ok(Ready { draft, opened, has_question: true, is_unseen: has_left })
    }

    /// Leaves the states whose time was over at `came_at`, where no worker was there to see to it, and tells whether it left one: what is
    /// said then is said in the next one.
    pub(super) async fn leave_in_time(
        &self,
        draft: &mut Draft<F>,
        came_at: DateTime<Utc>,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let mut has_left = false;
        // Of flows in each other several times may be over. What is entered now has all of its own.
        for _ in 0..=draft.session.depth() {
            let Some((depth, time)) = draft.session.overdue(came_at) else { break };
            let Some(target) = way_after(draft.session.state_at(depth), time) else { break };
            // A pause that is over ends first: what it withheld is said, and what is asked is the next state's question.
            draft.end_pause(None);
            let going = Going::to(target, Cause::After, Some(EdgeKind::After(time)), depth);
            self.go(draft, going, errands).await?;
            has_left = true;
        }
        Ok(has_left)
    }

    /// A turn of a session that had expired, or been lost.
    pub(super) fn take_up(&self, session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Draft<F> {
        let (since, had_expired) = (session.updated_at(), self.keeper.is_expired(&session, now));
        let mut draft = Draft::going_on(session, now, takers);
        draft.resume(since, had_expired);
        draft
    }

    /// A turn of a session whose conversation is over.
    fn begin_anew(session: Session<F>, opened: Opened, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let is_untold = opened == Opened::AfterExpiry && !session.has_lapsed();
        let mut draft = Draft::going_on(session, now, takers);
        if is_untold {
            draft.lapse()?;
        }
        Ok(draft.beginning_anew(opened))
    }

    /// Handles what was said to a session that goes on.
    async fn hear(&self, draft: Draft<F>, meant: &Meant<'_>, errands: &dyn Errands) -> Result<Draft<F>, Stop> {
        if meant.is_over && !draft.session.is_paused(draft.now) {
            self.tell_over(draft, &meant.message).await
        } else {
            self.respond(draft, &meant.message, errands).await
        }
    }

    /// Begins a conversation: the start state is entered, and its prompt is the reply.
    async fn open(
        &self,
        mut draft: Draft<F>,
        opened: Opened,
        meant: &Meant<'_>,
        errands: &dyn Errands,
    ) -> Result<Draft<F>, Stop> {
        let message = &*meant.message;
        if !message.input().is_from_visitor() {
            return Err(EngineError::NoSession.into());
        }
        let cause = match opened {
            Opened::First | Opened::AfterDamage => Cause::Opened,
            Opened::AfterEnd | Opened::AfterLoss => Cause::Reopened,
            Opened::AfterExpiry => Cause::Expired,
        };
        let mut opening = Opening {
            session: draft.session.id(),
            input: message.input(),
            language: message.language().or(draft.session.language()).map(str::to_owned),
            shared: draft.session.shared().clone(),
            replies: Vec::new(),
            errands,
        };
        self.run(&draft.session, || self.handler.open(&mut opening)).await.map_err(failed)?;
        draft.session.speak(opening.language);
        draft.session.share(opening.shared);
        if let Some(address) = message.address() {
            draft.session.reach_at(address.clone());
        }
        if meant.is_over {
            draft.replies.push(self.settings.phrases.question_is_over.clone());
        }
        draft.replies.extend(opening.replies);
        let linked = entrance::<F>(message.input()).and_then(|target| projected(draft.session.state_at(0), target));
        let state = linked.unwrap_or_else(|| Box::new(F::start()));
        self.go(&mut draft, Going::to(state, cause, None, 0), errands).await?;
        Ok(draft)
    }

    /// Takes the turn of a timer: the way that is declared, or a call of the handler.
    async fn take_timer(
        &self,
        before: Option<Session<F>>,
        timer: &RunningTimer,
        now: DateTime<Utc>,
        takers: Takers,
        errands: &dyn Errands,
    ) -> Result<Draft<F>, Stop> {
        // What runs out in a pause has its turn when that has ended.
        let is_due = |session: &Session<F>| session.is_in_time(timer) && session.pause().is_none();
        let session = before.filter(is_due).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        if !draft.stop_timer(timer) {
            // The state was left, or another worker was faster.
            return Err(EngineError::NoSession.into());
        }
        let depth = timer.purpose.depth();
        match timer.purpose.itself() {
            TimerPurpose::Reminder(name) => {
                self.take_reminder(&mut draft, depth, name, errands).await?;
            }
            TimerPurpose::After(seconds) => {
                let time = Duration::from_secs(*seconds);
                if let Some(target) = way_after(draft.session.state_at(depth), time) {
                    let going = Going::to(target, Cause::After, Some(EdgeKind::After(time)), depth);
                    self.go(&mut draft, going, errands).await?;
                }
            }
            // Nothing is inside twice.
            TimerPurpose::Inside(..) => {}
        }
        draft.announce();
        Ok(draft)
    }

    /// Has a session that is under way hear what became of a reply. That is no sign of life of its visitor.
    async fn hear_of_reply(
        &self,
        before: Option<Session<F>>,
        signal: &F::Signal,
        now: DateTime<Utc>,
        takers: Takers,
        errands: &dyn Errands,
    ) -> Result<Draft<F>, Stop> {
        let is_under_way = |session: &Session<F>| session.is_under_way() && !self.keeper.is_expired(session, now);
        let session = before.filter(is_under_way).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        let payload = signal.payload().map_err(|_| EngineError::UnwritableSignal)?;
        self.take_signal(&mut draft, &Signal::new(signal.name(), payload), errands).await?;
        Ok(draft)
    }

    fn lapse(&self, before: Option<Session<F>>, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let is_due = |session: &Session<F>| self.keeper.duty(session, now) == Some(Duty::Lapse);
        let session = before.filter(is_due).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::standing_still(session, now, takers);
        draft.lapse()?;
        Ok(draft)
    }

    /// Whether the conversation goes on, for what came in at `now`.
    fn standing(&self, before: Before<F>, now: DateTime<Utc>) -> Standing<F> {
        let (resume, Before { session: Some(session), found, .. }) = (self.settings.resume, before) else {
            return Standing::Nowhere;
        };
        let is_recent = match resume {
            Resume::Within(time) => after(session.updated_at(), time).is_none_or(|end| now <= end),
            Resume::Never | Resume::Unexpired => false,
        };
        let is_expired = self.keeper.is_expired(&session, now);
        if session.is_unopened() {
            Standing::Over(session, Opened::First)
        // A person may still have something to say after an end.
        } else if session.state().node().role == Role::End && (is_expired || !session.is_paused(now)) {
            Standing::Over(session, Opened::AfterEnd)
        } else if is_expired {
            if is_recent { Standing::TakenUp(session) } else { Standing::Over(session, Opened::AfterExpiry) }
        } else if found != Found::Archived {
            Standing::UnderWay(session)
        } else if resume == Resume::Never {
            Standing::Over(session, Opened::AfterLoss)
        } else {
            Standing::TakenUp(session)
        }
    }
}

/// A turn in which what came in can be heard.
struct Ready<F: Flow> {
    draft: Draft<F>,
    /// What a new conversation begins after; none if the one before goes on.
    opened: Option<Opened>,
    /// Whether a button may answer the session's last question. Of one that has expired or was given up, none can.
    has_question: bool,
    /// Whether the present question is asked in this turn alone, so that the visitor has not seen what it offers.
    is_unseen: bool,
}

/// Where a state leads after this time; none in a flow of a later release that has no such way any more.
fn way_after(state: &dyn AnyState, time: Duration) -> Option<Box<dyn AnyState>> {
    let (from, by) = (state.index(), EdgeKind::After(time));
    let edge = state.kind().graph.edges.iter().find(|edge| edge.from == from && edge.by == by)?;
    state.project(edge.to)
}

/// Whether a conversation goes on, or a new one begins after the one before, if there was one.
enum Standing<F: Flow> {
    Nowhere,
    UnderWay(Session<F>),
    /// It had expired, or its store lost it, and goes on.
    TakenUp(Session<F>),
    Over(Session<F>, Opened),
}

/// Fails if a reply holds what no channel could send: its visitor would wait for it in vain.
fn sendable(replies: &[Reply]) -> Result<(), Stop> {
    let checked = replies.iter().try_for_each(Reply::check);
    checked.map_err(|error| Stop::Failed(Failure::from_error(error)))
}
