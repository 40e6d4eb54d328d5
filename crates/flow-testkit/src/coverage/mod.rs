//! Which declared edges the tests of a suite take, and which they never do: [`Coverage`].

mod edge;
mod notes;
mod picture;
mod place;
mod suite;

use std::{collections::BTreeSet, fmt, io, path::Path};

use flow_core::{Flow, Transition, graph::Graph};

use self::{
    edge::Declared,
    notes::{Notes, line},
};

/// Which of a flow's declared edges the tests of a suite take: a handler's decisions, words that count anywhere, times, tries,
/// corrections; and those of the flows that its states run.
///
/// Rust's tests run beside each other, and nothing comes after all of them. So the report is a test of its own, which runs the other
/// tests of its binary once more in a process of their own, and looks at what every [`Chat`](crate::Chat) in it took:
///
/// ```
/// use flow_core::Flow;
/// use flow_testkit::{Chat, Coverage};
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// #[flow(anywhere("stop" => Bye))]
/// enum Hello {
///     #[state(start, ask = "Your name?", to(Bye))]
///     Begin,
///     #[state(end, say = "Bye.")]
///     Bye,
/// }
/// # use flow_core::{Step, Turn};
/// # use hello::*;
/// # struct Host;
/// # impl HelloHandler for Host {
/// #     async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
/// #         turn.to(Bye)
/// #     }
/// # }
///
/// # /*
/// #[tokio::test]
/// # */
/// async fn a_visitor_leaves() {
///     let mut chat = Chat::new(|| Hello::engine(Host));
///     chat.says(["hi", "stop"]).await;
///     assert_eq!(chat.state().await, Some("BYE"));
/// }
///
/// # /*
/// #[test]
/// # */
/// fn edges_that_no_test_takes() {
///     Coverage::of_this_binary::<Hello>(|coverage| {
///         // Or a snapshot, to be looked at when it changes: insta::assert_snapshot!(coverage);
///         assert_eq!(coverage.untaken(), ["BEGIN -> BYE"]);
///     });
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// #     a_visitor_leaves().await;
/// #     let _ = edges_that_no_test_takes;
/// # }
/// ```
///
/// Words that lead from one state to the same other one are one edge: a history does not tell which of them was said.
///
/// The edges of a flow that a state runs are named by their paths, for each state that runs it: `VISIT/REVIEW -> VISIT/PAYING`. A
/// correction that is taken by its words alone is one edge, from whichever state it is made: `anywhere -> ASK_EMAIL (correction of
/// email)`. Where its question leads is counted for no edge: a history does not tell what the handler decided.
#[derive(Clone, Debug)]
pub struct Coverage {
    graph: &'static Graph,
    edges: Vec<Seen>,
}

/// A declared edge, and whether a test takes it.
#[derive(Clone, Debug)]
struct Seen {
    edge: Declared,
    is_taken: bool,
}

impl Coverage {
    /// Looks at what the tests of this binary take. They are run for it once more, whichever of them this run is of, except those
    /// that are ignored.
    ///
    /// In that run itself this does nothing.
    ///
    /// Panics if one of the tests fails, or none plays this flow.
    pub fn of_this_binary<F: Flow>(look: impl FnOnce(&Self)) {
        Self::of_tests::<F>("", look);
    }

    /// The same of those tests that have this in their names, as `cargo test name` does.
    pub fn of_tests<F: Flow>(name: &str, look: impl FnOnce(&Self)) {
        let Some(lines) = suite::edges_of(name) else { return };
        let coverage = lines.and_then(|lines| Self::read::<F>(&lines));
        match coverage {
            Ok(coverage) => look(&coverage),
            Err(error) => panic!("{error}"),
        }
    }

    /// What the tests of several binaries took, in runs with `TESTKIT_EDGES` set to this folder, as an absolute path.
    ///
    /// A run adds to what is there, so that the first one begins with an empty folder.
    ///
    /// Fails if the folder cannot be read, or tells nothing of this flow.
    pub fn in_folder<F: Flow>(folder: impl AsRef<Path>) -> io::Result<Self> {
        Self::read::<F>(&Notes::read(folder.as_ref())?).map_err(io::Error::other)
    }

    /// Notes that a test has taken these steps, for a test that plays without a [`Chat`](crate::Chat), which does it by itself.
    ///
    /// ```
    /// # use flow_core::{Engine, Flow, SessionId};
    /// # use flow_testkit::Coverage;
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), Box<dyn std::error::Error>> {
    /// let outcome = engine.handle(id, "hello").await?;
    /// Coverage::note::<F>(&outcome.transitions)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Fails if there is a folder for it that cannot be written to.
    pub fn note<F: Flow>(steps: &[Transition]) -> io::Result<()> {
        Notes::write(F::GRAPH, steps.iter().filter_map(|step| Declared::taken_by(F::GRAPH, step)))
    }

    /// The edges that no test takes, in the order of the source: `PAY -> CANCELLED (3 tries)`.
    pub fn untaken(&self) -> Vec<String> {
        self.edges.iter().filter(|seen| !seen.is_taken).map(|seen| seen.edge.to_string()).collect()
    }

    /// The flow as a Mermaid flowchart, in which the edges that no test takes are dashed, and called "never".
    pub fn to_mermaid(&self) -> String {
        picture::draw(self.graph, &self.edges)
    }

    fn read<F: Flow>(lines: &BTreeSet<String>) -> Result<Self, String> {
        let graph = F::GRAPH;
        let seen = |edge: Declared| Seen { is_taken: lines.contains(&line(graph, &edge)), edge };
        let edges: Vec<_> = Declared::all(graph).into_iter().map(seen).collect();
        if edges.iter().any(|seen| seen.is_taken) {
            return Ok(Self { graph, edges });
        }
        Err(format!("no test takes an edge of the flow {}; is it played by a Chat, in this binary?", graph.name))
    }
}

/// A report for a snapshot: how many edges are taken, and each that is not.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (untaken, all) = (self.untaken(), self.edges.len());
        if untaken.is_empty() {
            return write!(f, "{}: all {all} edges are taken", self.graph.name);
        }
        write!(f, "{}: {} of {all} edges are taken, and never", self.graph.name, all - untaken.len())?;
        untaken.iter().try_for_each(|edge| write!(f, "\n    {edge}"))
    }
}
