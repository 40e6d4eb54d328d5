//! What is known of each place: [`Chats`].

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::{Bound, Pace, Rate, bucket::Bucket, refusals::Refusals};

/// What has passed to each place lately, and what the platform said of it. Places that are quiet are forgotten.
///
/// A place itself stands nowhere in it, but a number that follows from it in this process alone.
#[derive(Debug)]
pub(super) struct Chats {
    pace: Pace,
    hashes: RandomState,
    by_place: HashMap<u64, Chat>,
    /// At how many places it is looked which of them are quiet.
    look_at: usize,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) is_group: bool,
    /// How long the message may wait here.
    pub(super) patience: Duration,
    /// How many messages are to follow each other, this one and those of its reply behind it.
    pub(super) parts: u32,
    /// And within what time, if that can be.
    pub(super) within: Duration,
    pub(super) now: Duration,
}

/// What a message to a place is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It passes after this time, which is none or a moment.
    Pass { after: Duration, bound: Bound },
    /// It is to ask again after this time.
    Later { after: Duration, bound: Bound },
}

fn told(after: Duration, bound: Bound, patience: Duration) -> Told {
    if after <= patience { Told::Pass { after, bound } } else { Told::Later { after, bound } }
}

#[derive(Clone, Copy, Debug, Default)]
struct Chat {
    each: Bucket,
    group: Bucket,
    refusals: Refusals,
    /// When the last of those that were put off is to ask again.
    last_again: Duration,
}

/// The fewest places at which it is looked which are quiet.
const FEW: usize = 1024;

/// How many places are known at most, some ten megabytes. Of more, those that would be quiet first are forgotten: a message to one of
/// them may come too early, and the platform says so.
const MOST: usize = 100_000;

/// The longest time until something that was put off asks again: the limit may be less busy by then.
const LONGEST: Duration = Duration::from_secs(600);

impl Chats {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, hashes: RandomState::new(), by_place: HashMap::new(), look_at: 0 }
    }

    /// Asks for a message to a place. If it passes within its patience, that counts.
    pub(super) fn ask(&mut self, place: &str, asked: Asked) -> Told {
        let Asked { is_group, patience, parts, within, now } = asked;
        let (of_each, of_groups) = (self.pace.chat, self.pace.group.filter(|_| is_group));
        if of_each.is_none() && of_groups.is_none() {
            // Nothing is to be remembered of it.
            return told(self.rest_of(place, now), Bound::RetryAfter, patience);
        }
        let chat = self.chat(place, now);
        let wait = |rate: Option<Rate>, bucket: Bucket| {
            let wait = |rate| bucket.wait(&rate, now).max(bucket.wait_for_all(&rate, parts, within, now));
            rate.map_or(Duration::ZERO, wait)
        };
        let waits = [
            (chat.refusals.wait(now), Bound::RetryAfter),
            (wait(of_each, chat.each), Bound::Chat),
            (wait(of_groups, chat.group), Bound::Group),
        ];
        let (after, bound) = waits.into_iter().max_by_key(|(wait, _)| *wait).unwrap_or_default();
        if after <= patience {
            of_each.inspect(|rate| chat.each.take(rate, now));
            of_groups.inspect(|rate| chat.group.take(rate, now));
            return Told::Pass { after, bound };
        }
        // Each behind the one that was put off before, or all of them would ask at once.
        let steps = [of_each, of_groups].into_iter().flatten().map(|rate| rate.step());
        let step = steps.max().unwrap_or_default();
        chat.last_again = (chat.last_again + step).max(now + after).min(now + LONGEST.max(after));
        Told::Later { after: chat.last_again.saturating_sub(now), bound }
    }

    /// What was to pass does not.
    pub(super) fn give_back(&mut self, place: &str, is_group: bool) {
        if let Some(chat) = self.by_place.get_mut(&self.hashes.hash_one(place)) {
            self.pace.chat.inspect(|rate| chat.each.give_back(rate));
            self.pace.group.filter(|_| is_group).inspect(|rate| chat.group.give_back(rate));
        }
    }

    /// How long the platform wants this place to be left alone.
    pub(super) fn rest_of(&self, place: &str, now: Duration) -> Duration {
        let chat = self.by_place.get(&self.hashes.hash_one(place));
        chat.map_or(Duration::ZERO, |chat| chat.refusals.wait(now))
    }

    /// The platform has refused a message to this place. Tells how long that is left alone.
    pub(super) fn refused(&mut self, place: &str, named: Duration, now: Duration) -> Duration {
        let growth = self.pace.growth;
        self.chat(place, now).refusals.refused(named, growth, now)
    }

    /// The platform has taken a message to this place.
    pub(super) fn passed(&mut self, place: &str) {
        if let Some(chat) = self.by_place.get_mut(&self.hashes.hash_one(place)) {
            chat.refusals.passed();
        }
    }

    fn chat(&mut self, place: &str, now: Duration) -> &mut Chat {
        if self.by_place.len() >= self.look_at.max(FEW) {
            self.forget(now);
        }
        self.by_place.entry(self.hashes.hash_one(place)).or_default()
    }

    /// Forgets the places that are quiet. Looked at again when there are twice as many as are left: so each costs little.
    fn forget(&mut self, now: Duration) {
        self.by_place.retain(|_, chat| !chat.is_quiet(now));
        if self.by_place.len() >= MOST {
            let mut ends: Vec<_> = self.by_place.values().map(Chat::end).collect();
            let (_, middle, _) = ends.select_nth_unstable(MOST / 2);
            let middle = *middle;
            self.by_place.retain(|_, chat| chat.end() > middle);
        }
        self.look_at = (self.by_place.len() * 2).min(MOST);
        self.by_place.shrink_to(self.look_at.max(FEW));
    }
}

