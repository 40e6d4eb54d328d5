//! `SIGTERM` and Ctrl-C are answered by every command of the booking bot, whenever they come.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::programs::{BUILT, example, heeds_signals, signal};

/// All commands, and whether they go on until they are told to end.
const COMMANDS: [(&[&str], bool); 16] = [
    (&[], true),
    (&["chat"], true),
    (&["chat", "--json"], true),
    (&["chat", "--json", "--no-worker"], true),
    (&["worker"], true),
    (&["serve", "--listen", "127.0.0.1:0"], true),
    (&["graph"], false),
    (&["sessions"], false),
    (&["show"], false),
    (&["said"], false),
    (&["funnel"], false),
    (&["dropoff"], false),
    (&["export"], false),
    (&["erase"], false),
    (&["retry"], false),
    (&["purge", "--older-than", "1h"], false),
];

const SIGTERM: i32 = 15;

/// Longer than an orderly end takes by far.
const PATIENCE: Duration = Duration::from_secs(30);

fn start(store: &str, command: &[&str]) -> Child {
    // Its input stays open: it does not end for want of it.
    example("booking")
        .args(["--store", store])
        .args(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect(BUILT)
}

fn end_of(child: &mut Child) -> ExitStatus {
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().expect("a child") {
            Some(status) => return status,
            None if Instant::now() > until => {
                child.kill().expect("kill -9");
                panic!("it does not end");
            }
            None => sleep(Duration::from_millis(1)),
        }
    }
}

#[test]
fn every_command_answers_a_signal_whenever_it_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, goes_on) in COMMANDS {
        for milliseconds in [0, 5, 50, 500] {
            let file = folder.path().join(format!("{}-{milliseconds}.db", command.join("-")));
            let mut child = start(&format!("sqlite:{}", file.display()), command);
            sleep(Duration::from_millis(milliseconds));
            let (told, heeds) = (format!("{command:?} after {milliseconds} ms"), heeds_signals(child.id()));
            signal("TERM", child.id());
            let status = end_of(&mut child);
            let mut complaint = String::new();
            child.stderr.take().expect("a pipe").read_to_string(&mut complaint).expect("text");
            match status.code() {
                Some(0) => {}
                // What was to be done and was not is no success; nor is it one to show what is not there.
                Some(code @ (1 | 143)) => assert!(!goes_on, "{told}: {code} {complaint}"),
                // Before its first instant the system ends it, and it has done nothing.
                None => assert!(!heeds && status.signal() == Some(SIGTERM) && !file.exists(), "{told}: {status}"),
                Some(code) => panic!("{told}: {code} {complaint}"),
            }
        }
    }
}

/// Starts a chat, and waits for the answer to one line.
fn answered(store: &str, command: &[&str], line: &str) -> Child {
    let mut child = start(store, command);
    writeln!(child.stdin.as_mut().expect("a pipe"), "{line}").expect("it listens");
    let mut answer = String::new();
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
    answers.read_line(&mut answer).expect("an answer");
    assert!(answer.contains("Salon Lumen"), "{answer}");
    child.stdout = Some(answers.into_inner());
    child
}

#[test]
fn a_chat_that_is_told_to_end_ends_well_with_all_that_was_said_in_the_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, line) in [(&["chat"][..], "hi"), (&["chat", "--json"], r#"{"text":"hi"}"#)] {
        for name in ["TERM", "INT"] {
            let store = format!("sqlite:{}", folder.path().join(format!("{}-{name}.db", command.len())).display());
            let mut child = answered(&store, command, line);
            signal(name, child.id());
            assert!(end_of(&mut child).success(), "{command:?} {name}");
            let funnel = example("booking").args(["--store", &store, "funnel"]).output().expect(BUILT);
            let funnel = String::from_utf8_lossy(&funnel.stdout).into_owned();
            assert!(funnel.contains("WELCOME"), "it was archived at the end: {funnel}");
        }
    }
}

#[test]
fn a_program_that_waits_for_its_server_ends_when_it_is_told_to() {
    // A server that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let store = format!("redis://{}", silent.local_addr().expect("an address"));
    for (command, code) in [(&["worker"][..], 0), (&["sessions"], 143)] {
        let mut child = start(&store, command);
        while !heeds_signals(child.id()) {
            sleep(Duration::from_millis(1));
        }
        // It has dialled: what it does now is to wait.
        let _connection = silent.accept().expect("it dials");
        signal("TERM", child.id());
        assert_eq!(end_of(&mut child).code(), Some(code), "{command:?}");
    }
}

/// The process that has this name and this one above it.
fn below(parent: u32, name: &str) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    children.split_whitespace().filter_map(|child| child.parse().ok()).find_map(|child| {
        let is_it = std::fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|comm| comm.trim() == name);
        if is_it { Some(child) } else { below(child, name) }
    })
}

#[test]
fn a_chat_at_a_terminal_ends_well_and_leaves_the_terminal_as_it_was() {
    let bot = example("booking");
    let mut script = std::process::Command::new("script");
    let commands = format!("{} --store memory; echo \"ended with $?\"; stty -a", bot.get_program().display());
    script.args(["-qec", &commands, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut terminal = script.spawn().expect("`script`, of Debian's package `bsdutils`, makes a terminal");
    let mut keys = terminal.stdin.take().expect("a pipe");
    let mut screen = BufReader::new(terminal.stdout.take().expect("a pipe"));
    let mut shown = Vec::new();
    for said in [Some("hi\n"), None] {
        // The prompt ends with a colon; by then the terminal is in its other mode.
        while !shown.ends_with(b"you:") {
            assert!(screen.read_until(b':', &mut shown).expect("it is read") > 0, "it has a prompt");
        }
        if let Some(said) = said {
            shown.push(b' ');
            keys.write_all(said.as_bytes()).expect("it listens");
        }
    }
    signal("TERM", below(terminal.id(), "booking").expect("it is there"));
    screen.read_to_end(&mut shown).expect("it is read");
    terminal.wait().expect("it ends");
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("ended with 0"), "{shown}");
    let modes: Vec<_> = shown.split_whitespace().collect();
    assert!(modes.contains(&"icanon") && modes.contains(&"echo") && modes.contains(&"isig"), "{shown}");
}

#[test]
fn a_second_signal_ends_a_program_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let store = format!("redis://{}", silent.local_addr().expect("an address"));
    let mut child = start(&store, &["--outage", "memory", "chat", "--json"]);
    writeln!(child.stdin.as_mut().expect("a pipe"), r#"{{"text":"hi"}}"#).expect("it listens");
    let _connection = silent.accept().expect("it dials");
    // The turn waits for the server, and would be waited for.
    signal("INT", child.id());
    sleep(Duration::from_millis(200));
    let began = Instant::now();
    signal("TERM", child.id());
    assert_eq!(end_of(&mut child).code(), Some(143));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
