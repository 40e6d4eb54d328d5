//! A [`Body`] as sections.

use chrono::DateTime;
use serde::Serialize;
use serde_json::Error;

use super::{
    super::body::{Body, Text},
    CLASS, ERRANDS, HISTORY, KEPT_TRIES, KNOWN_IDS, NAMES, OWN_IDLE, PAUSE, SAID, SEEN, SHELF, STACK, TIMES, TODO,
    TRIED,
};
use crate::session::{
    Trail, Visit,
    laid::{reading::Reader, writing},
    names::Names,
};

/// What stands of a state that asks, whichever flow it is of.
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
        Ok(())
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
    pub(in crate::session::stored) fn lay(&self, out: &mut Vec<u8>) -> Result<(), Error> {
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
