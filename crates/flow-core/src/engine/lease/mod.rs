//! What one process does for all: leader election by a [`Lease`].

mod held;
mod title;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    select,
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep},
};
use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::{
    Engine,
    error::{Busy, EngineError},
    gate::Gate,
    keeper::Keeper,
};
use crate::Flow;
use held::{Held, Until};
use title::Title;

/// How often a holder says that it is still there.
const RENEWAL: Duration = Duration::from_secs(3);

/// How soon it says so again where the store did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// How often it is asked whether a lease is free.
const LOOK: Duration = Duration::from_secs(2);

/// How often a title is written anew because another process wrote first.
const ROUNDS: u32 = 8;

impl<F: Flow> Engine<F> {
    /// Waits until this process is the one of all that share the store that does the thing of this name, such as to ask a platform
    /// for its messages: leader election. Another flow has other leases of that name.
    ///
    /// It is held for as long as what this gives is kept. Where its holder is killed, stopped, or cut off from the store, another
    /// process has it within 15 seconds; where it is given up, or its engine shuts down, within 3. While the store is away nobody is
    /// given it, and its holder loses it within 9.
    ///
    /// Fails once the engine shuts down.
    ///
    /// ```
    /// use flow_core::{Engine, EngineError, Flow};
    ///
    /// # async fn ask_the_platform() {}
    /// async fn poll<F: Flow>(engine: &Engine<F>) -> Result<(), EngineError> {
    ///     loop {
    ///         let lease = engine.lease("poll telegram").await?;
    ///         while lease.is_held() {
    ///             tokio::select! {
    ///                 () = ask_the_platform() => {}
    ///                 () = lease.lost() => break,
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub async fn lease(&self, name: impl Into<String>) -> Result<Lease, EngineError> {
        let name = name.into();
        let span = info_span!("lease", flow = F::GRAPH.name, lease = name);
        let rooms = &self.rooms;
        let (keeper, gate) = (Arc::clone(&rooms.keeper), Arc::clone(&rooms.gate));
        Applicant { keeper, gate, name, me: Uuid::new_v4() }.wait().instrument(span).await
    }
}

/// What this process alone does, of all that share the store, until it is dropped or lost. Given by [`Engine::lease`].
///
/// A lease cannot stop its holder: a process that stands still between a look at [`is_held`](Self::is_held) and what it does then does it
/// late, beside the next one. So what is done under a lease may be done twice, at worst, by two; what must not be is written with the
/// [`term`](Self::term), as a fencing token.
#[must_use = "a lease is given up when it is dropped"]
pub struct Lease {
    name: String,
    term: u64,
    held: Arc<Held>,
    ends: Arc<Notify>,
    /// Renews it, and gives it up in the end.
    renewing: Option<JoinHandle<()>>,
}

impl Lease {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is held: no other process has been given it yet. Asks nobody, so that it is also true of a process that has just been
    /// stopped for a while. What was lost once stays lost.
    pub fn is_held(&self) -> bool {
        self.held.is_held()
    }

    /// Waits until it is lost: because the store did not answer in time, another process has it, or the engine shuts down.
    pub async fn lost(&self) {
        self.held.lost().await;
    }

    /// The how-manieth holder this is: each that comes later has a higher number. A fencing token.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Gives it up, so that another process has it at once. What is dropped is given up as well, a moment later.
    pub async fn give_up(mut self) {
        if let Some(renewing) = self.renewing.take() {
            self.end();
            // It has ended already if the runtime is gone.
            let _ = renewing.await;
        }
    }

    fn end(&self) {
        // In this order, so that what ends is not told of as lost.
        self.ends.notify_one();
        self.held.lose();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, term, .. } = self;
        f.debug_struct("Lease").field("name", name).field("term", term).field("is_held", &self.is_held()).finish()
    }
}

/// Who wants a lease, and has it in the end.
struct Applicant<F: Flow> {
    keeper: Arc<Keeper<F>>,
    gate: Arc<Gate>,
    name: String,
    me: Uuid,
}

/// What became of a try to write a title.
enum Tried {
    Written(Title),
    /// Another holder has it for so long.
    Kept(Duration),
}

