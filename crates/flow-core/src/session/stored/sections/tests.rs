//! What becomes of a body that is laid out and read, also of one that was tampered with or is of a later release.

use chrono::DateTime;
use serde_json::{Value, json};

use super::{super::body::Body, *};
use crate::session::laid::writing;

/// A body with everything that one can say, as JSON has it.
fn full() -> Value {
    let (id, at) = ("9f1c0000-0000-4000-8000-000000000000", "2026-01-01T00:00:00.000123456Z");
    let moment = json!([at, 3, id, 1]);
    let pending = json!({ "version": 2, "writeId": id, "index": 1, "at": at, "archive": true, "what": {
        "checkpoint": { "current": "A", "data": { "x": 1 }, "shared": null } } });
    let reply = json!([{ "text": "hello" }]);
    json!({
        "flow": "booking", "flowVersion": 3, "current": "A", "data": { "name": "Ana" },
        "history": [
            { "from": null, "to": "A", "by": "opened", "at": at },
            { "from": "A", "to": "B/C", "by": "message", "at": at, "operator": { "name": "ana", "reason": "why" } },
        ],
        "past": { "steps": 7, "conversations": 2 },
        "createdAt": at, "updatedAt": "2026-01-02T00:00:00Z", "lapsedAt": at,
        "ownIdle": { "after": 60_000_000 }, "lang": "de", "address": { "channel": "telegram", "place": "chat 1" },
        "shared": { "salon": 1 }, "tries": 2,
        "seen": [
            { "id": "m1", "version": 2, "replies": reply },
            { "id": { "own": id }, "version": 3, "replies": [] },
        ],
        "known": "AAAAAAAAAAAAAAAA",
        "trail": ["A", { "state": "B", "cut": { "rows": 2 } }],
        "stack": [{
            "flow": "address", "flowVersion": 1, "why": { "correction": "street" }, "current": "STREET", "data": [1],
            "shared": {}, "tries": 1, "visit": { "id": "AAAAAAAA", "offered": ["x"] }, "offered": [1], "trail": ["ZIP"],
        }],
        "keptTries": { "A": 1 }, "visit": { "id": "BAAAAAAA" },
        "taken": { "choice": "~BAAAAAAABBBBBA", "version": 3 }, "offered": [],
        "pause": { "since": at, "by": { "name": "ana", "reason": "why" } },
        "todo": {
            "pending": [pending],
            "deliveries": { "checkpoints": { "tries": 1, "notBefore": at, "isClaimed": true, "reaches": 3, "doubted": [2, 1] } },
            "setAside": [{ "pending": pending, "at": at, "error": "no", "final": true }],
            "timers": [
                { "ring": { "after": 60 }, "version": 2, "writeId": id, "at": at },
                { "ring": { "inside": [1, { "reminder": "call" }] }, "version": 2, "writeId": id, "at": at, "againAt": at, "tries": 2 },
            ],
            "tellExpiry": true,
            "archiving": { "last": { "version": 1, "writeId": id }, "steps": 4, "dueAt": at, "refused": "no", "checkpoints": [pending] },
        },
        "tried": { "name": "00000000000000000000000000000001", "tries": 2 }, "lettersAt": at,
        "once": [{ "turn": "m2", "name": "charge", "at": at, "answer": { "ok": true } }],
        "said": [{ "moment": moment, "by": "visitor", "state": "A", "kind": "text", "text": "hi", "bytes": 2 }],
        "shelf": { "gone": 1, "replies": [{ "at": at, "by": id, "reply": { "text": "hello" } }] },
    })
}

fn laid(body: &Body<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    body.lay(&mut out).expect("a body");
    out
}

fn read(bytes: &[u8]) -> Result<Body<'_>, Unreadable> {
    Ok(Sections::of(bytes)?.read(None)?)
}

