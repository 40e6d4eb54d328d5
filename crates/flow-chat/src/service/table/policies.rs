//! What happens in cases that an operator decides: [`POLICIES`].

use crate::service::{
    key::Key,
    parts::{OutagePolicy, Words},
    reading::Takes,
};

pub(super) const POLICIES: &[Key] = &[
    Key::of_flow(
        "outage.policy",
        "fail",
        Takes::Word(&[
            ("fail", |parts| parts.outage.policy = OutagePolicy::Fail),
            ("say", |parts| parts.outage.policy = OutagePolicy::Say),
            ("memory", |parts| parts.outage.policy = OutagePolicy::Memory),
        ]),
        "What a visitor meets while the store is away: the message fails and is sent again, or hears `outage.words`, or goes \
         on in this process's memory. With `fail` a bot does not start without its store.",
    ),
    Key::of_flow(
        "outage.words",
        "We will be right back. Please send that again in a few minutes.",
        Takes::Text(keep!(outage.words)),
        "What is said then, if the policy is `say`.",
    ),
    Key::of_flow(
        "outage.sessions",
        "10000",
        Takes::Count(1, keep_count!(outage.sessions)),
        "How many conversations go on then, if the policy is `memory`.",
    ),
    Key::of_flow(
        "damage.policy",
        "refuse",
        Takes::Word(&[
            ("refuse", |parts| parts.damage.has_quarantine = false),
            ("quarantine", |parts| parts.damage.has_quarantine = true),
        ]),
        "What becomes of a stored conversation that is damaged: it stays and its visitor is locked out, or it is put aside and \
         begins anew.",
    ),
    Key::of_flow(
        "damage.keep",
        "30d",
        Takes::Deadline(keep!(damage.keep)),
        "How long what is damaged is kept, if the policy is `quarantine`.",
    ),
    Key::of_flow(
        "said.keep",
        "off",
        Takes::WordOrTime(&[("off", |parts| parts.said.keep = None)], keep!(said.keep)),
        "How long what was said is kept, as a transcript.",
    ),
    Key::of_flow(
        "said.words",
        "masked",
        Takes::Word(&[
            ("all", |parts| parts.said.words = Words::All),
            ("masked", |parts| parts.said.words = Words::Masked),
            ("sizes", |parts| parts.said.words = Words::Sizes),
        ]),
        "Whether a transcript has every word, those that are not known to be private, or only sizes.",
    ),
    Key::of_flow(
        "said.at_most",
        "200",
        Takes::Count(1, keep_count!(said.at_most)),
        "How many things said a record keeps until the archive has them.",
    ),
    Key::of_flow(
        "said.bytes",
        "64 KiB",
        Takes::Size(keep!(said.bytes)),
        "How many bytes of what was said a record keeps.",
    ),
    Key::of_flow(
        "said.longest",
        "4 KiB",
        Takes::Size(keep!(said.longest)),
        "How many bytes of one thing said are kept.",
    ),
];
