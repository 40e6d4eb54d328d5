//! What keeps to a pace: [`Pacer`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{
    Fate,
    engine::{Scope, Slots},
};
use tokio::time::Instant;

use super::{
    Bound, Pace, Waits,
    chats::{Asked, Chats, Told},
    overall::Overall,
    refusals::Refusals,
};

/// Lets messages of one line pass: at the pace that is declared, and when the platform says so.
pub(in crate::platform) struct Pacer {
    growth: u32,
    since: Instant,
    chats: Mutex<Chats>,
    overall: Option<Overall>,
    /// What other processes share it by.
    slots: Mutex<Option<Slots>>,
    /// What the platform said of the whole channel.
    refusals: Mutex<Refusals>,
    waits: Arc<Waits>,
}

/// How long the parts of one reply wait before they are sent, all together.
pub(in crate::platform) struct Patience {
    until: Instant,
    /// Whether a part was sent already.
    has_begun: bool,
}

/// How long a reply that has begun waits for its next part, at most, where it is not known how long a delivery may take: ten seconds,
/// unless that is set.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a reply waits for its chat before it is begun. It has one of a few places meanwhile, which others wait for.
const FOR_CHAT: Duration = Duration::from_millis(250);

/// How long a reply waits for the channel before it is begun. There the others would wait as well.
const FOR_CHANNEL: Duration = Duration::from_secs(1);

impl Pacer {
    pub(in crate::platform) fn new(pace: Pace) -> Self {
        let since = Instant::now();
        Self {
            growth: pace.growth,
            since,
            chats: Mutex::new(Chats::new(pace)),
            overall: pace.overall.map(|rate| Overall::new(rate, since)),
            slots: Mutex::default(),
            refusals: Mutex::default(),
            waits: Arc::default(),
        }
    }

    /// Shares the overall limit with other processes, unless it is shared already.
    pub(in crate::platform) fn share(&self, slots: impl FnOnce() -> Slots) {
        let mut shared = self.slots();
        // That of an engine which is gone gives none.
        if shared.as_ref().is_none_or(|slots| slots.deadline().is_none()) {
            *shared = Some(slots());
        }
    }

    pub(in crate::platform) fn waits(&self) -> &Arc<Waits> {
        &self.waits
    }

    /// For a reply of which some parts were sent already, or none.
    pub(in crate::platform) fn patience(&self, has_begun: bool) -> Patience {
        let deadline = self.slots().as_ref().and_then(Slots::deadline);
        let patience = deadline.map_or(PATIENCE, |deadline| PATIENCE.min(deadline / 3));
        Patience { until: Instant::now() + patience, has_begun }
    }

    /// Waits until a message to this place may be sent, if that is a moment: the first of so many of its reply.
    ///
    /// Fails if it is longer: then the reply waits in its record.
    pub(in crate::platform) async fn pass(
        &self,
        place: &str,
        is_group: bool,
        parts: usize,
        patience: &Patience,
    ) -> Result<(), Fate> {
        let now = self.since.elapsed();
        let rest = self.refusals().wait(now);
        if rest > patience.of(FOR_CHANNEL) {
            return Err(self.put_off(rest, Bound::RetryAfter));
        }
        // A reply that has begun goes on. One that has not begins when it can be ended: another process that came to the rest of it
        // would not know what was sent.
        let parts = if patience.has_begun { 1 } else { u32::try_from(parts).unwrap_or(u32::MAX) };
        let asked = Asked { is_group, patience: patience.of(FOR_CHAT), parts, within: patience.left(), now };
        let told = self.chats().ask(place, asked);
        let (after, bound) = match told {
            Told::Pass { after, bound } => (after, bound),
            Told::Later { after, bound } => return Err(self.put_off(after, bound)),
        };
        let overall = match &self.overall {
            Some(overall) => {
                let slots = self.slots().clone();
                overall.ask(slots.as_ref(), patience.of(FOR_CHANNEL)).await
            }
            None => Ok(Duration::ZERO),
        };
        let overall = overall.map_err(|after| {
            self.chats().give_back(place, is_group);
            self.put_off(after, Bound::Overall)
        })?;
        let waits = [(rest, Bound::RetryAfter), (after, bound), (overall, Bound::Overall)];
        let (longest, bound) = waits.into_iter().max_by_key(|(wait, _)| *wait).unwrap_or_default();
        if longest.is_zero() {
            return Ok(());
        }
        self.waits.wait(bound, longest).await;
        // While this one waited, the platform may have answered another.
        let now = self.since.elapsed();
        let rest = self.refusals().wait(now).max(self.chats().rest_of(place, now));
        if rest.is_zero() { Ok(()) } else { Err(self.put_off(rest, Bound::RetryAfter)) }
    }

    /// Hears what the platform said to a message, and tells what follows: where the platform names no time to wait, this does.
    pub(in crate::platform) fn hear(&self, place: &str, said: Result<(), Fate>) -> Result<(), Fate> {
        let now = self.since.elapsed();
        match said.as_ref().map_err(Fate::wait) {
            Ok(()) => {
                self.chats().passed(place);
                self.refusals().passed();
                said
            }
            Err(Some((named, Scope::Chat))) => {
                let time = self.chats().refused(place, named, now);
                Err(self.wait(time, Scope::Chat, Bound::RetryAfter))
            }
            Err(Some((named, scope))) => {
                let time = self.refusals().refused(named, self.growth, now);
                Err(self.wait(time, scope, Bound::RetryAfter))
            }
            Err(None) => said,
        }
    }

    /// Has the reply wait in its record, and no other.
    fn put_off(&self, after: Duration, bound: Bound) -> Fate {
        self.wait(after, Scope::Chat, bound)
    }

    fn wait(&self, after: Duration, scope: Scope, bound: Bound) -> Fate {
        self.waits.count_put_off(bound);
        Fate::again_after(after, scope)
    }

    fn chats(&self) -> MutexGuard<'_, Chats> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slots(&self) -> MutexGuard<'_, Option<Slots>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Patience {
    /// A part is sent: the next ones better follow it.
    pub(in crate::platform) fn has_begun(&mut self) {
        self.has_begun = true;
    }

    /// How long it waits yet: so long at most, if it has not begun.
    fn of(&self, most: Duration) -> Duration {
        if self.has_begun { self.left() } else { self.left().min(most) }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}
