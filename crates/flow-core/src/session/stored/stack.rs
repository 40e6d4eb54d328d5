//! What stands on top of a session's own flow, as a record has it.
//!
//! Each frame says its flow and that flow's version, so that each is read, and refused, as a flow of its own. Which flow it is
//! follows from what lies below it: what is there by another name is not read as if it were that.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    body::{FrameBody, Text},
    data::read_any_state,
};
use crate::{
    Unreadable,
    declare::{AnyShared, AnyState, Kind},
    session::frames::{Frame, Question, Why},
};

/// The frame as a record has it.
///
/// Fails if its state or what is shared cannot be written as JSON, or would not read back.
pub(super) fn frame_body(frame: &Frame) -> Result<FrameBody<'_>, serde_json::Error> {
    let Frame { kind, why, state, shared, question, trail } = frame;
    Ok(FrameBody {
        flow: kind.graph.name.into(),
        flow_version: kind.graph.version,
        why: Cow::Borrowed(why),
        current: state.name().into(),
        data: state.text()?.into(),
        shared: shared.as_deref().map(AnyShared::text).transpose()?.map(Into::into),
        tries: question.tries,
        visit: question.visit.as_ref().map(Cow::Borrowed),
        offered: question.offered.as_deref().map(Cow::Borrowed),
        trail: Cow::Borrowed(trail),
    })
}

/// The frames that a record has on top of a state of the session's own flow.
///
/// Fails if one of them is of a flow that does not run there any more, is of a later version of it, or cannot be read.
pub(super) fn read_stack(own: &dyn AnyState, written: Vec<FrameBody<'_>>) -> Result<Vec<Frame>, Unreadable> {
    let mut frames: Vec<Frame> = Vec::with_capacity(written.len());
    for read in written {
        let kind = kind_of(own, &frames, &read.why).ok_or(Unreadable::NoInnerFlow)?;
        if kind.graph.name != read.flow {
            return Err(Unreadable::NoInnerFlow);
        }
        is_spoken(kind, read.flow_version)?;
        let state = read_any_state(kind, &read.current, |index| (kind.read_text)(index, &read.data.0))?;
        let why = read.why.into_owned();
        let shared = match (&why, read.shared) {
            (Why::Run, Some(Text(text))) => Some((kind.read_shared)(&text).map_err(Unreadable::corrupt)?),
            (Why::Run, None) => Some((kind.nothing_shared)()),
            (Why::Correction(_) | Why::Aside(_), _) => None,
        };
        let question = Question {
            tries: read.tries,
            visit: read.visit.map(Cow::into_owned),
            offered: read.offered.map(Cow::into_owned),
        };
        frames.push(Frame { kind, why, state, shared, question, trail: read.trail.into_owned() });
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
