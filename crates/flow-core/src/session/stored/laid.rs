//! The body of a record as it is laid into bytes: sections, each with its length.
//!
//! | section | what |
//! | --- | --- |
//! | 1 | the flow and its version; then the names of states, which all else speaks of by their place |
//! | 2 | the states that it stands in, with what they hold and share as JSON, their questions and their ways back |
//! | 3 | times, language, address |
//! | 4 | what is to be done: deliveries, timers, dead letters, archiving |
//! | 5 | the last messages, with what was replied |
//! | 6, 7 | what was said, and what waits to be collected |
//! | 8 – 12 | what few sessions have, as JSON: a pause, an idle expiry of its own, tries, errands, a letter that is tried |
//! | 32 | the messages before those, by hashes |
//! | 33 | the history |
//!
//! A section is its number, which rises, with its class in the two highest bits; its length in three bytes; and its content, which
//! is never empty. Those from 32 on are bytes in which nothing repeats.
//!
//! The class says what a release does that does not know the section: it keeps it (0), or leaves it out at its next write (1), or reads
//! the record no further (2). Nothing is ever added to a section: what is new is a section of its own.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Error;

use super::body::{Body, FrameBody, Text};
use crate::{
    Address, Unreadable,
    declare::graph::Graph,
    session::{
        Errand, History, KnownIds, Past, SaidLog, SeenLog, Shelf, Taken, Todo, Trail, Visit,
        frames::Why,
        laid::{
            reading::{Broken, Read, Reader},
            writing,
        },
        names::Names,
    },
};

const NAMES: u8 = 1;
const STACK: u8 = 2;
const TIMES: u8 = 3;
const TODO: u8 = 4;
const SEEN: u8 = 5;
const SAID: u8 = 6;
const SHELF: u8 = 7;
const PAUSE: u8 = 8;
const OWN_IDLE: u8 = 9;
const KEPT_TRIES: u8 = 10;
const ERRANDS: u8 = 11;
const TRIED: u8 = 12;
const KNOWN_IDS: u8 = 32;
const HISTORY: u8 = 33;

/// What is a section's class in the byte that it begins with.
const CLASS: u8 = 0xc0;
const IS_LEFT_OUT: u8 = 0x40;
const IS_REFUSED: u8 = 0x80;

/// How many sections there may be.
const SECTIONS: usize = 64;

/// Where the sections of a body lie.
pub(super) struct Sections<'b> {
    contents: [&'b [u8]; SECTIONS],
    /// Those that are kept though they are not known, as they stand.
    later: Cow<'b, [u8]>,
}

impl<'b> Sections<'b> {
    pub(super) fn of(body: &'b [u8]) -> Result<Self, Unreadable> {
        let (mut reader, mut last) = (Reader(body), 0);
        let mut sections = Self { contents: [&[]; SECTIONS], later: Cow::default() };
        while !reader.is_done() {
            let whole = reader.0;
            let tag = reader.byte()?;
            let (class, number, content) = (tag & CLASS, tag & !CLASS, reader.long()?);
            if number <= last || content.is_empty() {
                return Err(Broken.into());
            }
            last = number;
            match (class, is_known(number)) {
                (0, true) => sections.contents[usize::from(number)] = content,
                (0, false) => {
                    let length = whole.len() - reader.0.len();
                    sections.later.to_mut().extend_from_slice(&whole[..length]);
                }
                (IS_LEFT_OUT, false) => {}
                (IS_REFUSED, false) => return Err(Unreadable::LaterSection(number)),
                _ => return Err(Broken.into()),
            }
        }
        Ok(sections)
    }

