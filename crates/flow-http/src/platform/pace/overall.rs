//! The limit that all places have together: [`Overall`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{EngineError, engine::Slots};
use tokio::time::{Instant, timeout};

use super::{Rate, blocks::Blocks, bucket::Bucket};

/// How fast this process sends in all; and all processes together, once they share it.
pub(super) struct Overall {
    rate: Rate,
    since: Instant,
    own: Mutex<Own>,
    blocks: tokio::sync::Mutex<Blocks>,
}

/// What this process has sent.
#[derive(Default)]
struct Own {
    bucket: Bucket,
    /// When the last of those that were put off is to ask again.
    last_again: Duration,
}

/// How long the store is waited for. What waits meanwhile has its deadline.
const ASKING: Duration = Duration::from_millis(500);

/// How long the store is not asked after it gave no answer.
const UNASKED: Duration = Duration::from_secs(5);

/// The longest time until something that was put off asks again.
const LONGEST: Duration = Duration::from_secs(600);

impl Overall {
    pub(super) fn new(rate: Rate, since: Instant) -> Self {
        Self { rate, since, own: Mutex::default(), blocks: tokio::sync::Mutex::default() }
    }

    /// Asks for a message; among all processes that ask for the same slots, if it is shared. Tells after how long it passes; it counts
    /// then.
    ///
    /// Fails with the time after which to ask again, if that is beyond this patience.
    pub(super) async fn ask(&self, slots: Option<&Slots>, patience: Duration) -> Result<Duration, Duration> {
        let shared = match slots {
            Some(slots) => self.ask_shared(slots, patience).await,
            None => None,
        };
        let (mut own, now) = (self.own(), self.since.elapsed());
        let wait = shared.unwrap_or_else(|| own.bucket.wait(&self.rate, now));
        if wait <= patience {
            // Noted in either case, so that a store which goes away leaves no burst.
            own.bucket.take(&self.rate, if shared.is_some() { now + wait } else { now });
            return Ok(wait);
        }
        own.last_again = (own.last_again + self.rate.step()).max(now + wait).min(now + LONGEST.max(wait));
        Err(own.last_again.saturating_sub(now))
    }

    /// After how long the next slot begins that this process has or is given; it is used if that is within this patience. None if the
    /// store gives no answer.
    async fn ask_shared(&self, slots: &Slots, patience: Duration) -> Option<Duration> {
        // One asks the store, and the others wait for what it is given.
        let mut blocks = self.blocks.lock().await;
        let now = self.since.elapsed();
        if let Some(wait) = blocks.next(self.rate.step(), patience, now) {
            return Some(wait);
        }
        let count = blocks.to_ask_for(self.rate.step(), now)?;
        let asked = timeout(ASKING, slots.reserve(count, self.rate.step())).await;
        let now = self.since.elapsed();
        match asked {
            Ok(Ok(reserved)) => {
                blocks.given(count, now + reserved.begins_in, reserved.is_alone);
                return blocks.next(self.rate.step(), patience, now);
            }
            // The store answers, and others are given slots: alone this process would send on top of them.
            Ok(Err(EngineError::Busy(_))) => return Some(patience.saturating_add(self.rate.step())),
            Ok(Err(_)) | Err(_) => {}
        }
        // Told once, and not each time.
        if blocks.rest(now + UNASKED) {
            let error = asked.ok().and_then(Result::err).map(|error| error.to_string());
            let error = error.as_deref().unwrap_or("the store takes too long");
            tracing::info!(error, "the pace of a channel is not shared for a while: this process keeps to it alone");
        }
        None
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
