//! Where conversations are kept, and how servers are spoken to: [`PLACES`].

use crate::{
    Secret,
    service::{
        hidden::Hidden,
        key::Key,
        mistake::Fault,
        place::{Archiving, Place},
        reading::Takes,
    },
};

pub(super) const PLACES: &[Key] = &[
    Key::of_flow(
        "store",
        "",
        Takes::Hidden(Place::URLS, |parts, url| {
            parts.store = Some(Place::read(&url)?);
            Ok(())
        }),
        "Where live conversations are kept: it must be set. A plain path that begins with `/`, `./` or `../` is a SQLite file.",
    ),
    Key::of_flow(
        "archive",
        "",
        Takes::Hidden(Archiving::URLS, |parts, url| {
            parts.archive = Archiving::read(&url)?;
            Ok(())
        }),
        "Where conversations are kept for months: with the store unless set, or nowhere if that is Redis.",
    ),
    Key::of_flow(
        "store_password",
        "",
        Takes::Hidden("a text", hide_text!(servers.store_password)),
        "The password of the store's server, instead of the URL's.",
    ),
    Key::of_flow(
        "archive_password",
        "",
        Takes::Hidden("a text", hide_text!(servers.archive_password)),
        "The password of the archive's server, if that is not the store's.",
    ),
    Key::of_flow(
        "plaintext_hosts",
        "",
        Takes::List(keep!(servers.plaintext_hosts)),
        "Hosts that are spoken to in the clear, besides this machine: only on a network that nobody else hears.",
    ),
    Key::of_flow(
        "secret",
        "",
        Takes::Hidden("a text of at least 16 bytes", |parts, text| {
            parts.secret = Some(secret_of(text)?);
            Ok(())
        }),
        "The secret that session ids are derived under, and tokens of web chats are signed with. With it the ids of visitors can be \
         told; a new one leads to new conversations.",
    ),
    Key::of_flow(
        "previous_secret",
        "",
        Takes::Hidden("a text of at least 16 bytes", |parts, text| {
            parts.previous_secret = Some(secret_of(text)?);
            Ok(())
        }),
        "What `secret` was before: browsers whose tokens were signed with it still come back to their conversations.",
    ),
    Key::of_flow(
        "tls.authorities",
        "",
        Takes::File(hide!(servers.authorities)),
        "Certificates of the authorities that servers are trusted by, instead of the machine's.",
    ),
    Key::of_flow(
        "tls.certificate",
        "",
        Takes::File(hide!(servers.certificate)),
        "The certificate that is shown to servers.",
    ),
    Key::of_flow("tls.key", "", Takes::File(hide!(servers.key)), "The key of that certificate."),
    Key::of_flow(
        "sqlite.durability",
        "full",
        Takes::Word(&[
            ("full", |parts| parts.sqlite.is_relaxed = false),
            ("relaxed", |parts| parts.sqlite.is_relaxed = true),
        ]),
        "Whether an acknowledged turn survives a power cut, or only the end of the process.",
    ),
    Key::of_flow(
        "sqlite.deadline",
        "5s",
        Takes::Deadline(keep!(sqlite.deadline)),
        "How long a write waits for another process that writes to the file.",
    ),
    Key::of_flow(
        "redis.prefix",
        "",
        Takes::Text(keep!(redis.prefix)),
        "What every key begins with, so that bots share a server: letters, digits, `-`, `_`, `.` and `:`.",
    ),
    Key::of_flow(
        "redis.replicas",
        "0",
        Takes::Count(0, keep!(redis.replicas)),
        "How many replicas have a turn before it is acknowledged.",
    ),
    Key::of_flow(
        "redis.replicas_patience",
        "500ms",
        Takes::Deadline(keep!(redis.replicas_patience)),
        "How long those replicas are waited for; shorter than `redis.call_deadline`.",
    ),
    Key::of_flow(
        "redis.allow_eviction",
        "false",
        Takes::Switch(keep!(redis.allows_eviction)),
        "Whether a server is taken that gives up live conversations when its memory is full.",
    ),
    Key::of_flow(
        "redis.connect_deadline",
        "3s",
        Takes::Deadline(keep!(redis.connect_deadline)),
        "How long a connection may take to be made.",
    ),
    Key::of_flow(
        "redis.call_deadline",
        "700ms",
        Takes::Deadline(keep!(redis.call_deadline)),
        "How long one try of a call may take.",
    ),
    Key::of_flow(
        "postgres.schema",
        "flow",
        Takes::Text(keep!(postgres.schema)),
        "The schema of the tables, so that bots share a database: small letters, digits and `_`.",
    ),
    Key::of_flow(
        "postgres.connections",
        "10",
        Takes::Count(1, keep_count!(postgres.connections)),
        "How many connections a process makes at most; as many again if the archive is another database.",
    ),
    Key::of_flow(
        "postgres.connect_deadline",
        "3s",
        Takes::Deadline(keep!(postgres.connect_deadline)),
        "How long a connection may take to be made.",
    ),
    Key::of_flow(
        "postgres.call_deadline",
        "700ms",
        Takes::Deadline(keep!(postgres.call_deadline)),
        "How long one try of a call may take.",
    ),
    Key::of_flow(
        "memory.sessions",
        "100000",
        Takes::Count(1, keep_count!(memory.sessions)),
        "How many conversations there is room for in memory.",
    ),
    Key::of_flow(
        "memory.bytes",
        "256 MiB",
        Takes::Size(keep!(memory.bytes)),
        "How many bytes of conversations there is room for in memory.",
    ),
];

fn secret_of(text: String) -> Result<Secret, Fault> {
    Secret::new(text).map_err(|_| Fault::new("fewer than 16 bytes", "make one with `openssl rand -base64 32`"))
}
