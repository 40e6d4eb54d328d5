//! Where a conversation stands, as a history has it, flow by flow: [`places`].

use flow_core::graph::{Graph, ShortcutAction};

/// One segment of a path such as `VISIT/REVIEW/ASK_EMAIL`: a state of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The states whose flows it is in, each with a `/` behind it. Corrections and asides are no part of it.
    pub(super) path: String,
    pub(super) flow: &'static Graph,
    /// The state, as an index.
    pub(super) state: usize,
    pub(super) why: Why,
}

/// Why the conversation stands there, on top of what is before it in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The state before it runs this flow; or it is the session's own.
    Run,
    Correction,
    Aside,
}

impl Place {
    /// The state's name, as the present declaration has it.
    pub(super) fn name(&self) -> &'static str {
        self.flow.states[self.state].name
    }
}

/// The places of a path, the session's own flow first; none if a state is not declared.
pub(super) fn places(graph: &'static Graph, path: &str) -> Option<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for name in path.split('/') {
        let next = match places.last() {
            None => Place { path: String::new(), flow: graph, state: graph.find(name)?, why: Why::Run },
            Some(last) => match last.flow.states[last.state].runs {
                Some(flow) => Place {
                    path: format!("{}{}/", last.path, last.name()),
                    flow,
                    state: flow.find(name)?,
                    why: Why::Run,
                },
                None => correction(last, name).or_else(|| places.iter().rev().find_map(|place| aside(place, name)))?,
            },
        };
        places.push(next);
    }
    Some(places)
}

/// The question of this name that is asked again, in the place's own flow. A correction may lead on, to what depends on it.
fn correction(place: &Place, name: &str) -> Option<Place> {
    let state = place.flow.find(name)?;
    let is_aside = asides(place.flow).any(|aside| aside == state);
    let corrects = place.flow.states[place.state].corrects;
    let is_asked = corrects.iter().any(|correction| correction.asked_in == state);
    (is_asked || !is_aside && !corrects.is_empty()).then(|| Place { state, why: Why::Correction, ..place.clone() })
}

/// The state of this name that is said aside, if the place's flow declares a word for it, or what that led to.
fn aside(place: &Place, name: &str) -> Option<Place> {
    let state = place.flow.find(name)?;
    asides(place.flow).next()?;
    Some(Place { state, why: Why::Aside, ..place.clone() })
}

fn asides(flow: &Graph) -> impl Iterator<Item = usize> {
    flow.shortcuts.iter().filter_map(|shortcut| match shortcut.action {
        ShortcutAction::Aside(state) => Some(state),
        _ => None,
    })
}