/// The same body with these sections of a later release.
fn with_later(bytes: &[u8], later: &[(u8, &[u8])]) -> Vec<u8> {
    let mut sections: Vec<(u8, Vec<u8>)> = later.iter().map(|(tag, content)| (*tag, content.to_vec())).collect();
    let mut reader = Reader(bytes);
    while !reader.is_done() {
        sections.push((reader.byte().expect("a tag"), reader.long().expect("a content").to_vec()));
    }
    sections.sort_by_key(|(tag, _)| tag & !CLASS);
    let mut out = Vec::new();
    for (tag, content) in sections {
        out.push(tag);
        let laid = writing::long(&mut out, |out| {
            out.extend(content);
            Ok::<_, ()>(())
        });
        assert!(laid.is_ok());
    }
    out
}

#[test]
fn everything_that_a_body_says_reads_back() {
    let json = full().to_string();
    let body: Body<'_> = serde_json::from_str(&json).expect("a body");
    let bytes = laid(&body);
    let again = read(&bytes).expect("a body");
    assert_eq!(serde_json::to_value(&again).expect("JSON"), serde_json::to_value(&body).expect("JSON"));
    assert_eq!(laid(&again), bytes);
    assert!(bytes.len() * 2 < json.len(), "{} of {}", bytes.len(), json.len());
    let sections = Sections::of(&bytes).expect("sections");
    assert_eq!((sections.flow(), sections.current()), (Ok(("booking", 3)), Ok("A".to_owned())));
}

#[test]
fn what_is_said_of_a_session_that_has_just_begun_is_little() {
    let at = DateTime::from_timestamp(1_767_225_600, 123_000).expect("a time");
    let text = format!(
        r#"{{"flow":"f","flowVersion":1,"current":"A","data":{{}},"history":[],"createdAt":"{0}","updatedAt":"{0}",
        "lang":null,"shared":null,"tries":0,"seen":[],"trail":[],"todo":{{"pending":[]}}}}"#,
        at.to_rfc3339()
    );
    let body: Body<'_> = serde_json::from_str(&text).expect("a body");
    let bytes = laid(&body);
    assert!(bytes.len() < 60, "{}", bytes.len());
    assert_eq!(laid(&read(&bytes).expect("a body")), bytes);
}

#[test]
fn a_section_of_a_later_release_is_kept_or_left_out_or_refused() {
    let json = full().to_string();
    let bytes = laid(&serde_json::from_str(&json).expect("a body"));
    let kept: [(u8, &[u8]); 3] = [(20, b"text"), (31, b"more"), (62, b"\0\xff")];
    let with_kept = with_later(&bytes, &kept);
    assert_eq!(laid(&read(&with_kept).expect("a body")), with_kept);
    let left_out = with_later(&bytes, &[(0x14 | IS_LEFT_OUT, b"text"), (0x28 | IS_LEFT_OUT, b"x")]);
    assert_eq!(laid(&read(&left_out).expect("a body")), bytes);
    let refused = with_later(&bytes, &[(20, b"text"), (0x32 | IS_REFUSED, b"x")]);
    assert_eq!(read(&refused).err(), Some(Unreadable::LaterSection(50)));
    for (tag, content) in
        [(0x14 | CLASS, &b"x"[..]), (20, b""), (NAMES, b"twice"), (TODO | IS_LEFT_OUT, b"x"), (0, b"x")]
    {
        let broken = with_later(&bytes, &[(tag, content)]);
        assert!(read(&broken).is_err_and(|error| error.is_damage()), "{tag}");
    }
}

#[test]
fn no_bytes_are_taken_on_trust() {
    let json = full().to_string();
    let bytes = laid(&serde_json::from_str(&json).expect("a body"));
    for place in 0..bytes.len() {
        let _ = read(&bytes[..place]);
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[place].wrapping_add(1), bytes[place] ^ 0x40] {
            let mut other = bytes.clone();
            other[place] = value;
            if let Ok(body) = read(&other) {
                // What was read can be written, and is read again.
                assert!(read(&laid(&body)).is_ok(), "{place}: {value}");
            }
        }
    }
    let mut random = fastrand::Rng::with_seed(18);
    for _ in 0..20_000 {
        let mut other = bytes.clone();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(..other.len());
            match random.u8(..3) {
                0 => other[place] = random.u8(..),
                1 => drop(other.remove(place)),
                _ => other.insert(place, random.u8(..)),
            }
        }
        let _ = read(&other).map(|body| laid(&body));
    }
}
