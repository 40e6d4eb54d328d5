//! One Prometheus, and the tool that comes with it: [`Prometheus`].

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{free_port, process::Process};

/// A Prometheus server of one's own, which keeps its data in a folder that goes with it.
pub struct Prometheus {
    _folder: TempDir,
    port: u16,
    _process: Process,
}

const PACKAGE: &str = "prometheus";

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Prometheus {
    /// A server with this configuration, as its file has it; it gathers as often as that says.
    ///
    /// Panics if `prometheus` is not installed, or does not take the configuration.
    pub fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let (file, log, port) = (folder.path().join("prometheus.yml"), folder.path().join("log"), free_port());
        fs::write(&file, configuration).expect("a file in its folder");
        let arguments = [
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", folder.path().join("data").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ];
        let process = Process::start("prometheus", &arguments, &log, PACKAGE);
        let began = Instant::now();
        while get(port, "/-/ready").is_none() {
            let words = || fs::read_to_string(&log).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "prometheus does not start: {}", words());
            thread::sleep(Duration::from_millis(50));
        }
        Self { _folder: folder, port, _process: process }
    }

    /// What it answers for this path of its API, such as `rules`.
    ///
    /// Panics if it answers with an error.
    pub fn asks(&self, path: &str) -> Value {
        let answer = get(self.port, &format!("/api/v1/{path}")).unwrap_or_else(|| panic!("it refuses {path}"));
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["data"].take()
    }

    /// What this expression gives at this moment; none if it is not one.
    pub fn evaluates(&self, expression: &str) -> Option<Value> {
        let mut answer: Value =
            serde_json::from_str(&get(self.port, &format!("/api/v1/query?query={}", encoded(expression)))?).ok()?;
        Some(answer["data"]["result"].take())
    }
}

/// Runs `promtool` with these arguments; gives what it says, as an error if it is not content.
///
/// Panics if it is not installed.
pub fn promtool(arguments: &[&str], input: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("input");
    fs::write(&file, input).expect("a file");
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(fs::File::open(&file).expect("that file"));
    told(&mut command)
}

/// Has `promtool` evaluate rules as this file says, in its format for tests of rules; fails with what was otherwise.
pub fn promtool_tests(file: &Path) -> Result<String, String> {
    told(Command::new("promtool").args(["test", "rules"]).arg(file))
}

fn told(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("promtool is not installed: `apt-get install prometheus` brings it");
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words).into_owned();
    if output.status.success() { Ok(words) } else { Err(words) }
}

/// The body of an answer; none if it is an error, or nobody answers.
fn get(port: u16, path: &str) -> Option<String> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    connection.set_read_timeout(Some(PATIENCE)).ok()?;
    // An answer to version 1.0 comes in one piece.
    write!(connection, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.lines().next()?.contains(" 200 ").then(|| body.to_owned())
}

fn encoded(text: &str) -> String {
    let each = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.as_bytes().iter().map(each).collect()
}
