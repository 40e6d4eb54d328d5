//! The examples, run as programs.

use std::process::Stdio;

use flow_proving::RedisServer;
use serde_json::Value;

use crate::programs::{example, lines, run, run_at_a_terminal, stdout};

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
fn a_conversation_of_another_framework_is_played() {
    let output = run("ports", &["photo-location-bio"], "girl\nphoto: at the sea\nplace: 52.5 13.4\nI sail.\n");
    assert!(stdout(&output).ends_with("bot: Thank you! Let us talk again some day. \n"), "{output:?}");
    let unknown = example("ports").arg("hangman").output().expect("it is built");
    assert!(!unknown.status.success() && String::from_utf8_lossy(&unknown.stderr).contains("purchase"), "{unknown:?}");
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
    assert_eq!(outcomes[9]["checkpoints"][0]["stamp"]["version"], outcomes[9]["version"]);
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
fn a_line_that_is_no_text_is_answered_by_an_error_and_the_chat_goes_on() {
    let said = b"{\"text\":\"hi\"}\n{\"text\":\"canary\xff\"}\n{\"text\":\"Book\"}\r\n";
    let outcomes: Vec<Value> = lines(&run("booking", &["chat", "--json"], said));
    assert_eq!((&outcomes[0]["state"], &outcomes[2]["state"]), (&"WELCOME".into(), &"BOOK_NAME".into()));
    let error = outcomes[1]["error"].as_str().expect("an error");
    assert!(error.contains("UTF-8") && !error.contains("canary"), "{error}");
    let told = stdout(&run("booking", &[], b"hi\n\xff\n"));
    assert_eq!(told.lines().count(), 3, "the greeting, the question once more, and its hint: {told}");
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let company = "Acme \u{9b}31m\u{1b}[31m\u{7f}";
    let said = ["hi", "Book", "Ana", "ana@example.com", "+1 234 567 890", company];
    let said = said.map(|text| serde_json::json!({"text": text}).to_string()).join("\n");
    run("booking", &["--store", &store, "chat", "--json"], said);
    let shown = stdout(&run("booking", &["--store", &store, "show", "--clear"], ""));
    assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "{shown:?}");
    let shown: Value = serde_json::from_str(&shown).expect("JSON still");
    assert!(shown.to_string().contains("Acme \u{9b}31m"), "{shown}");
}

#[test]
fn a_line_at_a_terminal_that_is_no_text_is_told_of_and_the_chat_goes_on() {
    let said = run_at_a_terminal("booking", &[b"hi\r", b"\xff", b"1\r"]);
    assert!(said.contains("What is your name?"), "{said}");
    assert!(said.contains("error: that line is no UTF-8 text"), "{said}");
}

#[test]
fn a_store_that_is_refused_is_not_repeated_with_its_password() {
    let url = "rediss//:canary@host";
    let refused = |arguments: &[&str], store: &str| {
        let mut bot = example("booking");
        let output = bot.args(arguments).env("FLOW_STORE", store).stdin(Stdio::null()).output().expect("it runs");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (arguments, store, told) in [
        (&["--store", url][..], "memory", "it is `sqlite:PATH`, `redis://HOST:PORT`"),
        (&["--archive=canary"], "memory", "it is `sqlite:PATH`, `postgres://HOST/DATABASE`"),
        (&[], url, "it is `sqlite:PATH`, `redis://HOST:PORT`"),
        (&[url], "memory", "unrecognized subcommand"),
        (&["chat", url], "memory", "unexpected argument"),
        (&["--store", "redis://:canary@[host"], "memory", "the URL of the store cannot be used"),
    ] {
        let complaint = refused(arguments, store);
        assert!(complaint.contains(told) && !complaint.contains("canary"), "{arguments:?}: {complaint}");
    }
    for option in ["--idle", "--archive-interval"] {
        let complaint = refused(&[option, "soon"], "memory");
        assert!(complaint.contains("'soon'"), "what holds no password is repeated: {complaint}");
    }
}

#[test]
fn what_the_store_warns_of_is_seen_at_the_start() {
    let server = RedisServer::start();
    let output = example("booking").args(["--store", &server.url(), "sessions"]).output().expect("it runs");
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && warned.starts_with("warning: "), "{warned}");
}

#[test]
fn a_worker_takes_no_interval_that_it_would_not_keep() {
    let arguments = ["--archive", "memory", "worker", "--archive-interval", "1s"];
    let output = example("booking").args(arguments).stdin(Stdio::null()).output().expect("it runs");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && complaint.contains("`chat --archive-interval`"), "{complaint}");
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
        (&["--damage", "ignore"], "it is `refuse` or `quarantine`"),
        (&["dance"], "unrecognized subcommand"),
    ] {
        let output = example("booking").args(arguments).stdin(Stdio::null()).output().expect("it runs");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(told), "{arguments:?}: {complaint}");
        assert!(!complaint.contains("canary"), "{complaint}");
    }
}
