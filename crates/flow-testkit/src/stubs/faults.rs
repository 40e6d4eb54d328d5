//! What goes wrong between a platform and a bot: [`Faults`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What a stub does wrong from now on, as platforms and networks do. Each is over by itself.
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flow_testkit::stubs::TelegramStub;
///
/// let telegram = TelegramStub::start().await;
/// telegram.faults().answers_429_for(Duration::from_secs(60));
/// telegram.faults().loses_answers(1);
/// telegram.faults().clear();
/// # }
/// ```
#[derive(Default)]
pub struct Faults(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    rests_until: Option<Instant>,
    away_until: Option<Instant>,
    broken_until: Option<Instant>,
    lost: usize,
    stalled: usize,
    doubled: usize,
    held_back: usize,
    signed_wrongly: usize,
    signed_late: usize,
}

/// What becomes of a call before anything is done.
pub(super) enum Hindered {
    /// Too many calls; so long.
    Rests(Duration),
    Broken,
}

/// What becomes of an answer after all was done.
pub(super) enum Unheard {
    Lost,
    Stalled,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    Wrong,
    Late,
}

impl Faults {
    /// Answers what is sent with "too many requests", in the platform's own form, for so long. What remains of it is the time to wait.
    pub fn answers_429_for(&self, time: Duration) {
        self.inner().rests_until = Some(Instant::now() + time);
    }

    /// Closes connections instead of taking a call, and delivers nothing, for so long.
    pub fn is_away_for(&self, time: Duration) {
        self.inner().away_until = Some(Instant::now() + time);
    }

    /// Answers all with the 502 of a gateway behind which nothing is, in a page and not in the platform's form, for so long.
    pub fn is_broken_for(&self, time: Duration) {
        self.inner().broken_until = Some(Instant::now() + time);
    }

    /// Takes the next so many messages, and closes the connection instead of saying so.
    pub fn loses_answers(&self, count: usize) {
        self.inner().lost = count;
    }

    /// Takes the next so many messages, and never says so.
    pub fn stalls(&self, count: usize) {
        self.inner().stalled = count;
    }

    /// Delivers the next so many a second time, after the bot said that it has them.
    pub fn doubles(&self, count: usize) {
        self.inner().doubled = count;
    }

    /// Delivers the next so many after the one that follows in their chat; after a second, if none does.
    pub fn reorders(&self, count: usize) {
        self.inner().held_back = count;
    }

    /// Delivers the next so many with a signature that is not the platform's.
    pub fn signs_wrongly(&self, count: usize) {
        self.inner().signed_wrongly = count;
    }

    /// Delivers the next so many with a signature of an hour ago, where the platform signs the time.
    pub fn signs_late(&self, count: usize) {
        self.inner().signed_late = count;
    }

    /// All goes well again.
    pub fn clear(&self) {
        *self.inner() = Inner::default();
    }

    /// What is wrong now, in words.
    pub(super) fn told(&self) -> Vec<String> {
        let inner = self.inner();
        let times = [
            ("too many requests", inner.rests_until),
            ("away", inner.away_until),
            ("502 Bad Gateway", inner.broken_until),
        ];
        let counts = [
            ("answers are lost", inner.lost),
            ("answers never come", inner.stalled),
            ("deliveries are doubled", inner.doubled),
            ("deliveries are overtaken", inner.held_back),
            ("deliveries are signed wrongly", inner.signed_wrongly),
            ("deliveries are signed late", inner.signed_late),
        ];
        let now = Instant::now();
        let times = times.into_iter().filter_map(|(name, until)| {
            let left = until?.checked_duration_since(now)?;
            Some(format!("{name} for {} s", left.as_secs() + 1))
        });
        let counts =
            counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("the next {count} {name}"));
        times.chain(counts).collect()
    }

    pub(super) fn is_away(&self) -> bool {
        is_before(self.inner().away_until)
    }

    pub(super) fn hinders(&self, is_sending: bool) -> Option<Hindered> {
        let inner = self.inner();
        if is_before(inner.broken_until) {
            return Some(Hindered::Broken);
        }
        let until = inner.rests_until.filter(|until| is_sending && *until > Instant::now())?;
        Some(Hindered::Rests(until - Instant::now()))
    }

    pub(super) fn unheard(&self) -> Option<Unheard> {
        let mut inner = self.inner();
        if once(&mut inner.lost) {
            return Some(Unheard::Lost);
        }
        once(&mut inner.stalled).then_some(Unheard::Stalled)
    }

    pub(super) fn is_doubled(&self) -> bool {
        once(&mut self.inner().doubled)
    }

    pub(super) fn is_held_back(&self) -> bool {
        once(&mut self.inner().held_back)
    }

    pub(super) fn flaw(&self) -> Flaw {
        let mut inner = self.inner();
        if once(&mut inner.signed_wrongly) {
            return Flaw::Wrong;
        }
        if once(&mut inner.signed_late) { Flaw::Late } else { Flaw::None }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn once(count: &mut usize) -> bool {
    let some = *count > 0;
    *count -= usize::from(some);
    some
}

fn is_before(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() < until)
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}
