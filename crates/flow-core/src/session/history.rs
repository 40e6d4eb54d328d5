//! The steps that a record keeps: [`History`], as they are stored.

use std::{borrow::Cow, fmt, sync::OnceLock};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    By, Cause, Transition,
    laid::{
        reading::{Broken, Read, Reader, time_at},
        writing,
    },
    names::Names,
};

/// The steps of a conversation, the oldest first.
///
/// A turn adds one and cuts one off, and few ask for all of them; so they are kept as they are stored, and unpacked for who asks. A step
/// says its cause, with what follows in the highest bits; the place of the state that it led to; that of the one that it left, if
/// it is not the one that the step before led to; its time behind that step's; and the person who took it.
#[derive(Clone)]
pub(crate) struct History {
    /// What the states are called that the steps speak of.
    names: Names,
    steps: Vec<u8>,
    count: usize,
    /// Before the first step that is kept.
    before: Mark,
    last: Mark,
    unpacked: OnceLock<Vec<Transition>>,
}

/// What the next step is told by its difference to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    at: DateTime<Utc>,
    to: Option<usize>,
}

/// A step as it is stored.
struct Entry<'h> {
    from: Option<usize>,
    to: usize,
    by: Cause,
    at: DateTime<Utc>,
    operator: &'h [u8],
}

const HAS_OPERATOR: u8 = 0x20;
const FROM_ANOTHER: u8 = 0x40;
const HAS_NANOS: u8 = 0x80;
const OF_CAUSE: u8 = 0x1f;

/// Names of states that no step speaks of any more are kept up to so many.
const MOST_NAMES: usize = 64;

impl History {
    fn beginning_at(at: DateTime<Utc>) -> Self {
        let before = Mark { at, to: None };
        Self { names: Names::default(), steps: Vec::new(), count: 0, before, last: before, unpacked: OnceLock::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The steps, unpacked.
    pub(crate) fn steps(&self) -> &[Transition] {
        self.unpacked.get_or_init(|| {
            let names: Vec<_> = self.names.iter().collect();
            let name = |place: usize| names.get(place).copied().unwrap_or_default().to_owned();
            let transition = |Entry { from, to, by, at, operator }| Transition {
                from: from.map(name),
                to: name(to),
                by,
                at,
                operator: serde_json::from_slice(operator).ok(),
            };
            self.entries().map(transition).collect()
        })
    }

    /// Why each step was taken.
    pub(super) fn causes(&self) -> impl Iterator<Item = Cause> {
        self.entries().map(|entry| entry.by)
    }

    pub(super) fn push(&mut self, step: &Transition) {
        let Transition { from, to, by, at, operator } = step;
        if self.is_empty() {
            *self = Self::beginning_at(*at);
        } else if self.names.count() > MOST_NAMES.max(4 * self.count) {
            self.forget_names();
        }
        self.unpacked.take();
        let from = from.as_deref().map(|from| self.names.place_of(from));
        let to = self.names.place_of(to);
        self.lay(from, to, *by, *at, operator.as_ref());
    }

    fn lay(&mut self, from: Option<usize>, to: usize, by: Cause, at: DateTime<Utc>, operator: Option<&By>) {
        let nanos = writing::nanos(at);
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(operator.is_some(), HAS_OPERATOR)
            | flag(from != self.last.to, FROM_ANOTHER)
            | flag(nanos != 0, HAS_NANOS);
        let out = &mut self.steps;
        out.push(by.code() | flags);
        writing::size(out, to);
        if from != self.last.to {
            writing::size(out, from.map_or(0, |from| from + 1));
        }
        writing::signed(out, at.timestamp_micros().wrapping_sub(self.last.at.timestamp_micros()));
        if nanos != 0 {
            writing::number(out, nanos.into());
        }
        if let Some(operator) = operator {
            // Two texts are always written.
            writing::bytes(out, &serde_json::to_vec(operator).unwrap_or_default());
        }
        self.last = Mark { at, to: Some(to) };
        self.count += 1;
    }

    /// Cuts off the first steps, and tells why each was taken.
    pub(super) fn cut(&mut self, count: usize) -> Vec<Cause> {
        if count == 0 {
            return Vec::new();
        }
        let mut cut = Vec::with_capacity(count.min(self.count));
        let mut entries = Entries::of(self);
        for entry in entries.by_ref().take(count) {
            cut.push(entry.by);
        }
        let (before, rest) = (entries.last, entries.reader.0.len());
        self.steps.drain(..self.steps.len() - rest);
        self.count -= cut.len();
        self.before = before;
        self.unpacked.take();
        cut
    }

    /// Keeps the names alone that a step still speaks of.
    fn forget_names(&mut self) {
        *self = self.steps().iter().collect();
    }

    fn entries(&self) -> Entries<'_> {
        Entries::of(self)
    }

    /// What the states are called that the steps speak of.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn lay_steps(&self, out: &mut Vec<u8>, base: DateTime<Utc>) {
        if self.is_empty() {
            return;
        }
        writing::size(out, self.count);
        for mark in [self.before, self.last] {
            writing::time(out, mark.at, base);
            writing::size(out, mark.to.map_or(0, |to| to + 1));
        }
        out.extend_from_slice(&self.steps);
    }

