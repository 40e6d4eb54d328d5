//! What stands on top of a session's own flow: flows that its states run, corrections, asides. One structure for all of it, a
//! stack of [`Frame`]s in the one record.
//!
//! Depth 0 is the session's own flow, whose state and shared data the session holds with their types. Above it their types are
//! forgotten. The topmost frame is the one that asks.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Session,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
    trail::Trail,
    visit::Visit,
};
use crate::{
    Flow,
    declare::{
        AnyShared, AnyState, Kind,
        graph::{Node, Shortcut},
    },
    privacy::Redaction,
};

/// A flow that a state below runs, or a correction or an aside of a flow below.
pub(super) struct Frame {
    pub(super) kind: &'static Kind,
    pub(super) why: Why,
    pub(super) state: Box<dyn AnyState>,
    /// What the states of its flow share; none of a correction and of an aside, which share what their flow does.
    pub(super) shared: Option<Box<dyn AnyShared>>,
    pub(super) question: Question,
    pub(super) trail: Trail,
}

/// Why a frame is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Why {
    /// The state below runs its flow.
    Run,
    /// This field of the state below is being corrected.
    Correction(String),
    /// Something was said aside, by a word of the flow at this depth.
    Aside(usize),
}

impl Why {
    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        match self {
            Self::Run => out.push(0),
            Self::Correction(field) => {
                out.push(1);
                writing::bytes(out, field.as_bytes());
            }
            Self::Aside(depth) => {
                out.push(2);
                writing::size(out, *depth);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        match reader.byte()? {
            0 => Ok(Self::Run),
            1 => Ok(Self::Correction(reader.text()?.to_owned())),
            2 => Ok(Self::Aside(reader.size()?)),
            _ => Err(Broken),
        }
    }
}

/// What is known of the question that a state asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    /// How many answers were rejected.
    pub(super) tries: u32,
    /// The visit of the state, if that has offered something.
    pub(super) visit: Option<Visit>,
    /// What the state has offered, as it was last asked, to be picked from; none if it offers nothing, or if an older release wrote the
    /// record.
    pub(super) offered: Option<Vec<Value>>,
}

impl Frame {
    /// A flow that the state below runs, in this state of it.
    pub(super) fn running(state: Box<dyn AnyState>) -> Self {
        let kind = state.kind();
        let shared = Some((kind.nothing_shared)());
        Self { kind, why: Why::Run, state, shared, question: Question::default(), trail: Trail::default() }
    }

    /// A correction or an aside of a flow below, in this state of it.
    pub(super) fn beside(why: Why, state: Box<dyn AnyState>) -> Self {
        Self { shared: None, why, ..Self::running(state) }
    }
}

impl Clone for Frame {
    fn clone(&self) -> Self {
        Self {
            kind: self.kind,
            why: self.why.clone(),
            state: self.state.copy(),
            shared: self.shared.as_deref().map(AnyShared::copy),
            question: self.question.clone(),
            trail: self.trail.clone(),
        }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("why", &self.why).field("state", &self.state).finish_non_exhaustive()
    }
}

impl<F: Flow> Session<F> {
    /// Where the conversation stands, by the names of states: `VISIT/STREET` is the state `STREET` of the flow that the state `VISIT`
    /// runs. A correction stands behind the state that is corrected, an aside behind the one that was interrupted.
    pub fn standing(&self) -> String {
        self.standing_at(self.depth())
    }

    /// The same, if it stands in more than a state of its own flow.
    pub(crate) fn standing_inside(&self) -> Option<String> {
        (self.depth() > 0).then(|| self.standing())
    }

    /// The same up to this depth.
    pub(crate) fn standing_at(&self, depth: usize) -> String {
        let mut standing = self.parts.state.name().to_owned();
        for frame in self.parts.frames.iter().take(depth) {
            standing.push('/');
            standing.push_str(frame.state.name());
        }
        standing
    }

    /// The states that the conversation stands in, one in another. The first is [`state`](Self::state).
    pub(crate) fn states(&self) -> impl DoubleEndedIterator<Item = &dyn AnyState> {
        let own: &dyn AnyState = &self.parts.state;
        std::iter::once(own).chain(self.parts.frames.iter().map(|frame| &*frame.state))
    }

    /// Everything that is shared by the flows that it runs, its own among them.
    pub(crate) fn all_shared(&self) -> impl Iterator<Item = &dyn AnyShared> {
        let own: &dyn AnyShared = &self.parts.shared;
        std::iter::once(own).chain(self.parts.frames.iter().filter_map(|frame| frame.shared.as_deref()))
    }

    /// The state in which it stands of this flow, which may be one that another runs; none if that flow is not under way.
    ///
    /// ```
    /// # use flow_core::{Flow, Session};
    /// # fn example<Visit: Flow, Address: Flow>(session: &Session<Visit>) {
    /// if let Some(address) = session.state_in::<Address>() {
    ///     println!("asks for {} of the address", address.name());
    /// }
    /// # }
    /// ```
    pub fn state_in<G: Flow>(&self) -> Option<&G> {
        self.states().rev().find_map(|state| state.as_flow::<G>())
    }

    /// Strikes out what is private in any of the states that it stands in, and what they share.
    pub(crate) fn redact(&self, redaction: Redaction) -> Redaction {
        let redaction = self.states().fold(redaction, |redaction, state| state.redact(redaction));
        let redaction = self.all_shared().fold(redaction, |redaction, shared| shared.redact(redaction));
        let left = (0..=self.depth()).flat_map(|depth| self.trail_at(depth).values());
        let redaction = left.fold(redaction, |redaction, value| redaction.and_all_of(&value));
        let offered = self.parts.frames.iter().filter_map(|frame| frame.question.offered.as_deref());
        offered.chain(self.parts.question.offered.as_deref()).flatten().fold(redaction, Redaction::and_all_of)
    }

