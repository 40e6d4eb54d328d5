//! Which edges a suite never takes, as a report.

use std::{env, panic::catch_unwind, path::Path, process::Command};

use flow_core::{Flow, SessionId};
use flow_testkit::{Chat, Coverage};
use serde::{Deserialize, Serialize};

use crate::salon::{Salon, Visit, chat};

/// Tests, which the reports below are of.
mod played {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn chair_is_taken_or_not_kept() {
        let mut chat = chat();
        chat.visitor("ana").says(["hi", "Yes", "Yes"]).await.visitor("ben").says(["hello", "No"]).await;
        chat.visitor("cem").says(["hey", "What?", "What?"]).await;
        assert_eq!(chat.state().await, Some("LEFT"));
    }

    #[tokio::test]
    async fn chair_waits_an_hour() {
        let mut chat = chat();
        chat.says(["hi", "Yes"]).await.waits(Duration::from_secs(3_600)).await.says(["hi", "stop"]).await;
        assert_eq!(chat.state().await, Some("LEFT"));
    }

    /// Without a chat.
    #[tokio::test]
    async fn bell_rings() {
        let engine = Bell::engine(Porter).store(flow_memory::MemoryStore::new());
        let id = SessionId::random();
        for text in ["hi", "Ana"] {
            let outcome = engine.handle(id, text).await.expect("a turn");
            Coverage::note::<Bell>(&outcome.transitions).expect("a note");
        }
    }

    #[test]
    fn fails_if_it_is_told_to() {
        assert!(env::var_os(FAILING).is_none(), "it is told to fail");
    }
}

/// Set where one of the tests that are played shall fail.
const FAILING: &str = "CHAT_TEST_FAILS";

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chat_bell")]
enum Bell {
    #[state(start, ask = "Who rings?", to(Heard))]
    Silent,
    #[state(end, say = "Welcome, {name}.")]
    Heard { name: String },
}

struct Porter;

impl BellHandler for Porter {}

/// Played by no test.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chat_attic")]
enum Attic {
    #[state(start, ask = "Is anybody there?", to(Seen))]
    Dark,
    #[state(end, say = "Oh, {name}.")]
    Seen { name: String },
}

#[test]
fn edges_that_no_test_takes_are_reported() {
    Coverage::of_tests::<Visit>("played::", |coverage| {
        assert_eq!(coverage.untaken(), [r#"KEPT -> LEFT ("cancel" or "stop")"#]);
        insta::assert_snapshot!(coverage);
        insta::assert_snapshot!("a_picture_of_what_no_test_takes", coverage.to_mermaid());
    });
}

#[test]
fn fewer_tests_take_fewer_edges() {
    Coverage::of_tests::<Visit>("chair_waits", |coverage| {
        insta::assert_snapshot!(coverage);
        insta::assert_snapshot!("a_picture_of_what_one_test_takes", coverage.to_mermaid());
    });
}

#[test]
fn every_edge_of_a_flow_may_be_taken_and_no_chat_is_needed() {
    Coverage::of_tests::<Bell>("played::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
        assert_eq!(coverage.to_string(), "chat_bell: all 1 edges are taken");
    });
}

#[test]
fn all_tests_of_a_binary_are_looked_at() {
    Coverage::of_this_binary::<Visit>(|coverage| assert_eq!(coverage.untaken(), [""; 0]));
}

/// What a report complains of; none in a run for another report, in which there is none.
fn complaint<F: Flow>(tests: &'static str) -> Option<String> {
    let told = catch_unwind(|| Coverage::of_tests::<F>(tests, |coverage| panic!("looked at: {coverage}")));
    told.err().map(|told| *told.downcast::<String>().expect("a text"))
}

#[test]
fn a_flow_that_no_test_plays_is_no_report() {
    let is_once_more = env::var_os(ONCE_MORE).is_some();
    let told = complaint::<Attic>("played::");
    let expected = "no test takes an edge of the flow chat_attic; is it played by a Chat, in this binary?";
    assert_eq!(told.as_deref(), (!is_once_more).then_some(expected));
    let told = complaint::<Attic>("played::nobody");
    let expected = r#"no test with "played::nobody" in its name takes an edge"#;
    assert_eq!(told.as_deref(), (!is_once_more).then_some(expected));
}

/// Set by a report in the run that it is of.
const ONCE_MORE: &str = "TESTKIT_EDGES_ONCE_MORE";

/// Runs tests of this binary in a process of their own, which writes down what they take.
fn run(folder: &Path, tests: &[&str]) -> String {
    let mut command = Command::new(env::current_exe().expect("a test"));
    command.env_remove(ONCE_MORE).env("TESTKIT_EDGES", folder);
    let output = command.args(tests).output().expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn several_binaries_write_into_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("edges");
    let error = Coverage::in_folder::<Visit>(&inner).expect_err("nothing is there").to_string();
    assert!(error.contains("with TESTKIT_EDGES set to this folder"), "{error}");
    run(&inner, &["bell_rings"]);
    let error = Coverage::in_folder::<Visit>(&inner).expect_err("another flow").to_string();
    assert!(error.contains("no test takes an edge of the flow chair"), "{error}");
    run(&inner, &["chair_waits"]);
    let once = Coverage::in_folder::<Visit>(&inner).expect("edges").untaken();
    run(&inner, &["chair_is_taken"]);
    let twice = Coverage::in_folder::<Visit>(&inner).expect("edges").untaken();
    assert!(once.len() > twice.len(), "{once:?} {twice:?}");
    assert_eq!(twice, [r#"KEPT -> LEFT ("cancel" or "stop")"#]);
}

#[test]
fn what_cannot_be_written_down_fails_the_test() {
    let folder = tempfile::NamedTempFile::new().expect("a file");
    let printed = run(folder.path(), &["chair_waits"]);
    assert!(printed.contains("the edges that are taken can be written down"), "{printed}");
}

#[test]
fn a_test_that_fails_is_told_and_there_is_no_report() {
    let mut command = Command::new(env::current_exe().expect("a test"));
    command.env_remove(ONCE_MORE).env(FAILING, "1").arg("every_edge_of_a_flow_may_be_taken");
    let output = command.output().expect("it runs");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert!(printed.contains("which edges are taken is not known while a test fails"), "{printed}");
    assert!(printed.contains("it is told to fail"), "{printed}");
    assert!(!output.status.success());
}

/// A step that is no declared edge changes nothing of a report.
#[tokio::test]
async fn going_back_takes_no_declared_edge() {
    let mut chat = Chat::new(|| Visit::engine(Salon::default()));
    chat.says(["hi", "Yes", "back"]).await;
    let outcome = chat.outcome().as_ref().expect("a turn");
    assert_eq!(outcome.transitions[0].to_string(), "KEPT -> QUESTION (back)");
    Coverage::note::<Visit>(&outcome.transitions).expect("nothing to write");
}
