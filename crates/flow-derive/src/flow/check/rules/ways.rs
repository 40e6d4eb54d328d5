//! Where states lead.

use std::{collections::HashSet, ops::Range};

use crate::{
    errors::Errors,
    flow::{check::Graph, model::Model},
};

/// Every state is reached from the start, and from every state an end, save where the conversation is to go on for ever.
pub(super) fn ways(model: &Model, graph: &Graph, errors: &mut Errors) {
    endless(model, &Ways::certain(model, graph), errors);
    if !model.states.iter().any(|state| state.start.is_some()) {
        return;
    }
    let ways = Ways::possible(model, graph);
    let reached = ways.reached();
    let unreached: Vec<_> = ways.all().filter(|index| !reached.contains(index)).collect();
    for &index in &unreached {
        // What follows it is reached with it.
        let before = ways.leading_to(|other| other == index);
        if before.iter().all(|&other| other >= index && ways.from(index).contains(&other)) {
            let name = &model.states[index].ident;
            errors.at(name, format!("`{name}` is never reached: write `to({name})` on a state before it"));
        }
    }
    let leading_out = ways.leading_to(|index| ways.is_way_out(index));
    // A state that leads to an end, and is never reached, explains why others do not get there.
    if !unreached.iter().any(|index| leading_out.contains(index)) {
        traps(model, &ways, &reached.difference(&leading_out).copied().collect(), errors);
    }
}

/// One mistake for all states that lead to each other and nowhere else; one in all if the flow has no end.
fn traps(model: &Model, ways: &Ways<'_>, trapped: &HashSet<usize>, errors: &mut Errors) {
    let end = ways.all().find(|&index| ways.is_end(index)).map(|index| &model.states[index].ident);
    if !ways.all().any(|index| ways.is_way_out(index)) {
        errors.at(
            &model.ident,
            "no state is an end: write `#[state(end)]` on the one where the conversation is over, or `#[state(endless)]` \
             on one to which it comes back for ever",
        );
        return;
    }
    for index in ways.all().filter(|index| trapped.contains(index)) {
        let trap = ways.from(index);
        if trap.iter().all(|&next| next >= index && ways.from(next).contains(&index)) {
            let name = &model.states[index].ident;
            let way = end.map(|end| format!("a way out, as `to({end})`, or ")).unwrap_or_default();
            let message = format!("no end is reached from `{name}`: write {way}`endless` if it is to go on for ever");
            errors.at(name, message);
        }
    }
}

/// What is marked `endless` would have no end otherwise.
fn endless(model: &Model, ways: &Ways<'_>, errors: &mut Errors) {
    let before_an_end = ways.leading_to(|index| ways.is_end(index));
    for (index, state) in model.states.iter().enumerate() {
        let (name, Some(word)) = (&state.ident, state.word("endless")) else { continue };
        if ways.is_end(index) {
            errors.at(word, format!("`{name}` is an end: remove `endless`"));
        } else if before_an_end.contains(&index) {
            errors.at(word, format!("an end is reached from `{name}`: remove `endless`"));
        }
    }
}

/// The edges, whatever they are taken by.
struct Ways<'c> {
    model: &'c Model,
    /// Whether a mistake hides what follows.
    is_hidden: Vec<bool>,
    /// What follows each state.
    after: Vec<Vec<usize>>,
    /// Where links lead.
    opened: Vec<usize>,
    /// What comes before it.
    before: Vec<Vec<usize>>,
}

impl<'c> Ways<'c> {
    /// The edges whose target is told by its name, and not by one near to it.
    fn certain(model: &'c Model, graph: &Graph) -> Self {
        let states = graph.hidden.iter().zip(&model.states);
        // A word leads out of no end.
        let is_hidden: Vec<_> =
            states.map(|(hidden, state)| *hidden || graph.hides_words && state.end.is_none()).collect();
        let nothing = vec![Vec::new(); is_hidden.len()];
        let opened = graph.opens.iter().map(|(_, to, _)| *to).collect();
        let mut ways = Self { model, is_hidden, after: nothing.clone(), opened, before: nothing };
        let edges = graph.edges.iter().filter(|edge| edge.name == model.states[edge.to].ident);
        edges.for_each(|edge| ways.lead(edge.from, edge.to));
        ways
    }

    /// All that may be meant: a state leads anywhere if a mistake hides what follows it.
    fn possible(model: &'c Model, graph: &Graph) -> Self {
        let mut ways = Self::certain(model, graph);
        for from in ways.all().filter(|&index| ways.is_hidden[index]).collect::<Vec<_>>() {
            ways.all().for_each(|to| ways.lead(from, to));
        }
        ways
    }

    fn lead(&mut self, from: usize, to: usize) {
        self.after[from].push(to);
        self.before[to].push(from);
    }

    fn all(&self) -> Range<usize> {
        0..self.model.states.len()
    }

    fn is_end(&self, index: usize) -> bool {
        self.model.states[index].end.is_some()
    }

    /// Whether no end has to follow: it is one, it is meant to have none, or an end may be hidden.
    fn is_way_out(&self, index: usize) -> bool {
        self.is_end(index) || self.model.states[index].word("endless").is_some() || self.is_hidden[index]
    }

    /// The states to which a session may come.
    fn reached(&self) -> HashSet<usize> {
        let starts = self.all().filter(|&index| self.model.states[index].start.is_some());
        all_along(&self.after, starts.chain(self.opened.iter().copied()).collect())
    }

    /// This state, and those that follow it, at once or later.
    fn from(&self, index: usize) -> HashSet<usize> {
        all_along(&self.after, HashSet::from([index]))
    }

    /// The states of this kind, and those from which one of them follows, at once or later.
    fn leading_to(&self, is_wanted: impl Fn(usize) -> bool) -> HashSet<usize> {
        all_along(&self.before, self.all().filter(|&index| is_wanted(index)).collect())
    }
}

fn all_along(steps: &[Vec<usize>], mut found: HashSet<usize>) -> HashSet<usize> {
    let mut waiting: Vec<_> = found.iter().copied().collect();
    while let Some(index) = waiting.pop() {
        waiting.extend(steps[index].iter().filter(|&&next| found.insert(next)));
    }
    found
}
