//! That a process which went through an inbox is still there, so that what it leaves counts as nobody's death: [`Presence`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};

use super::Intake;
use crate::{Flow, SessionId, engine::error::EngineError};

/// How long to wait at most before the store is asked again to take down that this process is still there.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The presence of a process that goes through an inbox.
///
/// A letter that nobody takes off is taken for one over which its process has ended. One that was not taken off for another
/// reason, because the store was away or the task was dropped, is given back: by this, which the process takes down in the record
/// as soon as the store lets it.
pub(super) struct Presence<F: Flow> {
    intake: Arc<Intake<F>>,
    id: SessionId,
    /// Whether the next process would take this one for ended.
    is_missed: AtomicBool,
}

impl<F: Flow> Presence<F> {
    pub(super) fn of(intake: &Arc<Intake<F>>, id: SessionId, is_missed: bool) -> Self {
        Self { intake: Arc::clone(intake), id, is_missed: is_missed.into() }
    }

    /// Where the turns say that it would be missed from now on.
    pub(super) fn is_missed(&self) -> &AtomicBool {
        &self.is_missed
    }

    /// Whether the next process would take this one for ended.
    pub(super) fn would_be_missed(&self) -> bool {
        self.is_missed.load(Ordering::SeqCst)
    }

    /// Goes on with the inbox from now on.
    pub(super) fn begins(&self) {
        self.is_missed.store(true, Ordering::SeqCst);
    }

    /// Has no more to give back, and tells whether it had until now.
    pub(super) fn ends(&self) -> bool {
        self.is_missed.swap(false, Ordering::SeqCst)
    }

    /// Gives back what it has not handled.
    pub(super) async fn gives_back(self) {
        if self.would_be_missed() && self.intake.turns.give_back(self.id).await.is_ok() {
            self.ends();
        }
    }
}

/// What could not be given back is given back later.
impl<F: Flow> Drop for Presence<F> {
    fn drop(&mut self) {
        if self.ends()
            && let Ok(runtime) = Handle::try_current()
        {
            let (intake, id) = (Arc::clone(&self.intake), self.id);
            runtime.spawn(async move { give_back_later(&intake, id).await });
        }
    }
}

async fn give_back_later<F: Flow>(intake: &Intake<F>, id: SessionId) {
    for tries in 1.. {
        match intake.turns.give_back(id).await {
            Err(EngineError::Store(_) | EngineError::Busy(_)) if !intake.gate.is_closed() => {}
            _ => return,
        }
        sleep(intake.settings.retries.pause_after(tries).min(LONGEST_PAUSE)).await;
    }
}
