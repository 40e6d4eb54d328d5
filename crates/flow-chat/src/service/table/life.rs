//! How long conversations live, and how long anything may take: [`LIFE`].

use std::mem::take;

use crate::{
    Resume,
    service::{key::Key, reading::Takes},
};

use super::OFF;

pub(super) const LIFE: &[Key] = &[
    Key::of_flow(
        "expiry.idle",
        "off",
        Takes::WordOrTime(&[OFF], set!(expiry.idle)),
        "After how much silence a conversation expires.",
    ),
    Key::of_flow(
        "expiry.absolute",
        "off",
        Takes::WordOrTime(&[OFF], set!(expiry.absolute)),
        "How long after its beginning a conversation expires, whatever was said since.",
    ),
    Key::of_flow(
        "expiry.grace",
        "1h",
        Takes::Time(set!(expiry.grace)),
        "How long an expired conversation is still known, so that its visitor can be told.",
    ),
    Key::of_flow(
        "expiry.unattended",
        "off",
        Takes::WordOrTime(&[OFF], set!(expiry.unattended)),
        "How long an expired conversation waits for a worker before what is due for it is given up; days, if at all.",
    ),
    Key::of_flow(
        "expiry.greatest_skew",
        "5m",
        Takes::Deadline(set!(expiry.greatest_skew)),
        "How far the clocks of the store and of this machine may be apart before no conversation is declared expired.",
    ),
    Key::of_flow(
        "expiry.resume",
        "unexpired",
        Takes::WordOrTime(
            &[("never", |parts| parts.resume = Resume::Never), ("unexpired", |parts| parts.resume = Resume::Unexpired)],
            |parts, time| parts.resume = Resume::Within(time),
        ),
        "Which conversations of the archive go on: none, those that had not expired, or all whose last turn is not longer ago.",
    ),
    Key::of_flow(
        "deadlines.turn",
        "",
        Takes::Deadline(set!(deadlines.turn)),
        "How long a turn may take, with all that it waits for. Unless set: one handler, one look into the archive and two \
         calls to the store, which is 39s if these are not set.",
    ),
    Key::of_flow(
        "deadlines.store",
        "2s",
        Takes::Deadline(set!(deadlines.store)),
        "How long a call to the store may take, with all its tries.",
    ),
    Key::of_flow(
        "deadlines.handler",
        "30s",
        Takes::Deadline(set!(deadlines.handler)),
        "How long each method of the handler may take.",
    ),
    Key::of_flow(
        "deadlines.media",
        "20s",
        Takes::Deadline(set!(deadlines.media)),
        "How long a file may take that a handler fetches.",
    ),
    Key::of_flow(
        "deadlines.hook",
        "10s",
        Takes::Deadline(set!(deadlines.hook)),
        "How long each delivery of a reply, a checkpoint, an effect or an announcement may take.",
    ),
    Key::of_flow(
        "deadlines.typing",
        "750ms",
        Takes::Time(set!(deadlines.typing)),
        "After how long a visitor is shown that an answer is coming.",
    ),
    Key::of_flow(
        "deadlines.archive",
        "5s",
        Takes::Deadline(set!(deadlines.archive)),
        "How long a call to the archive may take.",
    ),
    Key::of_flow(
        "retries.tries",
        "20",
        Takes::Count(1, set!(retries.tries)),
        "How often a delivery is tried before it is set aside.",
    ),
    Key::of_flow(
        "retries.pause",
        "1s",
        Takes::Time(set!(retries.pause)),
        "How long to wait after a try that failed; twice as long after each further one.",
    ),
    Key::of_flow(
        "retries.longest_pause",
        "10m",
        Takes::Time(set!(retries.longest_pause)),
        "How long to wait at most after a try that failed.",
    ),
    Key::of_flow(
        "archival.interval",
        "1m",
        Takes::Time(set!(archival.interval)),
        "How long a changed conversation may wait to be archived.",
    ),
    Key::of_flow(
        "archival.insist",
        "false",
        Takes::Switch(set!(archival.insist)),
        "Whether a message fails if neither the store nor the archive can tell whether there is a conversation.",
    ),
];
