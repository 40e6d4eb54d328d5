//! How much waits for a pace, and why: [`Waits`].

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Why a message has to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Bound {
    Overall,
    #[default]
    Chat,
    Group,
    /// The platform said so.
    RetryAfter,
}

impl Bound {
    pub(crate) const ALL: [Self; 4] = [Self::Overall, Self::Chat, Self::Group, Self::RetryAfter];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Overall => "overall",
            Self::Chat => "chat",
            Self::Group => "group",
            Self::RetryAfter => "retry_after",
        }
    }
}

/// What has waited, and what waits in this process, by why.
#[derive(Debug, Default)]
pub(crate) struct Waits([Count; 4]);

#[derive(Debug, Default)]
struct Count {
    waited: AtomicU64,
    put_off: AtomicU64,
    waiting: AtomicU64,
}

impl Waits {
    /// How many have waited a moment, and passed.
    pub(crate) fn waited(&self, bound: Bound) -> u64 {
        self.of(bound).waited.load(Ordering::Relaxed)
    }

    /// How many were put off, and wait in their records.
    pub(crate) fn put_off(&self, bound: Bound) -> u64 {
        self.of(bound).put_off.load(Ordering::Relaxed)
    }

    /// How many wait a moment now.
    pub(crate) fn waiting(&self, bound: Bound) -> u64 {
        self.of(bound).waiting.load(Ordering::Relaxed)
    }

    pub(super) fn count_put_off(&self, bound: Bound) {
        self.of(bound).put_off.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits a moment, and counts that.
    pub(super) async fn wait(&self, bound: Bound, time: Duration) {
        let count = self.of(bound);
        count.waited.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting::begin(&count.waiting);
        tokio::time::sleep(time).await;
    }

    fn of(&self, bound: Bound) -> &Count {
        &self.0[bound as usize]
    }
}

/// One that waits, until it is dropped: by its deadline it may be before its time.
struct Waiting<'w>(&'w AtomicU64);

impl<'w> Waiting<'w> {
    fn begin(all: &'w AtomicU64) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
