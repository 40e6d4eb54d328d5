//! Turns of many instances on one session, each of which is to come to its end: [`Courtesy`].

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::{Instant, sleep};

use super::Inner;
use crate::{
    Flow, Record, Session, SessionId,
    codec::{hold::Hold, state_of},
    store::{Commit, Expect, Verdict},
};

/// What one turn does for itself and for others when many want the same session.
///
/// Whoever takes longer over a turn than the others would lose to them for as long as they go on. So one that has lost
/// some rounds asks, in the record, to be let write next, and the others wait.
#[derive(Default)]
pub(super) struct Courtesy {
    ours: Option<Hold>,
    waiting_since: Option<Instant>,
    lost: u32,
}

/// So many rounds are lost before a turn asks for its own.
const LOST_WITHOUT_ASKING: u32 = 3;

/// How often it asks before it tries another round. Asking is quick, and so comes first sooner than a turn does.
const MOST_ASKS: u32 = 8;

/// How long a turn waits for others in all; after that it takes part again.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest that a turn asks others to wait.
const LONGEST: Duration = Duration::from_secs(1);

/// How long it takes to read, write and be heard of, besides deciding.
const MARGIN: Duration = Duration::from_millis(50);

/// How often those who wait look again.
const PAUSE: Duration = Duration::from_millis(5);

impl<F: Flow> Inner<F> {
    /// Waits a little if another turn has asked to be let write, and tells whether it did.
    pub(super) async fn let_others_pass(&self, courtesy: &mut Courtesy, session: &Session<F>) -> bool {
        let is_asked = |hold: &Hold| hold.is_for_another(courtesy.ours.as_ref(), self.clock.now());
        if !session.held.as_ref().is_some_and(is_asked) {
            return false;
        }
        if courtesy.waiting_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return false;
        }
        sleep(PAUSE).await;
        true
    }

    /// What is stored after a round was lost to `stored`: the same, or the same with the wish to write next.
    pub(super) async fn ask_to_pass(
        &self,
        courtesy: &mut Courtesy,
        id: SessionId,
        mut stored: Option<Record>,
        took: Duration,
    ) -> Option<Record> {
        courtesy.lost += 1;
        if courtesy.lost <= LOST_WITHOUT_ASKING {
            return stored;
        }
        for _ in 0..MOST_ASKS {
            let now = self.clock.now();
            let hold = Hold::until(now + TimeDelta::from_std((took * 2 + MARGIN).min(LONGEST)).unwrap_or_default());
            // There is nothing to ask where there is no session, and where another has asked.
            let Some(record) = &stored else { break };
            let (Some(asking), Some(state)) = (hold.on(record), state_of::<F>(record)) else { break };
            // What else the record wants is not read here. Kept too long and looked at too early, it is put right.
            let commit = Commit::new(id, Expect::At(record.stamp()), asking.clone(), F::GRAPH.name, state);
            match self.commit(commit.wake_at(now)).await {
                Ok(Verdict::Done) => {
                    courtesy.ours = Some(hold);
                    return Some(asking);
                }
                Ok(Verdict::Conflict(current)) => stored = current,
                // What is stored may hold this very turn: that comes before any failure to ask.
                Err(_) => break,
            }
        }
        stored
    }
}
