//! Which messages were handled before: by their ids, and by the buttons that have led here.

use chrono::{DateTime, Utc};

use super::{Turns, plan::Planned, pressing::token_of, request::TurnRequest};
use crate::{
    Flow, Session,
    engine::outcome::{Outcome, OutcomeKind},
    session::{Press, TurnId},
};

impl<F: Flow> Turns<F> {
    /// The outcome of what has been handled before, or whose own write held though its answer was lost; none if it is new.
    pub(super) fn recognise(
        &self,
        session: Option<&Session<F>>,
        request: &TurnRequest<'_, F>,
        turn: &TurnId,
        lost: Option<&mut Planned<F>>,
        now: DateTime<Utc>,
    ) -> Option<Outcome<F>> {
        let session = session?;
        let Some(seen) = session.seen(turn) else {
            return if session.knows(turn, now, self.settings.limits.memory()) {
                let version = session.stamp().version;
                Some(Outcome::unchanged(session, Vec::new(), version, OutcomeKind::LateRepeat))
            } else {
                self.recognise_press(session, request, now)
            };
        };
        let mut outcome = Outcome::unchanged(session, seen.replies, seen.version, OutcomeKind::Repeat);
        if let TurnId::Own(_) = turn
            && let Some(planned) = lost
        {
            // Only this turn knows the id: it is there because this turn wrote it.
            std::mem::swap(&mut outcome, &mut planned.outcome);
        }
        Some(outcome)
    }

    /// The outcome of a button that was pressed before, and has led here; none if it is another message. A second tap would
    /// otherwise answer the question that the first has led to.
    fn recognise_press(
        &self,
        session: &Session<F>,
        request: &TurnRequest<'_, F>,
        now: DateTime<Utc>,
    ) -> Option<Outcome<F>> {
        let Press::Again { version } = session.press(token_of(request.message()?)?) else { return None };
        if self.keeper.is_expired(session, now) {
            return None;
        }
        Some(match session.replied_in(version) {
            Some(seen) => Outcome::unchanged(session, seen.replies.clone(), version, OutcomeKind::Repeat),
            None => Outcome::unchanged(session, Vec::new(), version, OutcomeKind::LateRepeat),
        })
    }
}
