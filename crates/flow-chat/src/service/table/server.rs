//! How a bot is served on the web: [`SERVER`].

use crate::{
    Secret,
    service::{key::Key, mistake::Fault, parts::Listen, reading::Takes},
};

pub(super) const SERVER: &[Key] = &[
    Key::of_flow(
        "server.listen",
        "127.0.0.1:8080",
        Takes::Checked(Listen::RIGHT, |parts, text| {
            parts.server.listen = Listen::read(text)?;
            Ok(())
        }),
        "Where the server listens. With `0.0.0.0` it can be reached from other machines: put it behind what speaks TLS.",
    ),
    Key::of_flow(
        "server.unready",
        "0s",
        Takes::Time(keep!(server.unready)),
        "How long the server still takes requests when it is told to end, while `/readyz` says already that it is not ready: as long \
         as what stands before it needs to send them elsewhere.",
    ),
    Key::of_flow(
        "server.patience",
        "10s",
        Takes::Deadline(keep!(server.patience)),
        "How long what is under way is waited for then, before it is cut off.",
    ),
    Key::of_flow(
        "server.monitoring_token",
        "",
        Takes::Hidden("a text of at least 16 bytes", |parts, text| {
            let weak = |_| Fault::new("fewer than 16 bytes", "make one with `openssl rand -hex 16`");
            parts.server.monitoring_token = Some(Secret::new(text).map_err(weak)?);
            Ok(())
        }),
        "What a request shows as its bearer token to read `/metrics`, and which part is away at `/readyz`. Nobody does unless it is \
         set.",
    ),
    Key::of_flow(
        "server.body",
        "32 KiB",
        Takes::Size(keep!(server.body)),
        "How many bytes the body of a request may have.",
    ),
    Key::of_flow(
        "server.body_time",
        "10s",
        Takes::Deadline(keep!(server.body_time)),
        "How long a body may take to arrive.",
    ),
    Key::of_flow(
        "server.header_time",
        "10s",
        Takes::Deadline(keep!(server.header_time)),
        "How long the head of a request may take to arrive.",
    ),
    Key::of_flow(
        "server.headers",
        "64",
        Takes::Count(1, keep_count!(server.headers)),
        "How many headers a request may have.",
    ),
    Key::of_flow(
        "server.connections",
        "12000",
        Takes::Count(1, keep_count!(server.connections)),
        "How many connections are open at once; the next wait to be taken.",
    ),
    Key::of_flow(
        "server.streams",
        "10000",
        Takes::Count(1, keep_count!(server.streams)),
        "How many streams of replies are open at once: one for each tab with the chat in it.",
    ),
    Key::of_flow(
        "server.streams_each",
        "16",
        Takes::Count(1, keep_count!(server.streams_each)),
        "How many of them for one conversation.",
    ),
    Key::of_flow(
        "server.burst",
        "20",
        Takes::Count(1, keep!(server.burst)),
        "How many messages a conversation's visitor may send at once.",
    ),
    Key::of_flow(
        "server.pause",
        "500ms",
        Takes::Deadline(keep!(server.pause)),
        "After how long the visitor may send one more.",
    ),
];
