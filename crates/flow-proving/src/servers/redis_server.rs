//! One Redis: [`RedisServer`].

use std::{
    env,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tempfile::TempDir;

use super::{clock::Clock, process::Process};

/// A Redis server of one's own, which keeps its port, its socket and its data from one start to the next.
///
/// The variable `FLOW_REDIS_SERVER` names another program that speaks as Redis does.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
    clock: Option<Clock>,
    process: Option<Process>,
}

/// How long a server may take to answer its first ping.
const PATIENCE: Duration = Duration::from_secs(20);

impl RedisServer {
    /// A server that keeps nothing on disk.
    ///
    /// Panics if `redis-server` is not installed, or does not start.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with further settings, as on its command line: `&["--appendonly", "yes"]`.
    pub fn with(settings: &[&str]) -> Self {
        Self::in_folder(tempfile::tempdir().expect("a folder for the server"), settings, None)
    }

    /// A server on a machine whose clock is so many seconds ahead of ours; behind it, if they are less than nothing.
    ///
    /// Panics as [`start`](Self::start) does, and if there is no C compiler.
    pub fn ahead_by(seconds: i64, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let clock = Clock::in_folder(folder.path());
        clock.set_ahead_by(seconds);
        let server = Self::in_folder(folder, settings, Some(clock));
        server.has_the_clock_of(seconds);
        server
    }

    /// Sets the clock of a server that was started [`ahead_by`](Self::ahead_by) so many seconds, while it runs.
    pub fn set_ahead_by(&self, seconds: i64) {
        self.clock.as_ref().expect("a server with a clock of its own").set_ahead_by(seconds);
        self.has_the_clock_of(seconds);
    }

    fn in_folder(folder: TempDir, settings: &[&str], clock: Option<Clock>) -> Self {
        let settings = settings.iter().map(ToString::to_string).collect();
        let mut server = Self { folder, port: free_port(), settings, clock, process: None };
        server.start_again();
        server
    }

    /// A library that is not loaded is only warned of, and a test of clocks that differ would be one of clocks that agree.
    fn has_the_clock_of(&self, seconds: i64) {
        let told = self.ask(&["TIME"]);
        let told: i64 = told.lines().next().and_then(|told| told.parse().ok()).expect("the server tells its time");
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
        let ahead = told - i64::try_from(ours.as_secs()).expect("a clock that is set");
        assert!((ahead - seconds).abs() <= 2, "it is ahead by {ahead} s: {}", self.words());
    }

    /// `redis://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `unix://…`, the same server without TCP.
    pub fn socket_url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// The port on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server says to a command, as `redis-cli` prints it.
    pub fn ask(&self, words: &[&str]) -> String {
        let mut client = Command::new("redis-cli");
        client.arg("-s").arg(self.socket());
        let place = self.settings.iter().position(|setting| setting == "--requirepass");
        ask(client, place.map(|place| self.settings[place + 1].as_str()), words)
    }

    /// What the server at this port says.
    pub(super) fn ask_at(port: u16, password: Option<&str>, words: &[&str]) -> String {
        let mut client = Command::new("redis-cli");
        client.args(["-p", &port.to_string()]);
        ask(client, password, words)
    }

    /// Ends the server in an orderly way, and waits for its end.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Ends the server as a crash does, and waits for its end.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Stops the server's processes without ending them, until [`RedisServer::resume`].
    pub fn pause(&self) {
        self.running().signal("STOP");
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.running().signal("CONT");
    }

    /// Starts a server that was stopped or killed, and waits until it answers.
    pub fn start_again(&mut self) {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let mut arguments = vec!["--port".to_owned(), self.port.to_string()];
        for (setting, value) in [
            ("--bind", "127.0.0.1".to_owned()),
            ("--unixsocket", path("redis.sock")),
            ("--dir", path("")),
            ("--save", String::new()),
            ("--appendonly", "no".to_owned()),
            ("--daemonize", "no".to_owned()),
            // A replica need not wait for others to come.
            ("--repl-diskless-sync-delay", "0".to_owned()),
        ] {
            arguments.extend([setting.to_owned(), value]);
        }
        arguments.extend(self.settings.iter().cloned());
        let (mut program, mut package) = (program(), "redis-server");
        if let Some(clock) = &self.clock {
            arguments.insert(0, program);
            arguments.splice(..0, clock.variables());
            (program, package) = ("env".to_owned(), "coreutils");
        }
        self.process = Some(Process::start(&program, &arguments, &self.log(), package));
        let began = Instant::now();
        // A server that wants a password, or is still loading, answers too, with an error.
        while self.ask(&["PING"]).is_empty() || self.ask(&["PING"]).contains("LOADING") {
            assert!(began.elapsed() < PATIENCE, "the server does not answer: {}", self.words());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn end(&mut self, signal: &str) {
        let mut process = self.process.take().expect("a running server");
        process.signal(signal);
        process.wait();
    }

    fn running(&self) -> &Process {
        self.process.as_ref().expect("a running server")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn words(&self) -> String {
        std::fs::read_to_string(Path::new(&self.log())).unwrap_or_default()
    }
}

/// Which server is started.
pub(super) fn program() -> String {
    env::var("FLOW_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

fn ask(mut client: Command, password: Option<&str>, words: &[&str]) -> String {
    if let Some(password) = password {
        client.env("REDISCLI_AUTH", password);
    }
    let output = client.args(words).output().expect("`redis-cli`, which comes with the server");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A free port. If another program takes it before the server does, the server says so.
pub fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        // The nodes of a cluster speak to each other on a port so much higher.
        if port.checked_add(10_000).is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok()) {
            return port;
        }
    }
}
