//! Where traces are sent: [`TRACES`].

use crate::service::{key::Key, parts::TraceParts, reading::Takes};

pub(super) const TRACES: &[Key] = &[
    Key::of_flow(
        "traces.collector",
        "",
        Takes::Checked(TraceParts::COLLECTOR, |parts, text| {
            parts.traces.collector = Some(TraceParts::collector(text)?);
            Ok(())
        }),
        "Where spans are sent, by OpenTelemetry's protocol: a collector beside the bot. Nowhere unless it is set.",
    ),
    Key::of_flow(
        "traces.share",
        "1",
        Takes::Checked(TraceParts::SHARE, |parts, text| {
            parts.traces.share = TraceParts::share(&text)?;
            Ok(())
        }),
        "Of which share of all messages spans are sent.",
    ),
];
