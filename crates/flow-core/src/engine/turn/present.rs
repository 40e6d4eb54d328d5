//! The present question, asked again without a turn.

use chrono::{DateTime, Utc};

use super::{
    Turns,
    draft::{Draft, Takers},
    request::Stop,
};
use crate::{Flow, Reply, Session, declare::graph::Role, engine::error::EngineError, handler::once::NoErrands};

impl<F: Flow> Turns<F> {
    /// What the visitor of this session would be asked now; none if nothing is asked of them.
    pub(in crate::engine) async fn present(
        &self,
        session: Session<F>,
        now: DateTime<Utc>,
    ) -> Result<Option<Reply>, EngineError> {
        match self.try_present(session, now).await {
            Ok(presented) => Ok(presented.filter(|reply| !reply.is_silence())),
            Err(Stop::Failed(failure)) => Err(EngineError::Handler(failure)),
            Err(Stop::Refused(error)) => Err(error),
            Err(Stop::Unheard) => Ok(None),
        }
    }

    async fn try_present(&self, session: Session<F>, now: DateTime<Utc>) -> Result<Option<Reply>, Stop> {
        if session.is_unopened() || session.is_paused(now) {
            return Ok(None);
        }
        // Nothing of it is written, and so nothing need be kept.
        let takers =
            Takers { checkpoints: false, expiries: false, announcements: false, archive: false, worker: false };
        let mut draft = Draft::standing_still(session, now, takers);
        let has_left = self.leave_in_time(&mut draft, now, &NoErrands).await?;
        if draft.session.state().node().role == Role::End {
            return Ok(None);
        }
        if has_left {
            // What the visitor says next enters this state first: until then no button can belong to it.
            return Ok(draft.replies.pop().map(Reply::without_numbers));
        }
        let top = draft.session.top();
        if top.kind().run_by(top.index()).is_some() {
            // So it is begun by what the visitor says next.
            self.arrived(&mut draft, &NoErrands).await?;
            return Ok(draft.replies.pop().map(Reply::without_numbers));
        }
        let prompt = self.prompt(&draft).await?;
        let prompt = match draft.session.offered() {
            Some(shown) => prompt.showing(shown),
            None => prompt,
        };
        Ok(Some(draft.session.shown_again(prompt.reply, prompt.offered.as_deref())))
    }
}