    fn content(&self, number: u8) -> Reader<'b> {
        Reader(self.contents[usize::from(number)])
    }

    /// The flow that the body is of, and that flow's version.
    pub(super) fn flow(&self) -> Read<(&'b str, u32)> {
        let mut names = self.content(NAMES);
        Ok((names.text()?, names.small()?))
    }

    fn names(&self) -> Read<Names> {
        let mut names = self.content(NAMES);
        names.bytes()?;
        names.number()?;
        Names::read(names.0)
    }

    /// The name of the state of the session's own flow.
    pub(super) fn current(&self) -> Read<String> {
        let mut stack = self.content(STACK);
        stack.number()?;
        let place = Reader(stack.long()?).size()?;
        self.names()?.iter().nth(place).map(ToOwned::to_owned).ok_or(Broken)
    }

    fn json<T: DeserializeOwned>(&self, number: u8) -> Read<Option<T>> {
        match self.content(number).0 {
            [] => Ok(None),
            content => serde_json::from_slice(content).map(Some).map_err(|_| Broken),
        }
    }

    /// What the body says. Names that this graph knows are taken from it.
    pub(super) fn read(self, graph: Option<&'static Graph>) -> Read<Body<'b>> {
        let (flow, flow_version) = self.flow()?;
        let laid_names = self.names()?;
        let name = |name: &str| match graph.and_then(|graph| graph.states.iter().find(|node| node.name == name)) {
            Some(node) => Cow::Borrowed(node.name),
            None => Cow::Owned(name.to_owned()),
        };
        let names: Vec<Cow<'static, str>> = laid_names.iter().map(name).collect();
        let times = Times::read(self.content(TIMES))?;
        let created_at = times.created_at;
        let mut frames = self.content(STACK);
        let mut frames = frames.list(|frames| frames.long())?.into_iter();
        let own = OwnFrame::read(frames.next().ok_or(Broken)?, &names)?;
        let stack = frames.map(|frame| read_frame(frame, &names)).collect::<Read<_>>()?;
        let mut todo = self.content(TODO);
        let read_todo = if todo.is_done() { Todo::default() } else { Todo::read(&mut todo, created_at)? };
        todo.ends()?;
        Ok(Body {
            flow: flow.into(),
            flow_version,
            current: own.asked.current,
            data: own.asked.data,
            history: Cow::Owned(History::read(self.content(HISTORY).0, laid_names, created_at)?),
            past: times.past,
            created_at,
            updated_at: times.updated_at,
            lapsed_at: times.lapsed_at,
            own_idle: self.json(OWN_IDLE)?,
            lang: times.language.map(Cow::Borrowed),
            address: times.address.map(Cow::Owned),
            shared: own.asked.shared.ok_or(Broken)?,
            tries: own.asked.tries,
            seen: Cow::Owned(SeenLog::read(self.content(SEEN).0)?),
            known_ids: Cow::Owned(KnownIds::read(self.content(KNOWN_IDS).0)?),
            trail: Some(Cow::Owned(own.asked.trail)),
            stack,
            kept_tries: Cow::Owned(self.json(KEPT_TRIES)?.unwrap_or_default()),
            visit: own.asked.visit.map(Cow::Owned),
            taken: own.taken,
            offered: own.asked.offered.map(Cow::Owned),
            pause: self.json(PAUSE)?.map(Cow::Owned),
            todo: Cow::Owned(read_todo),
            tried: self.json(TRIED)?,
            letters_at: times.letters_at,
            once: Cow::Owned(self.json::<Vec<Errand>>(ERRANDS)?.unwrap_or_default()),
            said: Cow::Owned(SaidLog::read(self.content(SAID))?),
            shelf: Cow::Owned(Shelf::read(self.content(SHELF))?),
            expires_at: None,
            hold: None,
            later: self.later,
        })
    }
}

fn is_known(number: u8) -> bool {
    matches!(number, NAMES..=TRIED | KNOWN_IDS | HISTORY)
}

/// What section 3 says.
struct Times<'b> {
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    lapsed_at: Option<DateTime<Utc>>,
    letters_at: Option<DateTime<Utc>>,
    past: Past,
    language: Option<&'b str>,
    address: Option<Address>,
}

impl<'b> Times<'b> {
    fn read(mut reader: Reader<'b>) -> Read<Self> {
        let created_at = reader.time(DateTime::UNIX_EPOCH)?;
        let times = Self {
            created_at,
            updated_at: reader.time(created_at)?,
            lapsed_at: reader.option(|reader| reader.time(created_at))?,
            letters_at: reader.option(|reader| reader.time(created_at))?,
            past: Past { steps: reader.number()?, conversations: reader.number()? },
            language: reader.option(Reader::text)?,
            address: reader.option(|reader| Ok(Address::new(reader.text()?, reader.text()?)))?,
        };
        reader.ends()?;
        Ok(times)
    }
}

/// What stands of a state that asks, whichever flow it is of.
struct Asked<'b> {
    current: Cow<'static, str>,
    data: Text<'b>,
    shared: Option<Text<'b>>,
    tries: u32,
    visit: Option<Visit>,
    offered: Option<Vec<serde_json::Value>>,
    trail: Trail,
}

