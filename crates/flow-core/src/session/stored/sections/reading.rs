//! What the sections of a body say, as a [`Body`].

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use super::{
    super::body::{Body, FrameBody, Text},
    ERRANDS, HISTORY, KEPT_TRIES, KNOWN_IDS, OWN_IDLE, PAUSE, SAID, SEEN, SHELF, STACK, Sections, TIMES, TODO, TRIED,
};
use crate::{
    Address,
    declare::graph::Graph,
    session::{
        Errand, History, KnownIds, Past, SaidLog, SeenLog, Shelf, Taken, Todo, Trail, Visit,
        frames::Why,
        laid::reading::{Broken, Read, Reader},
    },
};

impl<'b> Sections<'b> {
    fn json<T: DeserializeOwned>(&self, number: u8) -> Read<Option<T>> {
        match self.content(number).0 {
            [] => Ok(None),
            content => serde_json::from_slice(content).map(Some).map_err(|_| Broken),
        }
    }

    /// What the body says. Names that this graph knows are taken from it.
    pub(in crate::session::stored) fn read(self, graph: Option<&'static Graph>) -> Read<Body<'b>> {
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
        let mut frames = frames.list(Reader::long)?.into_iter();
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
