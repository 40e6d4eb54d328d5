//! What a bot does, in numbers, for Prometheus and whoever reads its text: [`Metrics`].

mod histogram;
mod text;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{
    Observer, Opened,
    engine::{CallEnded, Event, Stats, TurnEnded},
};

use histogram::Histogram;
use text::Text;

use crate::limits::Limit;

/// Counts what engines and sites do, and tells it as Prometheus reads it. Clones count together.
///
/// What a series is told apart by is the name of a flow, a kind, a route or a status: never an id, and nothing that a visitor
/// could choose. So there are a few hundred series at most.
///
/// ```
/// use flow_core::{EngineBuilder, Flow};
/// use flow_http::Metrics;
///
/// fn counted<F: Flow>(builder: EngineBuilder<F>, metrics: &Metrics) -> EngineBuilder<F> {
///     builder.observer(metrics.clone())
/// }
/// # let metrics = Metrics::new();
/// # assert!(metrics.text().contains("# TYPE flow_turns_total counter"));
/// ```
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Figures>>);

type Name = &'static str;

#[derive(Default)]
struct Figures {
    /// By flow, trigger and kind.
    turns: BTreeMap<(Name, Name, Name), u64>,
    turn_seconds: BTreeMap<Name, Histogram>,
    /// By flow, and how they began.
    opened: BTreeMap<(Name, Name), u64>,
    ended: BTreeMap<Name, u64>,
    /// By verb and what came of it.
    calls: BTreeMap<(Name, Name), Histogram>,
    operated: u64,
    events: BTreeMap<Name, u64>,
    /// By route and status.
    requests: BTreeMap<(String, u16), u64>,
    request_seconds: BTreeMap<String, Histogram>,
    /// By channel and what came of it.
    webhooks: BTreeMap<(String, Name), u64>,
    limits_met: BTreeMap<Limit, u64>,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All of it, in Prometheus' text format.
    pub fn text(&self) -> String {
        self.text_with(None, 0)
    }

    /// The same, with what an engine has at this moment, and how many streams are open.
    pub(crate) fn text_with(&self, stats: Option<&Stats>, streams: usize) -> String {
        let figures = self.figures();
        let mut text = Text::default();
        text.counters("flow_turns_total", "Turns, by flow, by what asked for them, and by what became of them.", {
            let turns = figures.turns.iter();
            turns.map(|((flow, trigger, kind), count)| {
                (vec![("flow", *flow), ("trigger", *trigger), ("kind", *kind)], *count)
            })
        });
        text.histograms("flow_turn_seconds", "How long turns took.", {
            figures.turn_seconds.iter().map(|(flow, took)| (vec![("flow", *flow)], took))
        });
        text.counters("flow_conversations_opened_total", "Conversations that began, by how.", {
            figures.opened.iter().map(|((flow, how), count)| (vec![("flow", *flow), ("how", *how)], *count))
        });
        text.counters("flow_conversations_ended_total", "Conversations that came to an end.", {
            figures.ended.iter().map(|(flow, count)| (vec![("flow", *flow)], *count))
        });
        text.histograms(
            "flow_call_seconds",
            "How long calls to the store and the archive took, by what came of them.",
            figures.calls.iter().map(|((call, result), took)| (vec![("call", *call), ("result", *result)], took)),
        );
        text.counters("flow_events_total", "What happened besides, by its name.", {
            figures.events.iter().map(|(event, count)| (vec![("event", *event)], *count))
        });
        text.counters("flow_operations_total", "What people did to sessions.", [(Vec::new(), figures.operated)]);
        let statuses: Vec<_> = figures.requests.keys().map(|(_, status)| status.to_string()).collect();
        text.counters("flow_http_requests_total", "Requests, by route and status.", {
            let requests = figures.requests.iter().zip(&statuses);
            requests.map(|(((route, _), count), status)| (vec![("route", &**route), ("status", &**status)], *count))
        });
        text.histograms(
            "flow_http_request_seconds",
            "How long requests took to be answered; of a stream, to be begun.",
            figures.request_seconds.iter().map(|(route, took)| (vec![("route", &**route)], took)),
        );
        text.counters("flow_http_webhooks_total", "Requests of platforms, by channel and what came of them.", {
            let webhooks = figures.webhooks.iter();
            webhooks.map(|((channel, result), count)| (vec![("channel", &**channel), ("result", *result)], *count))
        });
        text.counters("flow_http_limits_met_total", "How often a client met a limit, by its name.", {
            let met = |limit: Limit| figures.limits_met.get(&limit).copied().unwrap_or_default();
            Limit::ALL.map(|limit| (vec![("limit", limit.as_str())], met(limit)))
        });
        text.gauge("flow_http_streams", "Streams of replies that are open.", streams);
        if let Some(stats) = stats {
            now(&mut text, stats);
        }
        text.written()
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        let mut figures = self.figures();
        *figures.requests.entry((route.to_owned(), status)).or_default() += 1;
        figures.request_seconds.entry(route.to_owned()).or_default().add(took);
    }