impl<'b> Asked<'b> {
    fn read(reader: &mut Reader<'b>, names: &[Cow<'static, str>]) -> Read<Self> {
        let text = |reader: &mut Reader<'b>| {
            let text = str::from_utf8(reader.long()?).map_err(|_| Broken)?;
            Ok(Text(text.into()))
        };
        Ok(Self {
            current: names.get(reader.size()?).cloned().ok_or(Broken)?,
            data: text(reader)?,
            shared: reader.option(text)?,
            tries: reader.small()?,
            visit: reader.option(Visit::read)?,
            offered: reader.option(|reader| serde_json::from_slice(reader.long()?).map_err(|_| Broken))?,
            trail: Trail::read(reader, names)?,
        })
    }
}

struct OwnFrame<'b> {
    asked: Asked<'b>,
    taken: Option<Taken>,
}

impl<'b> OwnFrame<'b> {
    fn read(frame: &'b [u8], names: &[Cow<'static, str>]) -> Read<Self> {
        let mut reader = Reader(frame);
        let own = Self { asked: Asked::read(&mut reader, names)?, taken: reader.option(Taken::read)? };
        reader.ends()?;
        Ok(own)
    }
}

fn read_frame<'b>(frame: &'b [u8], names: &[Cow<'static, str>]) -> Read<FrameBody<'b>> {
    let mut reader = Reader(frame);
    let Asked { current, data, shared, tries, visit, offered, trail } = Asked::read(&mut reader, names)?;
    let body = FrameBody {
        flow: reader.text()?.into(),
        flow_version: reader.small()?,
        why: Cow::Owned(Why::read(&mut reader)?),
        current,
        data,
        shared,
        tries,
        visit: visit.map(Cow::Owned),
        offered: offered.map(Cow::Owned),
        trail: Cow::Owned(trail),
    };
    reader.ends()?;
    Ok(body)
}

/// The same, to be written.
struct Asking<'b> {
    current: &'b str,
    data: &'b Text<'b>,
    shared: Option<&'b Text<'b>>,
    tries: u32,
    visit: Option<&'b Visit>,
    offered: Option<&'b [serde_json::Value]>,
    trail: Option<&'b Trail>,
}

impl Asking<'_> {
    fn lay(&self, out: &mut Vec<u8>, names: &mut Names) -> Result<(), Error> {
        writing::size(out, names.place_of(self.current));
        lay_text(out, self.data)?;
        out.push(self.shared.is_some().into());
        self.shared.map_or(Ok(()), |shared| lay_text(out, shared))?;
        writing::number(out, self.tries.into());
        out.push(self.visit.is_some().into());
        self.visit.map_or(Ok(()), |visit| visit.lay(out))?;
        out.push(self.offered.is_some().into());
        self.offered.map_or(Ok(()), |offered| writing::long(out, |out| serde_json::to_writer(out, offered)))?;
        match self.trail {
            Some(trail) => trail.lay(out, names),
            None => Trail::default().lay(out, names),
        }
    }
}

fn lay_text(out: &mut Vec<u8>, Text(text): &Text<'_>) -> Result<(), Error> {
    writing::long(out, |out| {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    })
}

