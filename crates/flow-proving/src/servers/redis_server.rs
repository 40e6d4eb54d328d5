//! One Redis: [`RedisServer`].

use std::{
    env,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::process::Process;

/// A Redis server of one's own, which keeps its port, its socket and its data from one start to the next.
///
/// The variable `FLOW_REDIS_SERVER` names another program that speaks as Redis does.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
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
        let folder = tempfile::tempdir().expect("a folder for the server");
        let settings = settings.iter().map(ToString::to_string).collect();
        let mut server = Self { folder, port: free_port(), settings, process: None };
        server.start_again();
        server
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
        self.process = Some(Process::start(&program(), &arguments, &self.log(), "redis-server"));
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
