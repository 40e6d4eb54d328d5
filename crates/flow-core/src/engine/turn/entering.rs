//! What a decision leads to: a state is entered, a flow begins in it or comes to an end, a correction is made. All of it in the one
//! draft of a turn, however deep flows nest.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Turns, asking::failed, draft::Draft, request::Stop};
use crate::{
    Cause, Failure, Flow, Reply,
    declare::{
        AnyState,
        graph::{EdgeKind, Role},
        reminder::Set,
    },
    engine::caught::caught_call,
    handler::{
        once::Errands,
        step::{Decided, Destination},
    },
    session::Why,
    talk::numbering::Numbering,
    wiring::BoxFuture,
};

/// How often states may begin the flows that they run in one turn.
const MOST_RUNS: u32 = 16;

/// Flows begin, one in another or one after another, and ask nothing.
#[derive(Debug, Error)]
#[error(
    "more than {MOST_RUNS} flows have begun in one turn, the last one in `{state}`: does one end again and again without asking anything?"
)]
struct Endless {
    state: &'static str,
}

/// A step that is to be taken.
pub(super) struct Going {
    pub(super) state: Box<dyn AnyState>,
    pub(super) by: Cause,
    /// How the declaration has it; none of what needs no declaration.
    pub(super) edge: Option<EdgeKind>,
    /// In the flow at this depth. What stands above is left.
    pub(super) depth: usize,
    /// What the state is entered with.
    pub(super) reminders: Vec<Set>,
}

impl Going {
    pub(super) fn to(state: Box<dyn AnyState>, by: Cause, edge: Option<EdgeKind>, depth: usize) -> Self {
        Self { state, by, edge, depth, reminders: Vec::new() }
    }
}

