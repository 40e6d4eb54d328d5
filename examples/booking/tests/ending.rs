//! How `booking serve` ends, as whoever runs it sees it: told by signals, with something under way.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A running `booking serve` with a calendar that takes long.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let test = std::env::current_exe().expect("a test has a path");
        let profile = test.parent().and_then(|deps| deps.parent()).expect("the folder of the profile");
        let program: PathBuf = profile.join("examples/booking");
        let mut command = Command::new(program);
        // What sets up the tests sets up no bot.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FLOW_")) {
            command.env_remove(name);
        }
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("XDG_DATA_HOME", data)
            .envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the example is built: `cargo test -p booking` does it");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut opened = String::new();
        stdout.read_line(&mut opened).expect("a line");
        let address = opened.trim_end().strip_prefix("Salon Lumen is open: http://").expect("its address").to_owned();
        Self { child, stdout, address }
    }

    fn asks(&self, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(&self.address).expect("it listens");
        connection.write_all(request.as_bytes()).expect("it is taken");
        connection
    }

    fn post(&self, path: &str, token: &str, body: &Value) -> String {
        let body = body.to_string();
        let length = body.len();
        let mut connection = self.asks(&format!(
            "POST /chat/{path} HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ));
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    fn opens(&self) -> String {
        let answer: Value = serde_json::from_str(&self.post("sessions", "", &json!({}))).expect("JSON");
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// Says these one by one, and gives the last answer.
    fn say(&self, token: &str, texts: &[&str]) -> String {
        let mut answer = String::new();
        for text in texts {
            answer = self.post("messages", token, &json!({ "id": text, "text": text }));
        }
        answer
    }

    fn state(&self, token: &str) -> String {
        let request = format!(
            "GET /chat/session HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        let mut answer = String::new();
        self.asks(&request).read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn signal(&self) {
        let done = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
        assert!(done.expect("the command `kill`").success());
    }

    /// How it has ended, what it said at its end (which channels are not set up, it says when it begins), and how long that took.
    fn ends(mut self) -> (ExitStatus, String, Duration) {
        let began = Instant::now();
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).expect("text");
        let said: String =
            said.split_inclusive('\n').filter(|line| !line.contains(": not set up; it needs FLOW_")).collect();
        (self.child.wait().expect("it ends"), said, began.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where a test has failed it may still be there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is said until the calendar is asked.
const TO_SLOT: [&str; 5] = ["hello", "Book", "Ana", "ana@example.com", "+49 30 1234567"];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_server_that_is_told_to_end_says_that_everything_was_done() {
    let data = folder();
    let server = Server::start(data.path(), &[], &[]);
    let token = server.opens();
    server.say(&token, &TO_SLOT);
    // A stream of replies is open, and ends.
    let _stream = server.asks(&format!(
        "GET /chat/replies HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    ));
    server.signal();
    let (status, said, took) = server.ends();
    assert_eq!((status.code(), &*said), (Some(0), "Salon Lumen is closed: everything was done\n"));
    assert!(took < Duration::from_secs(8), "{took:?}: it does not wait for its patience");
}

#[test]
fn what_is_not_archived_is_counted() {
    let data = folder();
    let archive = [("FLOW_ARCHIVE", "postgres://127.0.0.1:1/salon?sslmode=disable"), ("FLOW_SERVER_PATIENCE", "2s")];
    let server = Server::start(data.path(), &[], &archive);
    for _ in 0..2 {
        server.say(&server.opens(), &["hello"]);
    }
    server.signal();
    let (status, said, _) = server.ends();
    let told = "Salon Lumen is closed: left to the next process: 2 conversations to be archived\n";
    assert_eq!((status.code(), &*said), (Some(0), told));
}

#[test]
fn a_turn_that_takes_longer_than_the_patience_is_counted_and_goes_on_in_the_next_process() {
    let data = folder();
    let short = [("FLOW_SERVER_PATIENCE", "2s"), ("FLOW_DEADLINES_HANDLER", "3s"), ("FLOW_DEADLINES_ARCHIVE", "1s")];
    let server = Server::start(data.path(), &["--calendar-takes", "60s"], &short);
    server.say(&server.opens(), &["hello"]);
    let token = server.opens();
    assert_eq!(server.say(&token, &TO_SLOT), r#"{"outcome":"handled"}"#);
    assert_eq!(server.say(&token, &["skip"]), r#"{"outcome":"waiting"}"#, "the calendar takes its time");
    server.signal();
    let (status, said, _) = server.ends();
    // What others have said is archived all the same.
    let told = "Salon Lumen is closed: left to the next process: 1 turn, 1 conversation to be archived\n";
    assert_eq!((status.code(), &*said), (Some(0), told));
    let next = Server::start(data.path(), &[], &short);
    let began = Instant::now();
    while !next.state(&token).contains("BOOK_SLOT") {
        assert!(began.elapsed() < Duration::from_secs(60), "what was accepted is handled: {}", next.state(&token));
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let data = folder();
    let server = Server::start(data.path(), &[], &[("FLOW_SERVER_UNREADY", "60s")]);
    server.signal();
    // It has heard the first one once it is not ready any more.
    let is_ready = || {
        let mut answer = String::new();
        let request = "GET /readyz HTTP/1.1\r\nHost: salon\r\nConnection: close\r\n\r\n";
        server.asks(request).read_to_string(&mut answer).expect("an answer");
        answer.starts_with("HTTP/1.1 200")
    };
    while is_ready() {}
    server.signal();
    let (status, said, took) = server.ends();
    assert_eq!((status.code(), status.signal(), &*said), (Some(143), None, ""));
    assert!(took < Duration::from_secs(5), "{took:?}");
}