impl Chat {
    fn is_quiet(&self, now: Duration) -> bool {
        let Self { each, group, refusals, last_again } = self;
        each.is_empty(now) && group.is_empty(now) && refusals.is_empty(now) && *last_again <= now
    }

    /// When it is quiet, about.
    fn end(&self) -> Duration {
        let Self { each, group, refusals, last_again } = self;
        each.end().max(group.end()).max(refusals.wait(Duration::ZERO)).max(*last_again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TELEGRAM: Pace = Pace::NONE.chat(Rate::per_second(1).burst(3)).group(Rate::per_minute(20).at_once(5));

    fn asked(is_group: bool, patience: Duration, now: Duration) -> Asked {
        Asked { is_group, patience, parts: 1, within: Duration::ZERO, now }
    }

    fn after(told: Told) -> u128 {
        match told {
            Told::Pass { after, .. } | Told::Later { after, .. } => after.as_millis(),
        }
    }

    #[test]
    fn one_place_waits_and_another_does_not() {
        let (mut chats, none) = (Chats::new(TELEGRAM), Duration::ZERO);
        let mut ask = |place, is_group| chats.ask(place, asked(is_group, Duration::from_millis(500), none));
        for _ in 0..3 {
            assert_eq!(after(ask("Ana", false)), 0);
        }
        let later = |millis| Told::Later { after: Duration::from_millis(millis), bound: Bound::Chat };
        assert_eq!(ask("Ana", false), later(1000));
        assert_eq!(ask("Ana", false), later(2000), "behind the one before");
        assert_eq!(after(ask("Ben", false)), 0);
    }

    #[test]
    fn a_group_has_a_limit_of_its_own_besides() {
        let mut chats = Chats::new(TELEGRAM);
        let patience = Duration::from_secs(3600);
        let ask = |_| after(chats.ask("hall", asked(true, patience, Duration::ZERO)));
        let passed: Vec<_> = (0..41).map(ask).collect();
        assert_eq!(passed[..6], [0, 0, 0, 1000, 2000, 3750]);
        for begin in &passed {
            let window = passed.iter().filter(|at| (*begin..begin + 60_000).contains(*at)).count();
            assert!(window <= 20, "{window} from {begin}");
        }
    }

    #[test]
    fn what_the_platform_says_of_a_place_is_obeyed_for_that_place() {
        let (mut chats, now) = (Chats::new(Pace::NONE), Duration::from_secs(9));
        chats.refused("Ana", Duration::from_secs(34), now);
        let mut ask = |place| chats.ask(place, asked(false, Duration::from_secs(1), now));
        assert_eq!(ask("Ana"), Told::Later { after: Duration::from_secs(34), bound: Bound::RetryAfter });
        assert_eq!(after(ask("Ben")), 0);
    }

    #[test]
    fn quiet_places_are_forgotten_and_a_million_at_once_are_bounded() {
        let mut chats = Chats::new(TELEGRAM);
        // A thousand a second, for a quarter of an hour and more.
        for number in 0..1_000_000_u64 {
            chats.ask(&number.to_string(), asked(false, Duration::ZERO, Duration::from_millis(number)));
        }
        assert!(chats.by_place.len() <= 4096, "{}", chats.by_place.len());
        // And all of them in one moment.
        let now = Duration::from_secs(2000);
        for number in 0..1_000_000_u64 {
            chats.ask(&number.to_string(), asked(false, Duration::ZERO, now));
            assert!(chats.by_place.len() <= MOST);
        }
        chats.forget(now + Duration::from_secs(2));
        assert_eq!((chats.by_place.len(), chats.by_place.capacity() <= 4096), (0, true));
    }

    /// A platform that names a time without end would end whoever sends.
    #[test]
    fn a_time_without_end_is_waited_for_and_no_clock_runs_over() {
        let (mut chats, now) = (Chats::new(TELEGRAM), Duration::from_secs(9));
        for named in [Duration::from_secs(1_000_000_000), Duration::from_secs(u64::MAX), Duration::MAX] {
            chats.refused("Ana", named, now);
            for _ in 0..3 {
                let told = chats.ask("Ana", asked(true, Duration::from_secs(1), now));
                assert!(matches!(told, Told::Later { bound: Bound::RetryAfter, .. }), "{told:?}");
            }
        }
        assert_eq!(after(chats.ask("Ben", asked(false, Duration::ZERO, now))), 0);
    }

    #[test]
    fn of_too_many_those_that_wait_the_longest_are_kept() {
        let (mut chats, now) = (Chats::new(TELEGRAM), Duration::ZERO);
        chats.refused("Ana", Duration::from_secs(3600), now);
        for number in 0..(2 * MOST) {
            chats.ask(&number.to_string(), asked(false, Duration::ZERO, now));
        }
        assert_eq!(chats.rest_of("Ana", now), Duration::from_secs(3600));
    }
}
