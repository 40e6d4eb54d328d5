//! One deliverer's work for a session: hands out what is claimed, each destination beside the others, strikes off what was
//! delivered, and goes on with what came meanwhile.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{task::JoinSet, time::Instant};
use tracing::{Instrument, debug_span};

use super::{Upkeep, deliver::HandedOut};
use crate::{
    Flow, Session, SessionId,
    clock::after,
    engine::{
        error::EngineError,
        keeper::{Amended, Known},
        ledger::{QUIET, Sent, UnderWay},
        places::Place,
        tray::Laid,
    },
    session::{Claim, Destination},
};

/// How long a deliverer goes on before other sessions have their turn.
pub(super) const SHARE: Duration = Duration::from_secs(1);

/// Delivers for one session.
pub(super) struct Deliverer<F: Flow> {
    upkeep: Arc<Upkeep<F>>,
    id: SessionId,
    /// The session as this deliverer last saw it; none if it must be read.
    known: Option<Known<F>>,
    under_way: JoinSet<HandedOut>,
    /// The places of what is under way.
    places: HashMap<Destination, Place>,
    began: Instant,
    /// Where what was sent may be left for the next turn to strike off; none where it is struck off at once.
    under_way_here: Option<UnderWay<F>>,
}

impl<F: Flow> Deliverer<F> {
    pub(super) fn new(upkeep: Arc<Upkeep<F>>, known: Known<F>, places: HashMap<Destination, Place>) -> Self {
        Self {
            upkeep,
            id: known.session.id(),
            known: Some(known),
            under_way: JoinSet::new(),
            places,
            began: Instant::now(),
            under_way_here: None,
        }
    }

    /// The same for what a turn of this process has left: another may follow soon, and strikes off what was sent of this.
    pub(super) fn of_this_process(self, under_way: UnderWay<F>) -> Self {
        Self { under_way_here: Some(under_way), ..self }
    }

    /// Delivers what is claimed, for each destination in order up to the first that fails, and gives the session as it is then.
    /// The record says already that this is under way.
    ///
    /// Fails if something could not be struck off; what is under way for other destinations is brought to its end first.
    pub(super) async fn deliver(mut self, claims: Vec<Claim>) -> Result<Option<Known<F>>, EngineError> {
        let mut failed = None;
        self.begin(claims);
        while let Some(first) = self.under_way.join_next().await {
            let mut ended = vec![first];
            // What has ended by now is struck off in the same commit.
            while let Some(next) = self.under_way.try_join_next() {
                ended.push(next);
            }
            // A try that broke off, by a fault of ours, is followed when its claim ends.
            let ended: Vec<_> = ended.into_iter().filter_map(Result::ok).collect();
            if self.under_way.is_empty() && self.leave_to_next_turn(&ended) {
                break;
            }
            match self.strike_off(ended).await {
                Ok(claims) => self.begin(claims),
                Err(error) => {
                    tracing::warn!(session = %self.id, "what was delivered stays listed, and will be delivered again");
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(self.known),
        }
    }

    /// Begins a try for each of these claims.
    fn begin(&mut self, claims: Vec<Claim>) {
        let Some(known) = &self.known else { return };
        for claim in claims {
            let (upkeep, id, pending) = (Arc::clone(&self.upkeep), self.id, known.session.promised_to(&claim.to));
            let hand_out = async move { upkeep.hand_out(id, claim, pending).await };
            self.under_way.spawn(hand_out.instrument(debug_span!("deliver")));
        }
    }

    /// Leaves the places of what has ended to others, but for those where this deliverer goes on.
    fn leave(&mut self, ended: &[HandedOut], goes_on: &[Claim]) {
        for HandedOut { claim, .. } in ended {
            if !goes_on.iter().any(|next| next.to == claim.to) {
                self.places.remove(&claim.to);
            }
        }
    }

    /// Leaves what was sent to be struck off by the next turn's commit, if all went well and no turn was stored meanwhile. Tells
    /// whether it is left.
    ///
    /// Replies alone: an effect done twice costs more than a write, and so its record says soon that it is done.
    fn leave_to_next_turn(&mut self, ended: &[HandedOut]) -> bool {
        let (Some(under_way), Some(known)) = (&self.under_way_here, &self.known) else { return false };
        let spare = QUIET + self.upkeep.settings.deadlines.store.saturating_mul(2);
        let Some(soon) = after(self.upkeep.keeper.now(known), spare) else { return false };
        let may_wait = |ended: &HandedOut| {
            let is_all_sent = ended.delivered.len() == known.session.promised_to(&ended.claim.to).len();
            is_all_sent && ended.claim.to.channel().is_some() && soon <= ended.claim.ends_at()
        };
        // Of what broke off, nothing is known.
        if ended.is_empty() || !ended.iter().all(may_wait) {
            return false;
        }
        let sent = |ended: &HandedOut| Sent { claim: ended.claim.clone(), delivered: ended.delivered.clone() };
        under_way.leave(ended.iter().map(sent).collect(), &mut self.known)
    }

    /// Strikes off what was delivered, and claims in the same commit what is to be delivered next.
    async fn strike_off(&mut self, ended: Vec<HandedOut>) -> Result<Vec<Claim>, EngineError> {
        let upkeep = Arc::clone(&self.upkeep);
        let has_had_its_share = self.began.elapsed() >= SHARE;
        let goes_on = !has_had_its_share || upkeep.tray.has_room();
        let sent = upkeep.ledger.sent(self.id);
        if let Some(under_way) = &mut self.under_way_here {
            under_way.catch_up();
        }
        let mut claims = Vec::new();
        let change = |session: &mut Session<F>, now: DateTime<Utc>| {
            let mut changes = false;
            for sent in &sent {
                changes |= session.strike_off(&sent.claim, &sent.delivered, None);
            }
            for HandedOut { claim, delivered, fault } in &ended {
                let setback = fault.as_ref().map(|fault| (fault, upkeep.setback_of(fault, now)));
                changes |= session.strike_off(claim, delivered, setback);
            }
            // What came meanwhile has waited for nothing but this.
            let next =
                ended.iter().map(|ended| &ended.claim.to).filter(|to| goes_on && session.is_untried(to)).cloned();
            let next: Vec<_> = next.collect();
            claims = session.claim(next, upkeep.claim_end(now));
            changes || !claims.is_empty()
        };
        let struck_off = match self.known.take() {
            Some(known) => upkeep.keeper.amend_known(known, change).await?,
            None => upkeep.keeper.amend(self.id, change).await?,
        };
        upkeep.ledger.forget(self.id, &sent);
        let has_changed = matches!(struck_off, Amended::Changed(_));
        self.known = struck_off.known();
        for fault in ended.iter().filter_map(|ended| ended.fault.as_ref()) {
            if has_changed && upkeep.is_given_up(fault) {
                upkeep.tell_given_up(self.id, fault);
            }
        }
        if !has_had_its_share {
            self.leave(&ended, &claims);
            return Ok(claims);
        }
        self.leave(&ended, &[]);
        if let Some(known) = self.known.as_ref().filter(|_| !claims.is_empty()) {
            // Behind the sessions that wait already.
            let under_way = upkeep.ledger.begin(self.id);
            upkeep.tray.lay(Laid::now(known.copy(), claims, &upkeep.keeper.time, under_way));
        }
        Ok(Vec::new())
    }
}
