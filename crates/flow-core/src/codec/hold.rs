//! A session kept for one turn, for a moment: [`Hold`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// Stands in a record, and asks everybody else to let one turn write next.
///
/// It is a courtesy: which write holds is decided by the stamp, as ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hold {
    by: Uuid,
    until: DateTime<Utc>,
}

impl Hold {
    pub(crate) fn until(until: DateTime<Utc>) -> Self {
        Self { by: Uuid::new_v4(), until }
    }

    /// Whether another turn than the one that `ours` is of asks to be let write, and still may.
    pub(crate) fn is_for_another(&self, ours: Option<&Self>, now: DateTime<Utc>) -> bool {
        ours.is_none_or(|ours| ours.by != self.by) && self.until > now
    }

    /// The record after `record`, with this in it and otherwise the same; none if there is one already.
    ///
    /// It builds no session, so that it comes before the next turn of the writer that won the last time.
    pub(crate) fn on(&self, record: &Record) -> Option<Record> {
        let body = record.body();
        let rest = body.strip_prefix(BEGINNING.as_bytes())?;
        let hold = serde_json::to_string(self).ok()?;
        let body = [format!(",\"held\":{hold}{BEGINNING}").as_bytes(), rest].concat();
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
    fn a_hold_is_put_on_a_record_once_and_changes_nothing_else() {
        let (now, stamp) = (Utc::now(), Stamp::first());
        let record = Record::compose(stamp, br#","flow":"booking","current":"WELCOME"}"#);
        let hold = Hold::until(now + chrono::TimeDelta::seconds(1));
        let asking = hold.on(&record).expect("it had none");
        assert_eq!(asking.stamp().version, 2);
        let mut json: serde_json::Value = serde_json::from_slice(asking.bytes()).expect("JSON");
        let found: Hold = serde_json::from_value(json["held"].take()).expect("a hold");
        assert_eq!((&found, json["current"].as_str()), (&hold, Some("WELCOME")));
        assert_eq!(hold.on(&asking), None);
        let another = Hold::until(now);
        assert!(found.is_for_another(None, now) && found.is_for_another(Some(&another), now));
        assert!(!found.is_for_another(Some(&hold), now) && !another.is_for_another(None, now));
    }
}
