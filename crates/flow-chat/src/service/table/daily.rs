//! What is done once a day: [`DAILY`].

use crate::service::{
    key::Key,
    parts::{DailyParts, time_of_day},
    reading::Takes,
};

use super::OFF;

pub(super) const DAILY: &[Key] = &[
    Key::of_flow(
        "daily.at",
        "off",
        Takes::Checked(DailyParts::RIGHT, |parts, text| {
            parts.daily.at = time_of_day(&text)?;
            Ok(())
        }),
        "When one worker of all does what is done once a day: it archives what is overdue, and forgets what was said too long ago, and \
         archived conversations as `daily.purge` says.",
    ),
    Key::of_flow(
        "daily.spread",
        "30m",
        Takes::Time(keep!(daily.spread)),
        "Up to how much later, each bot at a time of its own; at most half a day.",
    ),
    Key::of_flow(
        "daily.purge",
        "off",
        Takes::WordOrTime(&[OFF], keep!(daily.purge)),
        "How long after its last word an archived conversation is forgotten: of every bot in the archive.",
    ),
    Key::of_flow(
        "daily.archive",
        "true",
        Takes::Switch(keep!(daily.archives)),
        "Whether what is overdue is archived then, for which every live conversation is read once.",
    ),
];
