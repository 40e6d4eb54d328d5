//! Turns of many instances that want to write one session: [`Contention`], a backoff with reservations.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};

use super::Turns;
use crate::{
    Flow, Session, SessionId,
    engine::keeper::{Backing, Committed, Told},
    record::Hold,
    session::state_of,
    store::{Commit, Expect},
};

/// What one turn has met of others that want the same session.
///
/// A turn that takes longer than the others would lose to them for as long as they go on. So one that has lost some rounds
/// reserves the next write, in the record, and the others wait.
#[derive(Debug, Default)]
pub(super) struct Contention {
    ours: Option<Hold>,
    waiting_since: Option<Instant>,
    lost: u32,
}

/// How many rounds a turn loses before it reserves one.
const LOST_WITHOUT_RESERVING: u32 = 3;

/// How often it tries to reserve before it tries another round. Reserving is quick, and so wins sooner than a turn does.
const MOST_TRIES: u32 = 8;

/// How long a turn waits for others in all; after that it takes part again.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a reservation holds at most.
const LONGEST: Duration = Duration::from_secs(1);

/// How long it takes to read and write, besides deciding.
const MARGIN: Duration = Duration::from_millis(50);

/// How often those that wait look again.
const PAUSE: Duration = Duration::from_millis(5);

impl<F: Flow> Turns<F> {
    /// Waits a little if another turn has reserved the next write, and tells whether it did.
    pub(super) async fn let_others_pass(
        &self,
        contention: &mut Contention,
        session: &Session<F>,
        now: DateTime<Utc>,
    ) -> bool {
        let is_for_another = |hold: Hold| hold.is_for_another(contention.ours.as_ref(), now);
        if !session.hold().is_some_and(is_for_another) {
            return false;
        }
        if contention.waiting_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return false;
        }
        sleep(PAUSE).await;
        true
    }

    /// What is stored after a round was lost to `stored`: the same, or the same with a reservation for this turn.
    pub(super) async fn reserve(
        &self,
        contention: &mut Contention,
        id: SessionId,
        mut stored: Told,
        took: Duration,
    ) -> Told {
        contention.lost += 1;
        if contention.lost <= LOST_WITHOUT_RESERVING {
            return stored;
        }
        for _ in 0..MOST_TRIES {
            let now = self.keeper.time.now(stored.heard);
            let time = TimeDelta::from_std((took * 2 + MARGIN).min(LONGEST)).unwrap_or_default();
            let hold = Hold::until(now + time);
            // There is nothing to reserve where there is no session, and where another turn has a reservation.
            let Some(record) = &stored.record else { break };
            let (Some(reserved), Some(state)) = (record.held(hold), state_of::<F>(record)) else { break };
            let commit = Commit::new(id, Expect::At(record.prefix()), reserved.clone(), F::GRAPH.name, state);
            // What else the record wants is not read here. Kept too long and looked at too early, it is put right.
            match self.keeper.commit(commit.wake_at(now), Backing::Store).await {
                Ok(Committed::Done { .. }) => {
                    contention.ours = Some(hold);
                    return Told { record: Some(reserved), ..stored };
                }
                Ok(Committed::Conflict(current)) => {
                    stored = Told { damage: current.damage.or(stored.damage), ..*current }
                }
                // What is stored may hold this very turn: that comes before any failure to reserve.
                Err(_) => break,
            }
        }
        stored
    }
}
