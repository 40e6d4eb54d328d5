//! Until when workers are taken for alive: [`Beats`].

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

type Time = DateTime<Utc>;

/// The last beat of each flow's workers.
#[derive(Default)]
pub(crate) struct Beats(HashMap<String, Time>);

impl Beats {
    /// Takes the workers of the flow for alive for so long, if they are not for longer.
    pub(crate) fn beat(&mut self, flow: &str, lasts: Duration, now: Time) {
        // A time beyond chrono's does not end.
        let lasts = TimeDelta::from_std(lasts).ok();
        let until = lasts.and_then(|lasts| now.checked_add_signed(lasts)).unwrap_or(Time::MAX_UTC);
        let beat = self.0.entry(flow.to_owned()).or_insert(until);
        *beat = until.max(*beat);
    }

    /// Until when the workers of the flow are taken for alive, if they are.
    pub(crate) fn alive_until(&mut self, flow: &str, now: Time) -> Option<Time> {
        self.0.retain(|_, until| *until > now);
        self.0.get(flow).copied()
    }
}
