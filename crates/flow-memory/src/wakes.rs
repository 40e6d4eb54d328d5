//! When sessions want to be looked at: [`Wakes`].

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use chrono::{DateTime, Utc};
use flow_core::SessionId;

type Time = DateTime<Utc>;

/// The wake time of each session that has one, and an index of them flow by flow.
#[derive(Default)]
pub(crate) struct Wakes {
    of_sessions: HashMap<SessionId, (Cow<'static, str>, Time)>,
    of_flows: HashMap<Cow<'static, str>, BTreeSet<(Time, SessionId)>>,
}

impl Wakes {
    /// When the session wants to be looked at.
    pub(crate) fn at(&self, id: SessionId) -> Option<Time> {
        self.of_sessions.get(&id).map(|(_, at)| *at)
    }

    /// The session of a flow that has been due for longest, if one is by `time`.
    pub(crate) fn first(&self, flow: &str, time: Time) -> Option<SessionId> {
        self.of_flows.get(flow)?.first().filter(|(at, _)| *at <= time).map(|(_, id)| *id)
    }

    /// Has the session of a flow looked at then.
    pub(crate) fn set(&mut self, id: SessionId, flow: Cow<'static, str>, at: Time) {
        self.remove(id);
        self.of_flows.entry(flow.clone()).or_default().insert((at, id));
        self.of_sessions.insert(id, (flow, at));
    }

    /// Has the session looked at no more.
    pub(crate) fn remove(&mut self, id: SessionId) {
        let Some((flow, at)) = self.of_sessions.remove(&id) else { return };
        if let Some(index) = self.of_flows.get_mut(&flow) {
            index.remove(&(at, id));
        }
    }
}
