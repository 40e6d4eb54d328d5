//! How much is taken at once, and how a worker works: [`BOUNDS`].

use std::mem::take;

use crate::{
    Backlog,
    service::{key::Key, reading::Takes},
};

pub(super) const BOUNDS: &[Key] = &[
    Key::of_flow(
        "limits.turns_at_once",
        "10000",
        Takes::Count(1, count!(limits.turns_at_once)),
        "How many turns are taken at once.",
    ),
    Key::of_flow(
        "limits.turns_waiting",
        "10000",
        Takes::Count(0, count!(limits.turns_waiting)),
        "How many turns wait, of all conversations together.",
    ),
    Key::of_flow(
        "limits.turns_in_line",
        "32",
        Takes::Count(0, count!(limits.turns_in_line)),
        "How many turns of one conversation wait.",
    ),
    Key::of_flow(
        "limits.rounds",
        "16",
        Takes::Count(1, set!(limits.rounds)),
        "How often a turn is run while other writers come first.",
    ),
    Key::of_flow(
        "limits.history",
        "50",
        Takes::Count(0, count!(limits.history)),
        "How many steps of its history a record keeps.",
    ),
    Key::of_flow(
        "limits.remembered_messages",
        "16",
        Takes::Count(1, count!(limits.remembered_messages)),
        "How many messages a record keeps with their replies, so that a repeat hears the same.",
    ),
    Key::of_flow(
        "limits.known_ids",
        "4096",
        Takes::Count(0, count!(limits.known_ids)),
        "How many message ids before those a record keeps, so that a repeat changes nothing; 12 bytes each.",
    ),
    Key::of_flow(
        "limits.known_for",
        "24h",
        Takes::Time(set!(limits.known_for)),
        "How long a record keeps those ids: as long as your platform delivers a message again.",
    ),
    Key::of_flow("limits.input", "16 KiB", Takes::Size(set!(limits.input)), "How many bytes a message may have."),
    Key::of_flow(
        "limits.answer",
        "16 KiB",
        Takes::Size(set!(limits.answer)),
        "How many bytes an answer may have that a handler asks for once.",
    ),
    Key::of_flow(
        "limits.media",
        "20 MiB",
        Takes::Size(set!(limits.media)),
        "How many bytes a file may have that a handler fetches; each is held in memory.",
    ),
    Key::of_flow("limits.record", "1 MiB", Takes::Size(set!(limits.record)), "How many bytes a record may have."),
    Key::of_flow(
        "limits.warm",
        "64 MiB",
        Takes::Size(keep!(warm.bytes)),
        "How many bytes of conversations a process keeps in memory as their last messages here have left them, so that the next need not be read first; none with 0.",
    ),
    Key::of_flow(
        "limits.undelivered",
        "100",
        Takes::Count(1, count!(limits.undelivered)),
        "How many deliveries of a conversation may be undelivered for each destination.",
    ),
    Key::of_flow(
        "limits.backlog",
        "fail",
        Takes::Word(&[
            ("fail", |parts| parts.backlog = Backlog::Fail),
            ("set_aside", |parts| parts.backlog = Backlog::SetAside),
        ]),
        "What happens beyond that: the turn fails, or the oldest is set aside as a dead letter.",
    ),
    Key::of_flow(
        "inbox.patience",
        "300ms",
        Takes::Time(set!(inbox.patience)),
        "How long a message that is accepted waits for its turn before it is stored to wait.",
    ),
    Key::of_flow(
        "inbox.letters",
        "100",
        Takes::Count(1, count!(inbox.letters)),
        "How many messages wait for one conversation.",
    ),
    Key::of_flow(
        "inbox.bytes",
        "256 KiB",
        Takes::Size(set!(inbox.bytes)),
        "How many bytes the messages that wait for one conversation may have together.",
    ),
    Key::of_flow(
        "inbox.tries",
        "3",
        Takes::Count(1, set!(inbox.tries)),
        "How many processes may end over a message before it is set aside as a dead letter.",
    ),
    Key::of_flow(
        "worker.pause",
        "1s",
        Takes::Deadline(keep!(worker.pause)),
        "How long a worker waits after a look that found nothing due.",
    ),
    Key::of_flow(
        "worker.lease",
        "1m",
        Takes::Deadline(keep!(worker.lease)),
        "For how long a conversation that a worker looks at is kept from other workers.",
    ),
    Key::of_flow(
        "worker.at_once",
        "32",
        Takes::Count(1, keep_count!(worker.at_once)),
        "For how many conversations a worker works at once, besides delivering.",
    ),
    Key::of_flow(
        "worker.for_each_destination",
        "8",
        Takes::Count(1, keep_count!(worker.for_each_destination)),
        "For how many conversations a worker delivers at once to each destination.",
    ),
    Key::of_flow(
        "worker.batch",
        "100",
        Takes::Count(1, keep_count!(worker.batch)),
        "How many conversations are archived together.",
    ),
    Key::of_flow(
        "worker.heartbeat",
        "90s",
        Takes::Deadline(keep!(worker.heartbeat)),
        "How long after a worker's last sign of life it is told that none is there.",
    ),
];
