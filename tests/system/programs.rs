//! The examples' programs, started from the outside as a user starts them.

use std::{
    io::{self, BufRead, BufReader, Lines, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

/// A running booking bot, which is told and tells lines of JSON.
pub(crate) struct Bot {
    child: Child,
    /// Until it is told that there is no more.
    stdin: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Bot {
    pub(crate) fn on(store: &str) -> Self {
        Self::with(&["--store", store])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::started(arguments, &["chat", "--json"])
    }

    /// One that leaves what is due to others.
    pub(crate) fn without_worker(arguments: &[&str]) -> Self {
        Self::started(arguments, &["chat", "--json", "--no-worker"])
    }

    fn started(arguments: &[&str], command: &[&str]) -> Self {
        let mut child = example("booking")
            .args(arguments)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // One whose server was killed says so, again and again.
            .stderr(Stdio::null())
            .spawn()
            .expect(BUILT);
        let (stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, stdin: Some(stdin), answers: BufReader::new(stdout).lines() }
    }

    /// The answer to one line.
    pub(crate) fn tell(&mut self, line: &Value) -> Value {
        self.tell_all(std::slice::from_ref(line)).remove(0)
    }

    /// The answers to all of these lines, which are told without waiting for any of them.
    pub(crate) fn tell_all(&mut self, lines: &[Value]) -> Vec<Value> {
        let told: Vec<_> = lines.iter().map(ToString::to_string).collect();
        let told = told.join("\n") + "\n";
        // A pipe holds less than many lines, so one hand writes while the other reads.
        thread::scope(|scope| {
            let stdin = self.stdin.as_mut().expect("it is still told");
            let writer = scope.spawn(move || stdin.write_all(told.as_bytes()));
            let answers = lines.iter().map(|_| {
                let answer = self.answers.next().expect("an answer to each line").expect("text");
                serde_json::from_str(&answer).expect("JSON")
            });
            let answers = answers.collect();
            writer.join().expect("a thread").expect("it listens");
            answers
        })
    }

    /// The answer to one line, if it has given it before it is killed so soon after; none if it is gone before.
    pub(crate) fn tell_and_kill(&mut self, line: &Value, after: Option<Duration>) -> Option<Value> {
        let stdin = self.stdin.as_mut().expect("it is still told");
        writeln!(stdin, "{line}").ok()?;
        if let Some(after) = after {
            thread::sleep(after);
            self.child.kill().expect("kill -9");
        }
        let answer = self.answers.next()?.ok()?;
        // The last line may have been cut.
        serde_json::from_str(&answer).ok()
    }

    /// Tells it no more, waits for its end, and says whether it was a good one.
    pub(crate) fn end(mut self) -> bool {
        self.stdin = None;
        self.child.wait().expect("it ends").success()
    }

    /// Ends the program as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // Where a test has failed it may still be there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running worker of the bot, and the lines that it has said so far.
pub(crate) struct Worker {
    child: Child,
    /// Until it is asked for what it has read.
    reader: Option<JoinHandle<Vec<Value>>>,
}

impl Worker {
    /// With a lease of a second, so that one that is killed is soon followed.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let mut child = example("booking")
            .args(arguments)
            .args(["worker", "--lease", "1s"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect(BUILT);
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // The last line of one that is killed may have been cut.
        let parse = |line: io::Result<String>| serde_json::from_str(&line.ok()?).ok();
        let reader = thread::spawn(move || lines.map_while(parse).collect());
        Self { child, reader: Some(reader) }
    }

    /// Ends the program as `kill -9` does, and gives what it had delivered.
    pub(crate) fn kill(mut self) -> Vec<Value> {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("it is gone");
        self.lines()
    }

    /// Ends the program in an orderly way, which it must do, and gives what it had delivered.
    pub(crate) fn end(mut self) -> Vec<Value> {
        // Before its first instant the system answers for it.
        while !heeds_signals(self.child.id()) {
            thread::yield_now();
        }
        signal("TERM", self.child.id());
        assert!(self.child.wait().expect("it ends").success(), "it ends well");
        self.lines()
    }

    fn lines(&mut self) -> Vec<Value> {
        self.reader.take().expect("asked once").join().expect("its lines")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Where a test has failed it may still be there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends the signal of this name to a program.
pub(crate) fn signal(name: &str, program: u32) {
    let done = Command::new("kill").args(["-s", name, &program.to_string()]).status();
    assert!(done.expect("the command `kill`").success());
}

/// `SIGTERM` in a set of signals.
const TERM: u64 = 1 << 14;

/// Whether the program has come to where it answers `SIGTERM` itself; until then the system ends it.
pub(crate) fn heeds_signals(program: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{program}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|caught| u64::from_str_radix(caught.trim(), 16).ok());
    caught.is_some_and(|caught| caught & TERM != 0)
}

pub(crate) const BUILT: &str =
    "the example is built: `cargo build --examples --all-features` does it, and `cargo test --workspace`";

/// Runs an example to its end, which must be a good one.
pub(crate) fn run(name: &str, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = example(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(BUILT);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_ref()).expect("it listens");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    output
}

/// Runs an example at a terminal (a pty), says a line at each prompt and then ends the input; gives what is on the screen.
pub(crate) fn run_at_a_terminal(name: &str, lines: &[&[u8]]) -> String {
    let bot = example(name);
    let mut script = Command::new("script");
    script.arg("-qec").arg(bot.get_program()).arg("/dev/null").env("TERM", "xterm");
    script.envs(bot.get_envs().filter_map(|(variable, value)| Some((variable, value?))));
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut terminal = script.spawn().expect("`script`, of Debian's package `bsdutils`, makes a terminal");
    let (mut keys, screen) = (terminal.stdin.take().expect("a pipe"), terminal.stdout.take().expect("a pipe"));
    let (mut screen, mut shown) = (BufReader::new(screen), Vec::new());
    for line in lines.iter().copied().chain([&b"\x04"[..]]) {
        // The prompt ends with a colon. What is said before it would meet a terminal that is not set up yet.
        while !shown.ends_with(b"you:") && screen.read_until(b':', &mut shown).expect("it is read") > 0 {}
        shown.push(b' ');
        // A chat that has ended listens no more; the screen tells why.
        let _ = keys.write_all(line);
    }
    screen.read_to_end(&mut shown).expect("it is read");
    terminal.wait().expect("it ends");
    String::from_utf8_lossy(&shown).into_owned()
}

/// The example's program, which cargo puts beside the folder of this test's own.
pub(crate) fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the folder of the profile");
    let program: PathBuf = profile.join("examples").join(name);
    let mut command = Command::new(program);
    // What is set for the tests, such as FLOW_SEED, is nothing that a bot knows.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FLOW_")) {
        command.env_remove(name);
    }
    command.env("FLOW_STORE", "memory");
    command
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).expect("a JSON outcome")).collect()
}
