//! What was said, against what was handled and heard: [`Account`].

use std::{
    collections::{HashMap, HashSet},
    fmt,
    time::Instant,
};

use flow_testkit::stubs::Trip;

use crate::{ear::Heard, visitor::Said};

/// What became of everything.
#[derive(Debug, Default)]
pub struct Account {
    pub sent: usize,
    pub handled: usize,
    /// Acknowledged, and not handled.
    pub lost: usize,
    /// Not handled because the platform gave it up before the bot acknowledged it.
    pub given_up: usize,
    /// Handled once more than it was sent.
    pub doubled: usize,
    /// Acknowledged before something was delivered that was handled before it.
    pub overtaken: usize,
    /// Said before something that was handled before it, because the platform delivered it so.
    pub overtaken_outside: usize,
    /// Handled, and not answered.
    pub unanswered: usize,
    /// Answers that came again, under their keys where the platform has a place for them.
    pub told_again: usize,
    /// Answers that first came after one to what was handled later.
    pub replies_overtaken: usize,
    /// Visitors who never heard what was handled, and are not counted.
    pub silent: usize,
    /// Texts that are no part of the conversation, and answers that came under two keys.
    pub strange: Vec<String>,
}

impl Account {
    /// Of one visitor besides, with how each of what was said came to the bot, as far as the platform knows.
    pub fn add(&mut self, said: &Said, heard: &Heard, trips: &[&Trip]) {
        let Some(handled) = &heard.account else {
            self.silent += 1;
            return;
        };
        let said: Vec<_> = said.iter().map(|(token, _)| &**token).collect();
        let handled: Vec<_> = handled.iter().map(|token| &**token).collect();
        let times = times(&handled);
        self.sent += said.len();
        self.handled += handled.len();
        let missing = said.iter().enumerate().filter(|(_, token)| !times.contains_key(*token));
        // Where a platform does not tell what was acknowledged, all was to be.
        let is_taken = |number| trips.get(number).is_none_or(|trip: &&Trip| trip.taken().is_some());
        let (lost, given_up): (Vec<_>, Vec<_>) = missing.partition(|(number, _)| is_taken(*number));
        self.lost += lost.len();
        self.given_up += given_up.len();
        self.doubled += times.values().map(|count| count - 1).sum::<usize>();
        self.strange
            .extend(times.keys().filter(|token| !said.contains(*token)).map(|token| format!("{token} was not said")));
        let (overtaken, outside) = overtaken(&said, &handled, trips);
        self.overtaken += overtaken;
        self.overtaken_outside += outside;
        self.unanswered += times.keys().filter(|token| !heard.at.contains_key(**token)).count();
        self.told_again += heard.again();
        self.replies_overtaken += late(&heard.replies, &handled);
        self.strange.extend(heard.strange.iter().cloned());
        self.strange.extend((0..heard.told_twice()).map(|_| "an answer under two keys".to_owned()));
    }

    /// Whether every message was handled once, in order, and every reply heard, in order.
    pub fn is_right(&self) -> bool {
        let Self { lost, doubled, overtaken, unanswered, replies_overtaken, silent, strange, .. } = self;
        [lost, doubled, overtaken, unanswered, replies_overtaken, silent].iter().all(|count| **count == 0)
            && strange.is_empty()
    }
}

/// How often each was handled.
fn times<'t>(tokens: &[&'t str]) -> HashMap<&'t str, usize> {
    let mut times = HashMap::new();
    for token in tokens {
        *times.entry(*token).or_default() += 1;
    }
    times
}

/// How many of what was said were handled after something that was said later: of those, first, how many the bot had before that was
/// delivered. Buttons are left out: a platform delivers them beside what is said, and may have them overtake it.
fn overtaken(said: &[&str], handled: &[&str], trips: &[&Trip]) -> (usize, usize) {
    let places: HashMap<_, _> = handled.iter().enumerate().rev().map(|(place, token)| (*token, place)).collect();
    let ways: Vec<_> = (0..said.len()).map(|number| Way::of(trips.get(number).copied())).collect();
    let texts = said.iter().zip(&ways).filter(|(token, _)| token.starts_with('n'));
    let texts: Vec<_> = texts.filter_map(|(token, way)| Some((*places.get(token)?, way))).collect();
    let (mut inside, mut outside) = (0, 0);
    for (number, (place, way)) in texts.iter().enumerate() {
        let mut later = texts[number + 1..].iter().filter(|(later, _)| later < place).peekable();
        if later.peek().is_none() {
            continue;
        }
        if later.any(|(_, later)| way.is_before(later)) {
            inside += 1;
        } else {
            outside += 1;
        }
    }
    (inside, outside)
}

/// When a message came to the bot.
struct Way {
    delivered: Option<Instant>,
    taken: Option<Instant>,
}

impl Way {
    fn of(trip: Option<&Trip>) -> Self {
        Self { delivered: trip.and_then(Trip::delivered), taken: trip.and_then(Trip::taken) }
    }

    /// Whether the bot had it before the other came. Where that is not known, the bot is to have kept the order.
    fn is_before(&self, other: &Self) -> bool {
        self.taken.zip(other.delivered).is_none_or(|(taken, delivered)| taken <= delivered)
    }
}

/// How many answers first came after one to what was handled later.
fn late(replies: &[String], handled: &[&str]) -> usize {
    let places: HashMap<_, _> = handled.iter().enumerate().rev().map(|(place, token)| (*token, place)).collect();
    let (mut heard, mut latest, mut late) = (HashSet::new(), 0, 0);
    for place in replies.iter().filter(|token| heard.insert(&***token)).filter_map(|token| places.get(&**token)) {
        late += usize::from(*place < latest);
        latest = latest.max(*place);
    }
    late
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, handled, lost, doubled, overtaken, overtaken_outside, given_up, .. } = self;
        let Self { unanswered, told_again, replies_overtaken, silent, strange, .. } = self;
        write!(f, "{sent} sent, {handled} handled: {lost} lost, {doubled} doubled, {overtaken} overtaken (by the ")?;
        write!(
            f,
            "platform {given_up} given up, {overtaken_outside} overtaken); replies: {unanswered} unheard, {told_again} told again, "
        )?;
        write!(f, "{replies_overtaken} overtaken; {silent} visitors without an account, {} other faults", strange.len())
    }
}