    /// Reads the steps that speak of these names.
    ///
    /// Fails if there is one that speaks of another, or that is none.
    pub(super) fn read(laid: &[u8], names: Names, base: DateTime<Utc>) -> Read<Self> {
        let mut reader = Reader(laid);
        if reader.is_done() {
            return Ok(Self { names, ..Self::beginning_at(base) });
        }
        let count = reader.size()?;
        let mut mark = || Read::Ok(Mark { at: reader.time(base)?, to: reader.place()? });
        let (before, last) = (mark()?, mark()?);
        let history = Self { names, steps: reader.0.to_vec(), count, before, last, unpacked: OnceLock::new() };
        let mut entries = history.entries();
        for _ in 0..count {
            let entry = entries.read()?;
            history.names.check(entry.to)?;
            entry.from.map_or(Ok(()), |from| history.names.check(from))?;
            if !entry.operator.is_empty() {
                serde_json::from_slice::<By>(entry.operator).map_err(|_| Broken)?;
            }
        }
        entries.reader.ends()?;
        if count > 0 && entries.last == last { Ok(history) } else { Err(Broken) }
    }
}

impl Default for History {
    fn default() -> Self {
        Self::beginning_at(DateTime::UNIX_EPOCH)
    }
}

impl<'t> FromIterator<&'t Transition> for History {
    fn from_iter<I: IntoIterator<Item = &'t Transition>>(steps: I) -> Self {
        let mut history = Self::default();
        history.extend(steps);
        history
    }
}

impl<'t> Extend<&'t Transition> for History {
    fn extend<I: IntoIterator<Item = &'t Transition>>(&mut self, steps: I) {
        for step in steps {
            self.push(step);
        }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps().fmt(f)
    }
}

/// As the JSON of before has it: a list of steps.
impl Serialize for History {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.steps().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let steps: Cow<'_, [Transition]> = Deserialize::deserialize(deserializer)?;
        Ok(steps.iter().collect())
    }
}

/// The steps one by one.
struct Entries<'h> {
    reader: Reader<'h>,
    last: Mark,
}

impl<'h> Entries<'h> {
    fn of(history: &'h History) -> Self {
        Self { reader: Reader(&history.steps), last: history.before }
    }

    fn read(&mut self) -> Read<Entry<'h>> {
        let reader = &mut self.reader;
        let head = reader.byte()?;
        let by = Cause::coded(head & OF_CAUSE).ok_or(Broken)?;
        let to = reader.size()?;
        let from = if head & FROM_ANOTHER == 0 { self.last.to } else { reader.place()? };
        let micros = self.last.at.timestamp_micros().wrapping_add(reader.signed()?);
        let nanos = if head & HAS_NANOS == 0 { 0 } else { reader.small()? };
        let at = time_at(micros, nanos)?;
        let operator = if head & HAS_OPERATOR == 0 { &[] } else { reader.bytes()? };
        self.last = Mark { at, to: Some(to) };
        Ok(Entry { from, to, by, at, operator })
    }
}

impl<'h> Iterator for Entries<'h> {
    type Item = Entry<'h>;

    fn next(&mut self) -> Option<Self::Item> {
        // They were read when the record was: what is left is whole.
        self.read().ok()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn steps() -> Vec<Transition> {
        let begin = DateTime::from_timestamp(1_800_000_000, 1_234_567).expect("a time");
        let step = |from: Option<&str>, to: &str, by, seconds| {
            Transition::new(from.map(ToOwned::to_owned), to, by, begin + TimeDelta::seconds(seconds))
        };
        vec![
            step(None, "A", Cause::Opened, 0),
            step(Some("A"), "B", Cause::Message, 5),
            step(Some("C/D"), "B", Cause::Operator, 3).with_operator(By::new("ana", "a reason")),
            step(Some("B"), "B", Cause::Lapsed, 86_400),
            step(None, "A", Cause::Reopened, 90_000),
        ]
    }

    fn read_back(history: &History) -> History {
        let (base, mut laid) = (DateTime::from_timestamp(1_700_000_000, 0).expect("a time"), Vec::new());
        history.lay_steps(&mut laid, base);
        let names = Names::read(history.names().laid()).expect("names");
        for end in 1..laid.len() {
            assert!(History::read(&laid[..end], names.clone(), base).is_err(), "cut at {end}");
        }
        History::read(&laid, names, base).expect("a history")
    }

    #[test]
    fn steps_read_back_as_they_were_whatever_was_cut_off() {
        for cut in 0..=steps().len() {
            let mut history: History = steps().iter().collect();
            let causes: Vec<_> = steps()[..cut].iter().map(|step| step.by).collect();
            assert_eq!(history.cut(cut), causes);
            let mut again = read_back(&history);
            assert_eq!((again.steps(), again.len()), (&steps()[cut..], steps().len() - cut));
            again.extend(&steps());
            assert_eq!(read_back(&again).steps(), [&steps()[cut..], &steps()].concat());
        }
    }

    #[test]
    fn names_that_no_step_speaks_of_are_forgotten() {
        let mut history = History::default();
        for round in 0..1_000 {
            let at = DateTime::from_timestamp(round, 0).expect("a time");
            history.push(&Transition::new(None, format!("STATE_{round}"), Cause::Message, at));
            let surplus = history.len().saturating_sub(3);
            history.cut(surplus);
        }
        assert!(history.names().count() <= MOST_NAMES + 1, "{}", history.names().count());
        assert_eq!(history.steps()[0].to, "STATE_997");
    }

    #[test]
    fn it_is_in_json_what_a_list_of_steps_is() {
        let history: History = steps().iter().collect();
        let json = serde_json::to_string(&history).expect("JSON");
        assert_eq!(json, serde_json::to_string(&steps()).expect("JSON"));
        assert_eq!(serde_json::from_str::<History>(&json).expect("a history").steps(), steps());
    }
}
