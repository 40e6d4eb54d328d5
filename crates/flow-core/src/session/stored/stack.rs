//! What stands on top of a session's own flow, as a record has it.
//!
//! Each frame says its flow and that flow's version, so that each is read, and refused, as a flow of its own. Which flow it is
//! follows from what lies below it: what is there by another name is not read as if it were that.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{Visit, data::read_any_state};
use crate::{
    Unreadable,
    declare::{AnyShared, AnyState, Kind},
    session::{
        frames::{Frame, Question, Why},
        trail::Trail,
    },
};

/// A frame, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenFrame<'s> {
    flow: &'static str,
    flow_version: u32,
    why: &'s Why,
    current: &'static str,
    data: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "is_zero")]
    tries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<&'s Visit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<&'s [Value]>,
    #[serde(skip_serializing_if = "Trail::is_empty")]
    trail: &'s Trail,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}

impl<'s> WrittenFrame<'s> {
    /// The frame as it is written.
    ///
    /// Fails if its state or what is shared cannot be written as JSON, or would not read back.
    pub(super) fn of(frame: &'s Frame) -> Result<Self, serde_json::Error> {
        let Frame { kind, why, state, shared, question, trail } = frame;
        let data = readable_text(&**state)?;
        let shared = shared.as_deref().map(AnyShared::text).transpose()?;
        Ok(Self {
            flow: kind.graph.name,
            flow_version: kind.graph.version,
            why,
            current: state.name(),
            data,
            shared,
            tries: question.tries,
            visit: question.visit.as_ref(),
            offered: question.offered.as_deref(),
            trail,
        })
    }
}

/// What the state holds, without its name.
///
/// Fails if it cannot be written, or would not read back: a value that serde writes and does not read (NaN, a depth beyond its bound)
/// would lock the visitor out.
pub(super) fn readable_text(state: &dyn AnyState) -> Result<Box<RawValue>, serde_json::Error> {
    let data = state.text()?;
    (state.kind().read_text)(state.index(), data.get())?;
    Ok(data)
}

/// A frame, as it is read: all but the state, whose form depends on its name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadFrame<'r> {
    #[serde(borrow)]
    flow: Cow<'r, str>,
    flow_version: u32,
    why: Why,
    #[serde(borrow)]
    current: Cow<'r, str>,
    #[serde(borrow)]
    data: &'r RawValue,
    #[serde(borrow, default)]
    shared: Option<&'r RawValue>,
    #[serde(default)]
    tries: u32,
    visit: Option<Visit>,
    offered: Option<Vec<Value>>,
    #[serde(default)]
    trail: Trail,
}

/// The frames that a record has on top of a state of the session's own flow.
///
/// Fails if one of them is of a flow that does not run there any more, is of a later version of it, or cannot be read.
pub(super) fn read_stack(own: &dyn AnyState, written: Vec<ReadFrame<'_>>) -> Result<Vec<Frame>, Unreadable> {
    let mut frames: Vec<Frame> = Vec::with_capacity(written.len());
    for read in written {
        let kind = kind_of(own, &frames, &read.why).ok_or(Unreadable::NoInnerFlow)?;
        if kind.graph.name != read.flow {
            return Err(Unreadable::NoInnerFlow);
        }
        is_spoken(kind, read.flow_version)?;
        let state = read_any_state(kind, &read.current, |index| (kind.read_text)(index, read.data.get()))?;
        let shared = match (&read.why, read.shared) {
            (Why::Run, Some(text)) => Some((kind.read_shared)(text.get()).map_err(Unreadable::corrupt)?),
            (Why::Run, None) => Some((kind.nothing_shared)()),
            (Why::Correction(_) | Why::Aside(_), _) => None,
        };
        let question = Question { tries: read.tries, visit: read.visit, offered: read.offered };
        frames.push(Frame { kind, why: read.why, state, shared, question, trail: read.trail });
    }
    Ok(frames)
}

/// A state above a session's own, as a checkpoint of it has it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inner {
    flow: String,
    flow_version: u32,
    why: Why,
    current: String,
    data: Value,
}

impl Inner {
    pub(super) fn of(frame: &Frame) -> Result<Self, serde_json::Error> {
        let (flow, flow_version) = (frame.kind.graph.name.to_owned(), frame.kind.graph.version);
        let current = frame.state.name().to_owned();
        Ok(Self { flow, flow_version, why: frame.why.clone(), current, data: frame.state.value()? })
    }

    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    pub(crate) fn data(&self) -> &Value {
        &self.data
    }
}

/// The states that a checkpoint has on top of one of the session's own flow.
///
/// Fails as [`read_stack`] does.
pub(super) fn read_inner(own: &dyn AnyState, written: &[Inner]) -> Result<Vec<Box<dyn AnyState>>, Unreadable> {
    let mut frames: Vec<Frame> = Vec::with_capacity(written.len());
    for inner in written {
        let kind = kind_of(own, &frames, &inner.why).filter(|kind| kind.graph.name == inner.flow);
        let kind = kind.ok_or(Unreadable::NoInnerFlow)?;
        is_spoken(kind, inner.flow_version)?;
        let state = read_any_state(kind, &inner.current, |index| (kind.read_value)(index, &inner.data))?;
        frames.push(Frame::beside(inner.why.clone(), state));
    }
    Ok(frames.into_iter().map(|frame| frame.state).collect())
}

/// Fails if what was written is of a later version of the flow.
fn is_spoken(kind: &Kind, found: u32) -> Result<(), Unreadable> {
    let spoken = kind.graph.version;
    if found > spoken { Err(Unreadable::UnsupportedVersion { found, spoken }) } else { Ok(()) }
}

/// The flow that a frame is of that is there for this reason, on top of these.
fn kind_of(own: &dyn AnyState, below: &[Frame], why: &Why) -> Option<&'static Kind> {
    let state_at = |depth: usize| match depth.checked_sub(1) {
        None => Some(own),
        Some(index) => below.get(index).map(|frame| &*frame.state),
    };
    match why {
        Why::Run => {
            let state = state_at(below.len())?;
            state.kind().run_by(state.index())
        }
        Why::Correction(_) => Some(state_at(below.len())?.kind()),
        Why::Aside(depth) => Some(state_at(*depth)?.kind()),
    }
}
