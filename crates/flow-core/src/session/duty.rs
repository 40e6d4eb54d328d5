//! What a session wants done, and when: [`Duty`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{RunningTimer, Session};
use crate::{Flow, declare::graph::Role};

/// The next thing that is to be done for a session, without a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// To end a pause of the bot.
    Unpause,
    /// To take the turn of a timer.
    TakeTimer(RunningTimer),
    /// To note in its history that the session has expired.
    Lapse,
    /// To deliver what is pending.
    Deliver,
    /// To have it archived.
    Archive,
}

impl<F: Flow> Session<F> {
    /// What is due at `now`.
    pub(crate) fn duty(&self, now: DateTime<Utc>) -> Option<Duty> {
        self.duties().into_iter().flatten().find(|(at, _)| *at <= now).map(|(_, duty)| duty)
    }

    /// What is due at `now`, except for noting that it has expired: where that time is not to be trusted so far.
    pub(crate) fn duty_but_lapse(&self, now: DateTime<Utc>) -> Option<Duty> {
        let duties = self.duties().into_iter().flatten().filter(|(_, duty)| *duty != Duty::Lapse);
        duties.into_iter().find(|(at, _)| *at <= now).map(|(_, duty)| duty)
    }

    /// When the session wants to be looked at; none if nothing remains to be done for it.
    pub fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.duties().into_iter().flatten().map(|(at, _)| at).min()
    }

    /// How long a store keeps the record; none as long as something remains to be done, unless what is `unattended` for so long is
    /// given up.
    pub(crate) fn time_to_live(
        &self,
        now: DateTime<Utc>,
        grace: Duration,
        unattended: Option<Duration>,
    ) -> Option<Duration> {
        let todo = &self.parts.todo;
        // These wait for a person.
        if !todo.set_aside.is_empty() || todo.archiving.is_refused() {
            return None;
        }
        let left = |until: DateTime<Utc>| (until - now).to_std().unwrap_or_default();
        let errands = self.errands_end().map(left);
        if self.is_place() {
            return errands;
        }
        let known = left(self.parts.expires_at?).saturating_add(grace).max(errands.unwrap_or_default());
        match self.wake_at() {
            None => Some(known),
            Some(wake_at) => Some(left(wake_at).saturating_add(unattended?).max(known)),
        }
    }

    /// Whether it has neither come to an end nor been told to have expired.
    pub(crate) fn is_under_way(&self) -> bool {
        self.parts.lapsed_at.is_none() && self.parts.state.node().role != Role::End
    }

    /// Everything that is to be done, in the order in which it is done once it is due.
    fn duties(&self) -> [Option<(DateTime<Utc>, Duty)>; 5] {
        let is_under_way = self.is_under_way();
        let deliver = self.parts.todo.deliver_at().map(|at| (at, Duty::Deliver));
        let unpause = self.pause_ends_at().filter(|_| is_under_way).map(|at| (at, Duty::Unpause));
        let in_time = || self.parts.todo.timers.iter().filter(|timer| self.is_in_time(timer));
        // What runs out in a pause has its turn when that has ended.
        let next = in_time().filter(|_| self.pause().is_none()).min_by_key(|timer| timer.due_at());
        let timer = next.map(|timer| (timer.due_at(), Duty::TakeTimer(timer.clone())));
        let lapse = self.parts.expires_at.filter(|_| self.parts.todo.tell_expiry && is_under_way);
        // A timer that ran out before the expiry has its turn first, even if that turn is being tried again.
        let lapse = lapse.map(|at| in_time().filter_map(|timer| timer.again_at).fold(at, DateTime::max));
        let lapse = lapse.map(|at| (at, Duty::Lapse));
        let archive = self.parts.todo.archiving.due_at.map(|at| (at, Duty::Archive));
        // A hook may take its time, and a timer must not wait for it.
        [unpause, timer, lapse, deliver, archive]
    }
}