    /// Counts a request of a platform.
    pub(crate) fn delivered(&self, channel: &str, result: Name) {
        *self.figures().webhooks.entry((channel.to_owned(), result)).or_default() += 1;
    }

    /// Counts a limit that was met.
    pub(crate) fn limit_met(&self, limit: Limit) {
        *self.figures().limits_met.entry(limit).or_default() += 1;
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an engine has at this moment.
fn now(text: &mut Text, stats: &Stats) {
    text.gauge("flow_turns_in_flight", "Turns being taken.", stats.in_flight);
    text.gauge(
        "flow_turns_waiting",
        "Turns that wait for a place, or for another turn of their session.",
        stats.waiting,
    );
    if let Some(skew) = stats.skew {
        let seconds = skew.as_seconds_f64();
        text.gauge("flow_clock_skew_seconds", "By how much the store's clock is ahead of this machine's.", seconds);
    }
    text.gauge(
        "flow_unattended",
        "Whether something waits for a worker and none is there.",
        u8::from(stats.unattended),
    );
    text.counters(
        "flow_store_failures_total",
        "Tries of calls to the store that failed.",
        [(Vec::new(), stats.store.failures)],
    );
    text.counters(
        "flow_store_retries_total",
        "Tries that were made because the one before had failed.",
        [(Vec::new(), stats.store.retries)],
    );
    text.counters(
        "flow_store_unknown_total",
        "Writes of which it is not known whether they arrived.",
        [(Vec::new(), stats.store.unknown)],
    );
    text.counters(
        "flow_store_circuit_openings_total",
        "How often the store was thought to be down.",
        [(Vec::new(), stats.store.circuit_openings)],
    );
    text.counters("flow_archive_runs_total", "Batches that were archived.", [(Vec::new(), stats.archive.runs)]);
    text.gauge("flow_archive_queued", "Sessions in the batches that are being archived.", stats.archive.queued);
    text.gauge(
        "flow_archive_lag_seconds",
        "How long the session that waited the longest was overdue in the last batch.",
        stats.archive.lag.as_secs_f64(),
    );
    text.gauge("flow_archive_batch_seconds", "How long the last batch took.", stats.archive.last_run.as_secs_f64());
}

impl Observer for Metrics {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        let mut figures = self.figures();
        *figures.turns.entry((turn.flow, turn.trigger.as_str(), turn.kind.as_str())).or_default() += 1;
        figures.turn_seconds.entry(turn.flow).or_default().add(turn.took);
        if let Some(opened) = turn.opened {
            let how = match opened {
                Opened::First => "first",
                Opened::AfterEnd => "after_end",
                Opened::AfterExpiry => "after_expiry",
                Opened::AfterLoss => "after_loss",
                Opened::AfterDamage => "after_damage",
                _ => "otherwise",
            };
            *figures.opened.entry((turn.flow, how)).or_default() += 1;
        }
        if turn.ended {
            *figures.ended.entry(turn.flow).or_default() += 1;
        }
    }

    fn call_ended(&self, call: &CallEnded<'_>) {
        let result = match call.error {
            None => "ok",
            Some(error) if error.is_outage() => "away",
            Some(_) => "failed",
        };
        self.figures().calls.entry((call.verb.as_str(), result)).or_default().add(call.took);
    }

    fn operated(&self, _: &flow_core::engine::Operated<'_>) {
        self.figures().operated += 1;
    }

    fn happened(&self, event: Event) {
        *self.figures().events.entry(event.as_str()).or_default() += 1;
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
