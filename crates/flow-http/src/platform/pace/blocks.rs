//! The slots of a shared rate that this process has: [`Blocks`].

use std::time::Duration;

/// Slots in a row that this process was given, and how many it asks for next. Times are counted from when the pace began.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    begin: Duration,
    count: u32,
    /// The first that is not used.
    next: u32,
    is_alone: bool,
    /// Until when the store is not asked.
    rests_until: Duration,
}

/// How much time a process has to itself at most: what others wait for it, and what is lost if it ends.
const SHARE: Duration = Duration::from_millis(250);

/// The same for a process that seems to be the only one: the store is asked once a second.
const ALONE: Duration = Duration::from_secs(1);

impl Blocks {
    /// After how long the next slot begins; it is used, if that is within this patience. None if there is none left.
    pub(super) fn next(&mut self, step: Duration, patience: Duration, now: Duration) -> Option<Duration> {
        // What has gone by unused is nobody's: used later, it would come on top of what others send.
        let at_work = now.saturating_sub(self.begin).as_nanos() / step.as_nanos().max(1);
        let slot = self.next.max(u32::try_from(at_work).unwrap_or(u32::MAX));
        if slot >= self.count {
            return None;
        }
        let wait = (self.begin + step.saturating_mul(slot)).saturating_sub(now);
        self.next = if wait <= patience { slot + 1 } else { slot };
        Some(wait)
    }

    /// How many slots to ask for: one after a rest, and then twice as many as the last time. None while the store is not asked.
    pub(super) fn to_ask_for(&self, step: Duration, now: Duration) -> Option<u32> {
        if now < self.rests_until {
            return None;
        }
        let end = self.begin + step.saturating_mul(self.count);
        let grown = if now < end.saturating_add(SHARE) { self.count.saturating_mul(2) } else { 1 };
        let time = if self.is_alone { ALONE } else { SHARE };
        let most = u32::try_from(time.as_nanos() / step.as_nanos().max(1)).unwrap_or(u32::MAX);
        Some(grown.min(most).max(1))
    }

    pub(super) fn given(&mut self, count: u32, begin: Duration, is_alone: bool) {
        *self = Self { begin, count, next: 0, is_alone, rests_until: Duration::ZERO };
    }

    /// The store gives no answer, and is not asked before then. Tells whether it did the time before.
    pub(super) fn rest(&mut self, until: Duration) -> bool {
        let answered = self.rests_until.is_zero();
        self.rests_until = until;
        answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(10);

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn slots_are_used_in_their_time_and_never_later() {
        let mut blocks = Blocks::default();
        assert_eq!(blocks.next(STEP, millis(100), Duration::ZERO), None);
        blocks.given(4, millis(100), false);
        assert_eq!(blocks.next(STEP, millis(10), millis(80)), Some(millis(20)), "too long: it stays free");
        assert_eq!(blocks.next(STEP, millis(100), millis(80)), Some(millis(20)));
        assert_eq!(blocks.next(STEP, millis(100), millis(80)), Some(millis(30)));
        // The third has gone by.
        assert_eq!(blocks.next(STEP, millis(100), millis(131)), Some(millis(0)));
        assert_eq!(blocks.next(STEP, millis(100), millis(131)), None);
        assert_eq!(blocks.next(STEP, millis(100), millis(999)), None);
    }

    #[test]
    fn the_more_is_sent_the_more_slots_are_asked_for_at_once_up_to_a_share() {
        let mut blocks = Blocks::default();
        let mut now = Duration::from_secs(1);
        let mut ask = |is_alone, pause| {
            now += pause;
            let count = blocks.to_ask_for(STEP, now).expect("asked");
            blocks.given(count, now, is_alone);
            now += STEP * count;
            count
        };
        let none = Duration::ZERO;
        assert_eq!([(); 8].map(|()| ask(false, none)), [1, 2, 4, 8, 16, 25, 25, 25]);
        assert_eq!([(); 4].map(|()| ask(true, none)), [25, 50, 100, 100]);
        assert_eq!(ask(false, millis(251)), 1, "after a rest");
        assert!(blocks.rest(now + millis(5)) && !blocks.rest(now + millis(5)));
        assert_eq!((blocks.to_ask_for(STEP, now), blocks.to_ask_for(STEP, now + millis(5))), (None, Some(2)));
    }
}
