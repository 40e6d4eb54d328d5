//! What remains to be done for a session, in its own record: [`Todo`], a transactional outbox with timers.

use std::{collections::BTreeMap, ops::Not};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    archiving::Archiving,
    destination::Destination,
    laid::{
        reading::{Read, Reader},
        writing,
    },
    pending::{Delivery, Pending, SetAside},
    timer::RunningTimer,
};

/// Everything that remains to be done for a session. The store only remembers when to look.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "ReadTodo")]
pub(super) struct Todo {
    /// What is to be delivered; what goes to one destination, in this order.
    pub(super) pending: Vec<Pending>,
    /// The tries of the first of them for each destination; none before it is tried.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) deliveries: BTreeMap<Destination, Delivery>,
    /// The dead letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) set_aside: Vec<SetAside>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) timers: Vec<RunningTimer>,
    /// Whether the session's expiry is to be told.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) tell_expiry: bool,
    #[serde(skip_serializing_if = "Archiving::is_blank")]
    pub(super) archiving: Archiving,
}

impl Todo {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) -> Result<(), serde_json::Error> {
        let Self { pending, deliveries, set_aside, timers, tell_expiry, archiving } = self;
        out.push((*tell_expiry).into());
        writing::size(out, pending.len());
        pending.iter().try_for_each(|pending| pending.lay(out, base))?;
        writing::size(out, deliveries.len());
        for (to, delivery) in deliveries {
            writing::bytes(out, to.as_str().as_bytes());
            delivery.lay(out, base);
        }
        writing::size(out, set_aside.len());
        set_aside.iter().try_for_each(|set_aside| set_aside.lay(out, base))?;
        writing::size(out, timers.len());
        for timer in timers {
            timer.lay(out, base);
        }
        archiving.lay(out, base)
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        let delivery =
            |reader: &mut Reader<'_>| Ok((Destination::named(reader.text()?), Delivery::read(reader, base)?));
        Ok(Self {
            tell_expiry: reader.flag()?,
            pending: reader.list(|reader| Pending::read(reader, base))?,
            deliveries: reader.list(delivery)?.into_iter().collect(),
            set_aside: reader.list(|reader| SetAside::read(reader, base))?,
            timers: reader.list(|reader| RunningTimer::read(reader, base))?,
            archiving: Archiving::read(reader, base)?,
        })
    }

    /// Whether nothing remains to be done.
    pub(super) fn is_blank(&self) -> bool {
        let Self { pending, deliveries, set_aside, timers, tell_expiry, archiving } = self;
        let is_empty = pending.is_empty() && deliveries.is_empty() && set_aside.is_empty() && timers.is_empty();
        is_empty && !tell_expiry && archiving.is_blank()
    }

    /// What is to be delivered there, in this order.
    pub(super) fn pending_for<'t>(&'t self, to: &'t Destination) -> impl Iterator<Item = &'t Pending> {
        self.pending.iter().filter(|pending| to.takes(&pending.what))
    }

    /// Takes off the list what would be delivered there first.
    pub(super) fn take_first(&mut self, to: &Destination) -> Option<Pending> {
        let place = self.pending.iter().position(|pending| to.takes(&pending.what))?;
        Some(self.pending.remove(place))
    }

    /// Every destination for which something is pending, once, in the order of the first that is.
    pub(super) fn destinations(&self) -> Vec<Destination> {
        let mut destinations = Vec::new();
        for pending in &self.pending {
            let to = pending.goes_to();
            if !destinations.contains(&to) {
                destinations.push(to);
            }
        }
        destinations
    }

    /// When something of what is pending may be delivered.
    pub(super) fn deliver_at(&self) -> Option<DateTime<Utc>> {
        self.destinations().iter().filter_map(|to| self.deliver_to_at(to)).min()
    }

    /// When something of what is pending for this destination may be delivered.
    pub(super) fn deliver_to_at(&self, to: &Destination) -> Option<DateTime<Utc>> {
        let first = self.pending_for(to).next()?;
        Some(self.deliveries.get(to).map_or(first.at, |delivery| delivery.not_before))
    }
}

/// The list as records have it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReadTodo {
    pending: Vec<Pending>,
    deliveries: BTreeMap<Destination, Delivery>,
    /// The tries of the first that is pending, in what a release wrote that had one order for all destinations.
    delivery: Option<Delivery>,
    set_aside: Vec<SetAside>,
    timers: Vec<RunningTimer>,
    tell_expiry: bool,
    archiving: Archiving,
}

impl From<ReadTodo> for Todo {
    fn from(read: ReadTodo) -> Self {
        let ReadTodo { pending, deliveries, delivery, set_aside, timers, tell_expiry, archiving } = read;
        let mut todo = Self { pending, deliveries, set_aside, timers, tell_expiry, archiving };
        if let Some(delivery) = delivery {
            let mut destinations = todo.destinations().into_iter();
            todo.deliveries.extend(destinations.next().map(|first| (first, delivery)));
            if delivery.is_claimed {
                // The worker that claimed the first may be delivering all of them.
                let others = destinations.map(|to| (to, Delivery::put_off(0, delivery.not_before)));
                todo.deliveries.extend(others);
            }
        }
        todo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(delivery: &str) -> Todo {
        let pending = |index: u32, what: &str| {
            format!(r#"{{"version":2,"index":{index},"at":"2026-01-01T00:00:00Z","what":{what}}}"#)
        };
        let mail = pending(0, r#"{"effect":{"kind":"mail","payload":null}}"#);
        let said = pending(1, r#"{"announcement":{"replies":[]}}"#);
        let again = pending(2, r#"{"effect":{"kind":"mail","payload":null}}"#);
        serde_json::from_str(&format!(r#"{{"pending":[{mail},{said},{again}],"delivery":{delivery}}}"#))
            .expect("a list")
    }

    fn times(todo: &Todo) -> Vec<(String, u32, i64)> {
        let told = |to: &Destination| {
            let at = todo.deliver_to_at(to).expect("pending").timestamp() - 1_767_225_600;
            (to.to_string(), todo.deliveries.get(to).map_or(0, |delivery| delivery.tries), at)
        };
        todo.destinations().iter().map(told).collect()
    }

    #[test]
    fn what_a_release_with_one_order_had_put_off_holds_up_its_own_destination_alone() {
        let todo = read(r#"{"tries":3,"notBefore":"2026-01-01T00:00:08Z"}"#);
        assert_eq!(times(&todo), [("effects/mail".into(), 3, 8), ("announcements".into(), 0, 0)]);
    }

    #[test]
    fn what_a_release_with_one_order_had_claimed_is_waited_for_at_every_destination() {
        let todo = read(r#"{"tries":1,"notBefore":"2026-01-01T00:00:24Z","isClaimed":true}"#);
        assert_eq!(times(&todo), [("effects/mail".into(), 1, 24), ("announcements".into(), 0, 24)]);
        let written = serde_json::to_string(&todo).expect("JSON");
        assert!(
            written.contains(r#""deliveries":{"announcements":{"#) && !written.contains(r#""delivery":"#),
            "{written}"
        );
    }
}