impl<F: Flow> Turns<F> {
    /// Does what a handler decided for the state at this depth.
    pub(super) fn follow<'t>(
        &'t self,
        draft: &'t mut Draft<F>,
        decided: Decided,
        by: Cause,
        depth: usize,
        errands: &'t dyn Errands,
    ) -> BoxFuture<'t, Result<(), Stop>> {
        // On the heap, since a flow that ends has the state decide that runs it.
        Box::pin(async move {
            let Decided { destination, shared, replies, effects, reminders } = decided;
            draft.session.share_at(depth, shared);
            let inner = (draft.session.base(depth) > 0).then(|| draft.session.state_at(depth).kind().graph.name);
            let said = self.numbered(draft, replies, &destination).await;
            draft.replies.extend(said);
            match destination {
                Destination::To(state) => {
                    let going = Going { reminders, ..Going::to(state, by, Some(EdgeKind::Handler), depth) };
                    self.go(draft, going, errands).await?;
                }
                Destination::Stay => draft.remind(depth, &reminders),
                Destination::HandOver(reason) => {
                    draft.hand_over(reason);
                    draft.remind(depth, &reminders);
                }
                Destination::Keep(state) => {
                    draft.session.keep_data(depth, state);
                    draft.remind(depth, &reminders);
                    if depth == draft.session.depth() && draft.session.pause().is_none() {
                        self.ask(draft).await?;
                    }
                }
                Destination::Correct(state, field) => {
                    let from = draft.session.standing();
                    draft.session.leave_above(depth, by);
                    draft.session.keep_data(depth, state);
                    draft.remind(depth, &reminders);
                    if draft.begin_correction(from, field) {
                        self.arrived(draft, errands).await?;
                    }
                }
            }
            for (kind, payload) in effects {
                caught_call(|| draft.effect(inner, kind, payload))??;
            }
            Ok(())
        })
    }

    /// What a handler says as it stays, whose choices are picked by number unless the state reads numbers itself. What it is asked for,
    /// the question knows.
    async fn numbered<T>(&self, draft: &Draft<F>, replies: Vec<Reply>, to: &Destination<T>) -> Vec<Reply> {
        let offers = |reply: &Reply| reply.numbers().iter().any(Option::is_some);
        if !matches!(to, Destination::Stay) || !replies.iter().any(offers) {
            return replies;
        }
        let is_off = draft.session.is_without_numbers()
            || match self.prompt(draft).await {
                Ok(prompt) => matches!(prompt.reply.numbering(), Numbering::Off),
                // Rather no number than another one's.
                Err(_) => true,
            };
        let off = |reply: Reply| if is_off { reply.without_numbers() } else { reply };
        replies.into_iter().map(off).collect()
    }

    /// Enters a state of the session's own flow.
    pub(super) async fn enter(
        &self,
        draft: &mut Draft<F>,
        state: F,
        by: Cause,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        self.go(draft, Going::to(Box::new(state), by, None, 0), errands).await
    }

    /// Takes a step, and does what follows from it.
    pub(super) async fn go(&self, draft: &mut Draft<F>, going: Going, errands: &dyn Errands) -> Result<(), Stop> {
        let from = draft.session.standing();
        let Going { state, by, edge, mut depth, reminders } = going;
        draft.check(depth, &*state, edge)?;
        while let Some(Why::Correction(field)) = draft.session.why(depth) {
            let field = field.clone();
            let is_answer = edge == Some(EdgeKind::Handler);
            if is_answer && holds(&*state, &field) {
                return self.correct(draft, from, depth, &field, &*state, by, errands).await;
            }
            if by == Cause::Back || (is_answer && asks_for(&*state, &field)) {
                break;
            }
            // It leads elsewhere: the correction is over.
            depth -= 1;
        }
        draft.enter(from, depth, state, by);
        draft.remind(depth, &reminders);
        self.arrived(draft, errands).await
    }

    /// Does what follows from having entered a state: it asks, or begins the flow that it runs, or is the end of one.
    pub(super) async fn arrived(&self, draft: &mut Draft<F>, errands: &dyn Errands) -> Result<(), Stop> {
        loop {
            let (state, depth) = (draft.session.top(), draft.session.depth());
            let (kind, node) = (state.kind(), state.node());
            let Some(inner) = kind.run_by(state.index()) else {
                // In a pause its question waits.
                if draft.session.pause().is_none() {
                    self.ask(draft).await?;
                }
                if node.checkpoint {
                    draft.checkpoint()?;
                }
                let is_over = node.role == Role::End && depth > 0;
                return if is_over { self.inner_is_over(draft, errands).await } else { Ok(()) };
            };
            if node.checkpoint {
                draft.checkpoint()?;
            }
            draft.runs += 1;
            if draft.runs > MOST_RUNS {
                return Err(Stop::Failed(Failure::from_error(Endless { state: node.name })));
            }
            let driver = self.driver(&draft.session, depth)?;
            let begun = self.run(&draft.session, || async {
                match driver.begin(Self::occasion(draft, depth)) {
                    Some(beginning) => beginning.await.map(|begun| begun.0),
                    None => Ok((inner.start)()),
                }
            });
            let state = begun.await.map_err(failed)?;
            draft.enter_above(draft.session.standing(), Why::Run, state, Cause::Run);
        }
    }

    /// Leaves what has come to its end on top of something: a flow that a state runs, which decides what follows, or an aside.
    async fn inner_is_over(&self, draft: &mut Draft<F>, errands: &dyn Errands) -> Result<(), Stop> {
        let depth = draft.session.depth();
        let (below, ended) = (depth - 1, draft.session.top().copy());
        if draft.session.why(depth) != Some(&Why::Run) {
            draft.come_back(draft.session.standing(), below, Cause::Done);
            return self.ask_anew(draft, errands).await;
        }
        if draft.transitions.last().is_none_or(|step| step.by != Cause::Shortcut) {
            draft.session.forget_tries_inside(below);
        }
        let driver = self.driver(&draft.session, below)?;
        let done = || async {
            match driver.done(ended, self.moment(draft, below, None, errands)) {
                Some(deciding) => deciding.await.map(Some),
                None => Ok(None),
            }
        };
        let decided = self.run(&draft.session, done).await.map_err(failed)?;
        let stays = decided.as_ref().is_none_or(|decided| !matches!(decided.destination, Destination::To(_)));
        if let Some(decided) = decided {
            self.follow(draft, decided, Cause::Done, below, errands).await?;
        }
        if stays {
            // It is run once more.
            draft.come_back(draft.session.standing(), below, Cause::Done);
            self.ask_anew(draft, errands).await?;
        }
        Ok(())
    }

    /// Asks again what was interrupted.
    pub(super) fn ask_anew<'t>(
        &'t self,
        draft: &'t mut Draft<F>,
        errands: &'t dyn Errands,
    ) -> BoxFuture<'t, Result<(), Stop>> {
        Box::pin(async move {
            let state = draft.session.top();
            if state.kind().run_by(state.index()).is_some() {
                return self.arrived(draft, errands).await;
            }
            if draft.session.pause().is_none() {
                self.ask(draft).await?;
            }
            Ok(())
        })
    }

    /// Puts the field where it is kept, as it was answered, and has the state below decide what follows.
    #[allow(clippy::too_many_arguments, reason = "each is a part of the one step")]
    async fn correct(
        &self,
        draft: &mut Draft<F>,
        from: String,
        depth: usize,
        field: &str,
        answered: &dyn AnyState,
        by: Cause,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        let below = depth - 1;
        let mut place = depth;
        while let Some(next) = match draft.session.why(place) {
            Some(Why::Correction(_)) => Some(place - 1),
            Some(Why::Aside(of)) => Some(*of),
            Some(Why::Run) | None => None,
        } {
            place = next;
            if let Some(corrected) = draft.session.state_at(place).corrected(field, answered) {
                draft.session.keep_data(place, corrected);
            }
        }
        draft.come_back(from, below, by);
        let driver = self.driver(&draft.session, below)?;
        let corrected = || async {
            match driver.corrected(field, self.moment(draft, below, None, errands)) {
                Some(deciding) => deciding.await.map(Some),
                None => Ok(None),
            }
        };
        match self.run(&draft.session, corrected).await.map_err(failed)? {
            Some(decided) => {
                let says = matches!(decided.destination, Destination::Stay);
                self.follow(draft, decided, by, below, errands).await?;
                if says { self.ask_anew(draft, errands).await } else { Ok(()) }
            }
            None => self.ask_anew(draft, errands).await,
        }
    }
}

/// Whether the state holds this field.
fn holds(state: &dyn AnyState, field: &str) -> bool {
    state.node().fields.iter().any(|held| held.name == field)
}

/// Whether one step leads from the state to one that holds this field, so that it is a part of the question for it.
fn asks_for(state: &dyn AnyState, field: &str) -> bool {
    let (graph, from) = (state.kind().graph, state.index());
    let mut steps = graph.edges.iter().filter(|edge| edge.from == from && edge.by == EdgeKind::Handler);
    steps.any(|edge| graph.states[edge.to].fields.iter().any(|held| held.name == field))
}

/// The state at this index, out of what is known in `state`; none if a field of it is missing.
pub(super) fn projected(state: &dyn AnyState, target: usize) -> Option<Box<dyn AnyState>> {
    let blank = || {
        let kind = state.kind();
        let is_blank = kind.graph.states[target].fields.is_empty();
        is_blank.then(|| (kind.read_value)(target, &Value::Object(Map::new())).ok())?
    };
    state.project(target).or_else(blank)
}
