//! What a site and its engine have at this moment: [`Moment`].

use flow_core::engine::Stats;

use super::{Name, text::Text};

/// What is asked for when the figures are told.
pub(crate) struct Moment {
    /// The flow's wire name.
    pub(crate) flow: Name,
    pub(crate) stats: Stats,
    /// Whether a worker is at work, in this process or another; none if that cannot be told.
    pub(crate) is_attended: Option<bool>,
    /// Streams of replies that are open.
    pub(crate) streams: usize,
}

impl Moment {
    pub(super) fn tell(&self, text: &mut Text) {
        let Self { flow, stats, is_attended, streams } = self;
        let of = [("flow", *flow)];
        text.gauge("flow_http_streams", "Streams of replies that are open.", &of, streams);
        text.gauge("flow_turns_in_flight", "Turns being taken.", &of, stats.in_flight);
        text.gauge(
            "flow_turns_waiting",
            "Turns that wait for a place, or for another turn of their session.",
            &of,
            stats.waiting,
        );
        text.gauge("flow_inboxes", "Inboxes that this process goes through.", &of, stats.inboxes);
        text.gauge(
            "flow_inbox_waits_seconds",
            "How long the inbox that has waited the longest has had no message handled.",
            &of,
            stats.inbox_waits.as_secs_f64(),
        );
        text.gauge("flow_workers", "Workers of this process.", &of, stats.workers);
        if let Some(is_attended) = is_attended {
            let help = "Whether a worker is at work, in this process or another.";
            text.gauge("flow_attended", help, &of, u8::from(*is_attended));
        }
        text.gauge(
            "flow_unattended",
            "Whether something waits for a worker and none is there.",
            &of,
            u8::from(stats.unattended),
        );
        if let Some(skew) = stats.skew {
            let help = "By how much the store's clock is ahead of this machine's.";
            text.gauge("flow_clock_skew_seconds", help, &of, skew.as_seconds_f64());
        }
        for (name, help, count) in [
            ("flow_store_failures_total", "Tries of calls to the store that failed.", stats.store.failures),
            (
                "flow_store_retries_total",
                "Tries that were made because the one before had failed.",
                stats.store.retries,
            ),
            ("flow_store_unknown_total", "Writes of which it is not known whether they arrived.", stats.store.unknown),
            (
                "flow_store_circuit_openings_total",
                "How often the store was thought to be down.",
                stats.store.circuit_openings,
            ),
        ] {
            text.counters(name, help, [(of.to_vec(), count)]);
        }
        text.gauge(
            "flow_archive_queued",
            "Sessions in the batches that are being archived.",
            &of,
            stats.archive.queued,
        );
    }
}
