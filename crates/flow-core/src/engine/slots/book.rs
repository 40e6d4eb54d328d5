//! Up to when slots are given out, as the store keeps it for the whole fleet: [`Book`].

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Secret, SessionId, engine::keeper::Beside};

/// What the fleet knows of slots of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Book {
    /// Nobody has a slot that begins then or later.
    until: DateTime<Utc>,
    /// The process whose slots are the last ones.
    by: Uuid,
}

/// What is given out further ahead was given out by another clock, which has been set back since.
const FURTHEST: TimeDelta = TimeDelta::minutes(5);

impl Beside for Book {
    const KIND: &str = "slots";
    const STATE: &str = "SLOTS";
    const LIFE: Duration = Duration::from_secs(3600);
}

impl Book {
    /// Under which id it lies.
    pub(super) fn id(flow: &str, name: &str) -> SessionId {
        // It keeps nothing secret: whoever reads the store may know which record this is.
        let names = Secret::new("flow: slots of a rate that is shared").expect("it is long enough");
        SessionId::derived(&names, flow, name)
    }

    /// The same, with so much more time given to this process. Tells when that begins.
    pub(super) fn given(before: Option<&Self>, me: Uuid, time: TimeDelta, now: DateTime<Utc>) -> (Self, DateTime<Utc>) {
        let given = before.map(|book| book.until).filter(|until| *until - now < FURTHEST);
        let begin = given.map_or(now, |until| until.max(now));
        let until = begin.checked_add_signed(time).unwrap_or(begin);
        (Self { until, by: me }, begin)
    }

    /// Whether the last slots were given to this process.
    pub(super) fn is_of(&self, me: Uuid) -> bool {
        self.by == me
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Stamp};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn slots_follow_each_other_and_none_is_given_twice() {
        let (me, other) = (Uuid::new_v4(), Uuid::new_v4());
        let give = |before: Option<&Book>, who, now| Book::given(before, who, TimeDelta::milliseconds(250), time(now));
        let (book, begin) = give(None, me, "2026-03-02T03:00:00Z");
        assert_eq!(begin, time("2026-03-02T03:00:00Z"));
        let (book, begin) = give(Some(&book), other, "2026-03-02T03:00:00.1Z");
        assert_eq!(begin, time("2026-03-02T03:00:00.25Z"), "behind those of the other");
        assert!(book.is_of(other) && !book.is_of(me));
        let (book, begin) = give(Some(&book), me, "2026-03-02T03:00:09Z");
        assert_eq!(begin, time("2026-03-02T03:00:09Z"), "what nobody used is gone");
        let (_, begin) = give(Some(&book), me, "2026-03-02T02:00:00Z");
        assert_eq!(begin, time("2026-03-02T02:00:00Z"), "a clock that was set back holds nothing up");
    }

    #[test]
    fn a_book_reads_back_and_anything_else_is_none() {
        let (book, _) = Book::given(None, Uuid::new_v4(), TimeDelta::seconds(1), time("2026-03-02T03:00:00.123456Z"));
        assert_eq!(Book::read(&book.record("booking", Stamp::first())), Some(book));
        assert_eq!(Book::read(&Record::compose(Stamp::first(), b"{\"flow\":\"booking\"}")), None);
    }
}
