//! What a site answers: [`Server`].

use std::{collections::BTreeMap, time::Duration};

use super::{
    Name,
    histogram::{Histogram, SECONDS},
    text::Text,
};
use crate::limits::Limit;

#[derive(Clone, Default)]
pub(super) struct Server {
    /// By route, as the router has it: a program's own, and no path that was asked for.
    routes: BTreeMap<String, Route>,
    /// By channel and what came of it.
    webhooks: BTreeMap<(String, Name), u64>,
    /// By channel and what became of it.
    receipts: BTreeMap<(String, Name), u64>,
    limits_met: BTreeMap<Limit, u64>,
}

#[derive(Clone)]
struct Route {
    /// By status, which a label has as text.
    requests: BTreeMap<u16, (String, u64)>,
    seconds: Histogram,
}

impl Server {
    pub(super) fn hear(&mut self, route: &str, status: u16, took: Duration) {
        if !self.routes.contains_key(route) {
            let new = Route { requests: BTreeMap::new(), seconds: Histogram::by(SECONDS) };
            self.routes.insert(route.to_owned(), new);
        }
        if let Some(route) = self.routes.get_mut(route) {
            route.requests.entry(status).or_insert_with(|| (status.to_string(), 0)).1 += 1;
            route.seconds.add_time(took);
        }
    }

    pub(super) fn hear_webhook(&mut self, channel: &str, result: Name) {
        *self.webhooks.entry((channel.to_owned(), result)).or_default() += 1;
    }

    pub(super) fn hear_receipt(&mut self, channel: &str, became: Name) {
        *self.receipts.entry((channel.to_owned(), became)).or_default() += 1;
    }

    pub(super) fn hear_limit(&mut self, limit: Limit) {
        *self.limits_met.entry(limit).or_default() += 1;
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters("flow_http_requests_total", "Requests, by route and status.", {
            self.routes.iter().flat_map(|(name, route)| {
                let requests = route.requests.values();
                requests
                    .map(move |(status, count)| (vec![("route", name.as_str()), ("status", status.as_str())], *count))
            })
        });
        text.histograms(
            "flow_http_request_seconds",
            "How long requests took to be answered; of a stream, to be begun.",
            self.routes.iter().map(|(name, route)| (vec![("route", name.as_str())], &route.seconds)),
        );
        text.counters("flow_http_webhooks_total", "Requests of platforms, by channel and what came of them.", {
            let webhooks = self.webhooks.iter();
            webhooks
                .map(|((channel, result), count)| (vec![("channel", channel.as_str()), ("result", *result)], *count))
        });
        text.counters("flow_http_receipts_total", "Receipts of platforms, by channel and what they tell.", {
            let receipts = self.receipts.iter();
            receipts
                .map(|((channel, became), count)| (vec![("channel", channel.as_str()), ("became", *became)], *count))
        });
        text.counters("flow_http_limits_met_total", "How often a client met a limit, by its name.", {
            let met = |limit: Limit| self.limits_met.get(&limit).copied().unwrap_or_default();
            Limit::ALL.map(|limit| (vec![("limit", limit.as_str())], met(limit)))
        });
    }
}
