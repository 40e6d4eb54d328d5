//! The next write of a session, kept for one turn for a moment: [`Reservation`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// Stands in a record, and asks all other turns to let one turn write next.
///
/// It is a wish and no lock: which write holds is decided by compare-and-set of the stamp, as ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reservation {
    by: Uuid,
    until: DateTime<Utc>,
}

impl Reservation {
    pub(crate) fn until(until: DateTime<Utc>) -> Self {
        Self { by: Uuid::new_v4(), until }
    }

    /// Whether it is of another turn than `ours` is, and has not run out.
    pub(crate) fn is_for_another(&self, ours: Option<&Self>, now: DateTime<Utc>) -> bool {
        ours.is_none_or(|ours| ours.by != self.by) && self.until > now
    }

    /// The record after `record`, with this in it and otherwise the same; none if there is one already.
    ///
    /// It builds no session, so that it is written before the next turn of the process that wins all the time.
    pub(crate) fn on(&self, record: &Record) -> Option<Record> {
        let body = record.body();
        let rest = body.strip_prefix(BEGINNING.as_bytes())?;
        let reservation = serde_json::to_string(self).ok()?;
        let body = [format!(",\"held\":{reservation}{BEGINNING}").as_bytes(), rest].concat();
        Some(Record::compose(record.stamp().next(), &body))
    }
}

/// How the body of every record begins that an engine wrote for a turn.
const BEGINNING: &str = ",\"flow\":";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stamp;

    #[test]
    fn a_reservation_is_put_on_a_record_once_and_changes_nothing_else() {
        let (now, stamp) = (Utc::now(), Stamp::first());
        let record = Record::compose(stamp, br#","flow":"booking","current":"WELCOME"}"#);
        let reservation = Reservation::until(now + chrono::TimeDelta::seconds(1));
        let asking = reservation.on(&record).expect("it had none");
        assert_eq!(asking.stamp().version, 2);
        let mut json: serde_json::Value = serde_json::from_slice(asking.bytes()).expect("JSON");
        let found: Reservation = serde_json::from_value(json["held"].take()).expect("a reservation");
        assert_eq!((&found, json["current"].as_str()), (&reservation, Some("WELCOME")));
        assert_eq!(reservation.on(&asking), None);
        let another = Reservation::until(now);
        assert!(found.is_for_another(None, now) && found.is_for_another(Some(&another), now));
        assert!(!found.is_for_another(Some(&reservation), now) && !another.is_for_another(None, now));
    }
}
