//! How a bot is served on the web: [`SERVER`].

use crate::{
    Secret,
    service::{
        key::Key,
        mistake::Fault,
        parts::{Listen, Reached},
        reading::Takes,
    },
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
        "server.url",
        "",
        Takes::Checked(
            "the address that browsers and platforms use, such as `https://salon.example`",
            |parts, text| {
                parts.server.url = Some(Reached::read(&text)?);
                Ok(())
            },
        ),
        "Where the bot is reached from outside: platforms are told to deliver there.",
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
        "server.head",
        "32 KiB",
        Takes::Size(keep!(server.head)),
        "How many bytes the head of a request may have, of which 8 KiB are the least.",
    ),
    Key::of_flow(
        "server.headers",
        "64",
        Takes::Count(1, keep_count!(server.headers)),
        "How many headers a request may have.",
    ),
    Key::of_flow(
        "server.unread_time",
        "30s",
        Takes::Deadline(keep!(server.unread_time)),
        "For how long a client may leave what is sent to it unread before the connection is closed.",
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
    Key::of_flow(
        "server.proxies",
        "",
        Takes::Checked("`none`, or how many proxies stand before the server", |parts, text| {
            let wrong = |_| Fault::new("no number of proxies", "it is `none`, or how many stand before the server");
            parts.server.proxies = Some(if text == "none" { 0 } else { text.parse::<u8>().map_err(wrong)?.into() });
            Ok(())
        }),
        "So that the server knows the addresses of its clients, and bounds what each takes. Unless it is set no header is trusted, \
         and clients behind a proxy are not bounded by their addresses.",
    ),
    Key::of_flow(
        "server.proxy_header",
        "",
        Takes::Checked("the name of a header such as `x-real-ip`", |parts, text| {
            let is_of_name = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
            if !text.bytes().all(is_of_name) {
                return Err(Fault::new("no name of a header", "it is one such as `x-real-ip`"));
            }
            parts.server.proxy_header = Some(text.to_ascii_lowercase());
            Ok(())
        }),
        "Where those proxies write whom a request is from, if not in `X-Forwarded-For`: `forwarded`, or a header with one address.",
    ),
    Key::of_flow(
        "server.address_connections",
        "2000",
        Takes::Count(1, keep_count!(server.address_connections)),
        "How many connections are open at once from one address, where clients connect themselves.",
    ),
    Key::of_flow(
        "server.address_streams",
        "1000",
        Takes::Count(1, keep_count!(server.address_streams)),
        "How many streams of replies are open at once from one address.",
    ),
    Key::of_flow(
        "server.address_burst",
        "400",
        Takes::Count(1, keep!(server.address_burst)),
        "How many messages may come from one address at once.",
    ),
    Key::of_flow(
        "server.address_pause",
        "50ms",
        Takes::Deadline(keep!(server.address_pause)),
        "After how long one more may.",
    ),
    Key::of_flow(
        "server.openings",
        "100",
        Takes::Count(1, keep!(server.openings)),
        "How many conversations one address may open at once.",
    ),
    Key::of_flow(
        "server.opening_pause",
        "500ms",
        Takes::Deadline(keep!(server.opening_pause)),
        "After how long it may open one more.",
    ),
    Key::of_flow(
        "server.origins",
        "",
        Takes::List(keep!(server.origins)),
        "The origins of other sites whose pages may have the chat in them, such as `https://salon.example`.",
    ),
    Key::of_flow(
        "server.ready_without_archive",
        "false",
        Takes::Switch(keep!(server.is_ready_without_archive)),
        "Whether `/readyz` says that the bot is ready while its archive is away.",
    ),
];