    /// How deep it stands: 0 is its own flow.
    pub(crate) fn depth(&self) -> usize {
        self.parts.frames.len()
    }

    /// The state at this depth.
    pub(crate) fn state_at(&self, depth: usize) -> &dyn AnyState {
        match depth.checked_sub(1).and_then(|index| self.parts.frames.get(index)) {
            Some(frame) => &*frame.state,
            None => &self.parts.state,
        }
    }

    /// The state that asks.
    pub(crate) fn top(&self) -> &dyn AnyState {
        self.state_at(self.depth())
    }

    pub(crate) fn top_node(&self) -> &'static Node {
        self.top().node()
    }

    /// Why there is a frame at this depth; none of the session's own flow.
    pub(crate) fn why(&self, depth: usize) -> Option<&Why> {
        self.parts.frames.get(depth.checked_sub(1)?).map(|frame| &frame.why)
    }

    /// The depth at which the flow runs that the frame at this depth is of: of a correction or an aside, one below.
    pub(crate) fn base(&self, mut depth: usize) -> usize {
        loop {
            match self.why(depth) {
                Some(Why::Correction(_)) => depth -= 1,
                Some(Why::Aside(of)) if *of < depth => depth = *of,
                Some(Why::Run | Why::Aside(_)) | None => return depth,
            }
        }
    }

    /// What the states of the flow at this depth share.
    pub(crate) fn shared_at(&self, depth: usize) -> &dyn AnyShared {
        let base = self.base(depth).checked_sub(1);
        match base.and_then(|index| self.parts.frames.get(index)?.shared.as_deref()) {
            Some(shared) => shared,
            None => &self.parts.shared,
        }
    }

    /// Shares this between the states of the flow at this depth from now on, as the flow's own type has it.
    pub(crate) fn share_at(&mut self, depth: usize, shared: Box<dyn AnyShared>) {
        match self.base(depth).checked_sub(1) {
            Some(index) => {
                if let Some(frame) = self.parts.frames.get_mut(index) {
                    frame.shared = Some(shared);
                }
            }
            None => {
                if let Some(shared) = shared.into_shared() {
                    self.parts.shared = shared;
                }
            }
        }
    }

    /// Stands in this state at this depth, which is of the flow there, and where what is above is gone.
    pub(super) fn stand_in(&mut self, depth: usize, state: Box<dyn AnyState>) {
        match depth.checked_sub(1) {
            Some(index) => {
                if let Some(frame) = self.parts.frames.get_mut(index) {
                    frame.state = state;
                }
            }
            None => {
                if let Some(state) = state.into_flow() {
                    self.parts.state = state;
                }
            }
        }
    }

    /// Holds this data from now on, in the state where it stands at this depth. Going back changes nothing of it.
    pub(crate) fn keep_data(&mut self, depth: usize, state: Box<dyn AnyState>) {
        if self.state_at(depth).index() == state.index() {
            let was = self.state_at(depth).copy();
            self.trail_at_mut(depth).keep(&*was, &*state);
            self.stand_in(depth, state);
        }
    }

    /// Lays a frame on top, whose state is entered by that.
    pub(super) fn lay(&mut self, frame: Frame) {
        self.parts.frames.push(frame);
    }

    /// Takes off everything above this depth, with its timers.
    pub(crate) fn drop_above(&mut self, depth: usize) {
        if depth < self.depth() {
            self.parts.frames.truncate(depth);
            self.parts.todo.timers.retain(|timer| timer.purpose.depth() <= depth);
        }
    }

    pub(super) fn question(&self) -> &Question {
        self.question_at(self.depth())
    }

    fn question_at(&self, depth: usize) -> &Question {
        let frame = depth.checked_sub(1).and_then(|index| self.parts.frames.get(index));
        frame.map_or(&self.parts.question, |frame| &frame.question)
    }

    /// How many answers were rejected in the state at this depth so far.
    pub(crate) fn tries_at(&self, depth: usize) -> u32 {
        self.question_at(depth).tries
    }

    /// What the state at this depth has offered, as it was last asked; none if it offers nothing, or if that is not known.
    pub(crate) fn offered_at(&self, depth: usize) -> Option<&[Value]> {
        self.question_at(depth).offered.as_deref()
    }

    pub(super) fn question_mut(&mut self) -> &mut Question {
        match self.parts.frames.last_mut() {
            Some(frame) => &mut frame.question,
            None => &mut self.parts.question,
        }
    }

    pub(super) fn trail_mut(&mut self) -> &mut Trail {
        match self.parts.frames.last_mut() {
            Some(frame) => &mut frame.trail,
            None => &mut self.parts.trail,
        }
    }

    fn trail_at_mut(&mut self, depth: usize) -> &mut Trail {
        match depth.checked_sub(1).and_then(|index| self.parts.frames.get_mut(index)) {
            Some(frame) => &mut frame.trail,
            None => &mut self.parts.trail,
        }
    }

    pub(super) fn trail(&self) -> &Trail {
        self.trail_at(self.depth())
    }

    pub(super) fn trail_at(&self, depth: usize) -> &Trail {
        let frame = depth.checked_sub(1).and_then(|index| self.parts.frames.get(index));
        frame.map_or(&self.parts.trail, |frame| &frame.trail)
    }

    /// The word of a flow under way that this is, and at which depth: from the top down, the first flow that has it takes it.
    pub(crate) fn shortcut(&self, said: &str) -> Option<(usize, &'static Shortcut)> {
        (0..=self.depth()).rev().find_map(|depth| {
            let state = self.state_at(depth);
            state.kind().graph.shortcut(state.index(), said).map(|shortcut| (depth, shortcut))
        })
    }
}
