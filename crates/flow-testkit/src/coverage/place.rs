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

    /// Another state of the same flow.
    fn with(&self, name: &str, why: Why) -> Option<Self> {
        Some(Self { state: self.flow.find(name)?, why, ..self.clone() })
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
                None => on_top(&places, name)?,
            },
        };
        places.push(next);
    }
    Some(places)
}

/// What stands on top of these places under this name, though the last of them runs no flow: a question that is asked again for a
/// correction, or what is said aside; else what one of the two has led to.
fn on_top(places: &[Place], name: &str) -> Option<Place> {
    let (last, below) = (places.last()?, || places.iter().rev());
    let corrects = last.flow.states[last.state].corrects;
    let corrected = || last.with(name, Why::Correction);
    let asked = corrected().filter(|place| corrects.iter().any(|correction| correction.asked_in == place.state));
    let said = || below().filter_map(|place| place.with(name, Why::Aside));
    let aside = || said().find(|place| asides(place.flow).any(|state| state == place.state));
    let led_to = || corrected().filter(|_| !corrects.is_empty());
    asked.or_else(aside).or_else(led_to).or_else(|| said().find(|place| asides(place.flow).next().is_some()))
}

fn asides(flow: &Graph) -> impl Iterator<Item = usize> {
    flow.shortcuts.iter().filter_map(|shortcut| match shortcut.action {
        ShortcutAction::Aside(state) => Some(state),
        _ => None,
    })
}
