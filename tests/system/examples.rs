//! The examples, as somebody runs them.

use std::process::Stdio;

use flow_proving::RedisServer;
use serde_json::Value;

use crate::programs::{example, lines, run, stdout};

#[test]
fn hello_is_said_in_a_terminal() {
    let output = run("hello", &[], "12345\nAna Silva\nback\nAna\nfine\n1\n");
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn a_pizza_is_ordered() {
    let output = run("pizza", &[], "Large\nolives\nenough\nI'll come\nyes\n");
    assert!(stdout(&output).ends_with("bot: It is in the oven. To be picked up at the counter! \n"), "{output:?}");
}

#[test]
fn a_visit_is_booked_through_a_pipe() {
    let said = "hi\n1\nAna Silva\nana@example.com\n+1 234 567 890\nAcme\n2\nYes\nhello?\n";
    let output = run("booking", &[], said);
    assert!(stdout(&output).lines().all(|line| line.starts_with("bot: ")));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn a_visit_is_booked_by_a_script() {
    let said = [
        r#"{"text":"hi","id":"m1"}"#,
        r#"{"button":"Book","id":"m2"}"#,
        r#"{"button":"Book","id":"m2"}"#,
        r#"{"text":"Ana","language":"pt"}"#,
        r#"{"text":"ana@example.com"}"#,
        r#"{"text":"+1 234 567 890"}"#,
        r#"{"text":"-"}"#,
        r#"{"text":"mon 14:30"}"#,
        r#"{"text":"Yes"}"#,
        r#"{"signal":"calendar.booked","payload":{"by":"hand"}}"#,
    ];
    let session = "6fa459ea-ee8a-4ca4-894e-db77e160355e";
    let output = run("booking", &["chat", "--json", "--session", session], said.join("\n"));
    let outcomes: Vec<Value> = lines(&output);
    let states: Vec<_> = outcomes.iter().map(|outcome| outcome["state"].as_str().expect("a state")).collect();
    insta::assert_snapshot!(states.join("\n"));
    assert!(outcomes.iter().all(|outcome| outcome["session"] == session && outcome["degraded"] == false));
    assert_eq!((&outcomes[2]["repeat"], &outcomes[2]["replies"]), (&Value::Bool(true), &outcomes[1]["replies"]));
    assert_eq!(outcomes[9]["checkpoints"][0]["version"], outcomes[9]["version"]);
    assert_eq!(outcomes[9]["transitions"][0]["by"], "signal");
}

#[test]
fn a_line_that_is_no_input_is_answered_by_an_error_and_the_chat_goes_on() {
    let said = [
        "canary",
        "{\"text\":1}",
        "{}",
        "{\"text\":\"a\",\"button\":\"b\"}",
        "{\"canary\":1}",
        "{\"text\":\"a\",\"session\":\"canary\"}",
        "{\"signal\":\"x\"}",
        "{\"text\":\"hi\"}",
    ];
    let outcomes: Vec<Value> = lines(&run("booking", &["chat", "--json"], said.join("\n")));
    assert!(outcomes[..7].iter().all(|outcome| outcome["error"].is_string()), "{outcomes:?}");
    assert!(outcomes[..7].iter().all(|outcome| !outcome.to_string().contains("canary")), "{outcomes:?}");
    assert_eq!(outcomes[7]["state"], "WELCOME");
}

#[test]
fn a_line_that_is_not_utf_8_is_answered_by_an_error_and_the_chat_goes_on() {
    let outcomes: Vec<Value> = lines(&run("booking", &["chat", "--json"], b"{\"text\":\"\xff\"}\n{\"text\":\"hi\"}\n"));
    assert_eq!((outcomes.len(), &outcomes[0]["error"]), (2, &Value::from("no input: the line is not UTF-8")));
    assert_eq!(outcomes[1]["state"], "WELCOME");
}

#[test]
fn what_a_server_may_lose_is_said_at_the_start_whatever_is_logged() {
    let server = RedisServer::start();
    let output = run("booking", &["--store", &server.url()], "hi\n");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("note: a crash of the server loses every turn since its last snapshot"), "{said}");
}

#[test]
fn the_bot_draws_itself_and_tells_what_it_does_not_know() {
    for (format, beginning) in
        [("mermaid", "flowchart TD"), ("dot", "digraph \"booking\" {"), ("json", "{\n  \"anywhere\"")]
    {
        assert!(stdout(&run("booking", &["graph", "--format", format], "")).starts_with(beginning));
    }
    for (arguments, told) in [
        (&["show"][..], "there is no live session with this id"),
        (&["--session", "7"], "not a session id"),
        (&["--store", "pigeons"], "it is `sqlite:PATH`, `redis://HOST:PORT`"),
        (&["--store", "redi://user:canary@salon.example"], "it is `sqlite:PATH`, `redis://HOST:PORT`"),
        (&["--archive", "redis://user:canary@salon.example"], "it is `sqlite:PATH`, `postgres://HOST/DATABASE`"),
        (&["--store", "sqlite:/dev/null/no.db"], "error: "),
        (&["--store", "redis://127.0.0.1:1"], "the server cannot be reached: connection refused"),
        (&["--store", "redis://127.0.0.1/salon"], "the URL is not of the form"),
        (&["--idle", "soon"], "invalid value"),
        (&["--outage", "panic"], "it is `fail`, `say` or `memory`"),
        (&["dance"], "unrecognized subcommand"),
    ] {
        let output = example("booking").args(arguments).stdin(Stdio::null()).output().expect("it runs");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(told), "{arguments:?}: {complaint}");
        assert!(!complaint.contains("canary"), "{complaint}");
    }
}