impl Body<'_> {
    /// Lays the body behind what is written already.
    pub(super) fn lay(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        // All names are known only when the stack is laid, and stand before it.
        let mut names = self.history.names().clone();
        let mut stack = Vec::with_capacity(512);
        self.lay_stack(&mut stack, &mut names)?;
        let mut sections = Laying { out, later: Reader(&self.later) };
        sections.lay(NAMES, |out| {
            writing::bytes(out, self.flow.as_bytes());
            writing::number(out, self.flow_version.into());
            out.extend_from_slice(names.laid());
            Ok(())
        })?;
        sections.copy(STACK, &stack)?;
        sections.lay(TIMES, |out| {
            self.lay_times(out);
            Ok(())
        })?;
        if !self.todo.is_blank() {
            sections.lay(TODO, |out| self.todo.lay(out, self.created_at))?;
        }
        sections.copy(SEEN, self.seen.laid())?;
        sections.lay(SAID, |out| {
            self.said.lay(out);
            Ok(())
        })?;
        sections.lay(SHELF, |out| {
            self.shelf.lay(out);
            Ok(())
        })?;
        sections.json(PAUSE, self.pause.as_ref())?;
        sections.json(OWN_IDLE, self.own_idle.as_ref())?;
        sections.json(KEPT_TRIES, Some(&self.kept_tries).filter(|tries| !tries.is_empty()))?;
        sections.json(ERRANDS, Some(&self.once).filter(|once| !once.is_empty()))?;
        sections.json(TRIED, self.tried.as_ref())?;
        sections.copy(KNOWN_IDS, self.known_ids.laid())?;
        sections.lay(HISTORY, |out| {
            self.history.lay_steps(out, self.created_at);
            Ok(())
        })?;
        sections.lay_later(u8::MAX);
        Ok(())
    }

    fn lay_stack(&self, out: &mut Vec<u8>, names: &mut Names) -> Result<(), Error> {
        writing::size(out, 1 + self.stack.len());
        writing::long(out, |out| {
            let asking = Asking {
                current: &self.current,
                data: &self.data,
                shared: Some(&self.shared),
                tries: self.tries,
                visit: self.visit.as_deref(),
                offered: self.offered.as_deref(),
                trail: self.trail.as_deref(),
            };
            asking.lay(out, names)?;
            writing::option(out, self.taken, |out, taken| taken.lay(out));
            Ok(())
        })?;
        for frame in &self.stack {
            writing::long(out, |out| {
                let asking = Asking {
                    current: &frame.current,
                    data: &frame.data,
                    shared: frame.shared.as_ref(),
                    tries: frame.tries,
                    visit: frame.visit.as_deref(),
                    offered: frame.offered.as_deref(),
                    trail: Some(&frame.trail),
                };
                asking.lay(out, names)?;
                writing::bytes(out, frame.flow.as_bytes());
                writing::number(out, frame.flow_version.into());
                frame.why.lay(out);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn lay_times(&self, out: &mut Vec<u8>) {
        let base = self.created_at;
        writing::time(out, base, DateTime::UNIX_EPOCH);
        writing::time(out, self.updated_at, base);
        writing::option(out, self.lapsed_at, |out, at| writing::time(out, at, base));
        writing::option(out, self.letters_at, |out, at| writing::time(out, at, base));
        writing::number(out, self.past.steps);
        writing::number(out, self.past.conversations);
        writing::option(out, self.lang.as_deref(), |out, language| writing::bytes(out, language.as_bytes()));
        writing::option(out, self.address.as_deref(), |out, address| {
            writing::bytes(out, address.channel().as_bytes());
            writing::bytes(out, address.place().as_bytes());
        });
    }
}

/// The sections that are laid, with those of a later release between them, where their numbers have them.
struct Laying<'o, 'b> {
    out: &'o mut Vec<u8>,
    later: Reader<'b>,
}

impl Laying<'_, '_> {
    /// Lays a section; none if it would be empty.
    fn lay(&mut self, number: u8, content: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Result<(), Error> {
        self.lay_later(number);
        let begin = self.out.len();
        self.out.push(number);
        writing::long(self.out, content)?;
        if self.out.len() == begin + writing::LENGTH + 1 {
            self.out.truncate(begin);
        }
        Ok(())
    }

    fn copy(&mut self, number: u8, content: &[u8]) -> Result<(), Error> {
        self.lay(number, |out| {
            out.extend_from_slice(content);
            Ok(())
        })
    }

    fn json<T: Serialize>(&mut self, number: u8, content: Option<&T>) -> Result<(), Error> {
        self.lay(number, |out| content.map_or(Ok(()), |content| serde_json::to_writer(out, content)))
    }

    /// Lays those of a later release that stand before this number.
    fn lay_later(&mut self, number: u8) {
        while let Some(tag) = self.later.0.first().filter(|tag| *tag & !CLASS < number) {
            let mut rest = self.later;
            // They were read when the record was: what is left is whole.
            if rest.byte().is_err() || rest.long().is_err() {
                break;
            }
            let (length, _) = (self.later.0.len() - rest.0.len(), tag);
            self.out.extend_from_slice(&self.later.0[..length]);
            self.later = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;

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
            let _ = writing::long(&mut out, |out| Ok::<_, ()>(out.extend(content)));
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
            (at + TimeDelta::zero()).to_rfc3339()
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
        let left_out = with_later(&bytes, &[(20 | IS_LEFT_OUT, b"text"), (40 | IS_LEFT_OUT, b"x")]);
        assert_eq!(laid(&read(&left_out).expect("a body")), bytes);
        let refused = with_later(&bytes, &[(20, b"text"), (50 | IS_REFUSED, b"x")]);
        assert_eq!(read(&refused).err(), Some(Unreadable::LaterSection(50)));
        for (tag, content) in
            [(20 | CLASS, &b"x"[..]), (20, b""), (NAMES, b"twice"), (TODO | IS_LEFT_OUT, b"x"), (0, b"x")]
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
}
