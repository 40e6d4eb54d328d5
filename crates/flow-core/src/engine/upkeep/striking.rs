//! Strikes off what was sent, by a commit of its own, where no turn came that would have done it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Upkeep;
use crate::{
    Flow, Session, SessionId,
    engine::{error::EngineError, tray::Laid},
};

impl<F: Flow> Upkeep<F> {
    /// Strikes off what this process has sent of a session, and claims in the same commit what came meanwhile for the same
    /// destinations, if a worker of this process takes it.
    pub(super) async fn strike_off_sent(self: &Arc<Self>, id: SessionId) -> Result<(), EngineError> {
        let (sent, known) = self.ledger.take(id);
        if sent.is_empty() {
            return Ok(());
        }
        let mut claims = Vec::new();
        let change = |session: &mut Session<F>, now: DateTime<Utc>| {
            let mut changes = false;
            for sent in &sent {
                changes |= session.strike_off(&sent.claim, &sent.delivered, None);
            }
            let next = sent.iter().map(|sent| &sent.claim.to);
            let next = next.filter(|to| self.tray.has_room() && session.is_untried(to)).cloned();
            let next: Vec<_> = next.collect();
            claims = session.claim(next, self.claim_end(now));
            changes || !claims.is_empty()
        };
        let amended = match known {
            Some(known) => self.keeper.amend_known(known, change).await?,
            None => self.keeper.amend(id, change).await?,
        };
        self.ledger.forget(id, &sent);
        if let Some(known) = amended.known() {
            if claims.is_empty() {
                self.keeper.keep_amended(known);
            } else {
                self.tray.lay(Laid::now(known, claims, &self.keeper.time, self.ledger.begin(id)));
            }
        }
        Ok(())
    }

    /// Strikes off all that this process has sent: its worker ends.
    pub(super) async fn strike_off_the_rest(self: &Arc<Self>) {
        for id in self.ledger.rest() {
            if self.strike_off_sent(id).await.is_err() {
                tracing::warn!(session = %id, "what was sent stays listed, and will be sent again");
            }
        }
    }
}