impl<F: Flow> Applicant<F> {
    /// Asks for it until it is given.
    async fn wait(self) -> Result<Lease, EngineError> {
        let mut is_told = false;
        loop {
            if self.gate.is_closed() {
                return Err(EngineError::ShuttingDown);
            }
            let until = Until::from_now(&**self.keeper.time.clock());
            let wait = match self.take().await {
                Ok(Tried::Written(title)) => {
                    let held = Held::new(Arc::clone(self.keeper.time.clock()), until);
                    return Ok(self.hold(title.term(), Arc::new(held)));
                }
                Ok(Tried::Kept(left)) => {
                    is_told = false;
                    left.min(LOOK)
                }
                Err(error) => {
                    if !is_told {
                        tracing::warn!(%error, "a lease cannot be asked for now, and will be again");
                    }
                    is_told = true;
                    AGAIN
                }
            };
            // Processes that were started together do not look together.
            let wait = wait.mul_f64(1.0 + fastrand::f64() / 10.0);
            select! {
                biased;
                () = self.gate.closed() => {}
                () = sleep(wait) => {}
            }
        }
    }

    fn hold(self, term: u64, held: Arc<Held>) -> Lease {
        tracing::info!(term, "this process does from now on what one does for all");
        let (name, ends) = (self.name.clone(), Arc::new(Notify::new()));
        let renewing = self.keep(Arc::clone(&held), Arc::clone(&ends)).in_current_span();
        let renewing = Some(tokio::spawn(renewing));
        Lease { name, term, held, ends, renewing }
    }

    /// Renews it until it is lost, or ends; then it is given up.
    async fn keep(self, held: Arc<Held>, ends: Arc<Notify>) {
        // A shutdown waits until it is given up.
        let _giving_up = self.gate.begin_accepting();
        let mut wait = RENEWAL;
        loop {
            select! {
                biased;
                () = ends.notified() => break,
                () = self.gate.closed() => break,
                () = held.lost() => {}
                () = sleep(wait) => {}
            }
            let until = Until::from_now(&**self.keeper.time.clock());
            // What was lost may be another's by now, and is not taken back.
            if !held.is_held() {
                tracing::warn!("a lease was lost: the store was not reached in time, or this process stood still");
                break;
            }
            wait = match self.renew().await {
                Ok(true) => {
                    held.renew(until);
                    RENEWAL
                }
                Ok(false) => {
                    tracing::warn!("a lease was lost: another process has it");
                    held.lose();
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a lease could not be renewed, and will be tried again");
                    AGAIN
                }
            };
        }
        held.lose();
        let began = Instant::now();
        if let Err(error) = self.give_up().await {
            let took = began.elapsed();
            tracing::debug!(%error, ?took, "a lease could not be given up, and runs out");
        }
    }

    async fn take(&self) -> Result<Tried, EngineError> {
        let mut kept = Duration::ZERO;
        let taken = self.write(|title, now| {
            kept = Title::keeps(title.as_ref(), now).unwrap_or_default();
            kept.is_zero().then(|| Title::taken(title.as_ref(), self.me, now))
        });
        let taken = taken.await?;
        Ok(taken.map_or(Tried::Kept(kept), Tried::Written))
    }

    async fn renew(&self) -> Result<bool, EngineError> {
        Ok(self.write(|title, now| title?.renewed(self.me, now)).await?.is_some())
    }

    async fn give_up(&self) -> Result<(), EngineError> {
        self.write(|title, _| title?.given_up(self.me)).await.map(drop)
    }

    /// Writes what `change` makes of the title that is stored, unless it makes nothing of it.
    async fn write(
        &self,
        mut change: impl FnMut(Option<Title>, DateTime<Utc>) -> Option<Title>,
    ) -> Result<Option<Title>, EngineError> {
        let id = Title::id(F::GRAPH.name, &self.name);
        for _ in 0..ROUNDS {
            let found = self.keeper.read_beside::<Title>(id).await?;
            let Some(title) = change(found.shared.clone(), found.now) else { return Ok(None) };
            if self.keeper.write_beside(&found, &title).await? {
                return Ok(Some(title));
            }
        }
        Err(Busy::Contended { rounds: ROUNDS }.into())
    }
}
