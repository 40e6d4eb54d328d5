//! One Postgres: [`PostgresServer`].

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{account::Account, free_port, process::Process};

/// A Postgres server of one's own, which keeps its port and its data from one start to the next.
///
/// Its one role is `flow`, with the password `password`, and may do everything.
pub struct PostgresServer {
    // Dropped first: it ends before its folder does.
    process: Option<Process>,
    folder: TempDir,
    port: u16,
    account: Account,
    settings: Vec<String>,
}

/// How a server encrypts, in PEM.
#[derive(Clone, Copy)]
pub struct Encryption<'e> {
    /// The server's certificate.
    pub certificate: &'e str,
    /// Its key.
    pub key: &'e str,
    /// The authority of the certificates that clients have to show; none if they need not have one.
    pub clients: Option<&'e str>,
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

const ROLE: &str = "flow";
const PASSWORD: &str = "password";

impl PostgresServer {
    /// A server that keeps what it acknowledges.
    ///
    /// Panics if Debian's package `postgresql` is not installed, or the server does not start.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server that does not wait for its disk, for tests that do not ask what is left after a crash.
    pub fn start_quick() -> Self {
        Self::with(&["fsync=off", "full_page_writes=off"])
    }

    /// A server with further settings: `&["fsync=off"]`.
    pub fn with(settings: &[&str]) -> Self {
        let mut server = Self::prepared(settings);
        server.start_again();
        server
    }

    /// A server that takes encrypted connections, and no others but by its socket.
    pub fn encrypted(encryption: Encryption<'_>) -> Self {
        let mut server = Self::prepared(&["fsync=off", "ssl=on"]);
        let mut clients = "scram-sha-256".to_owned();
        server.settle("ssl_cert_file", "server.crt", encryption.certificate);
        server.settle("ssl_key_file", "server.key", encryption.key);
        if let Some(authority) = encryption.clients {
            server.settle("ssl_ca_file", "clients.crt", authority);
            clients += " clientcert=verify-ca";
        }
        let rights = format!("local all all scram-sha-256\nhostssl all all 127.0.0.1/32 {clients}\n");
        server.settle("hba_file", "rights.conf", &rights);
        server.start_again();
        server
    }

    /// `postgres://flow:password@127.0.0.1:…/database`; the database `postgres` is there from the start.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{ROLE}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server says to statements in the database `postgres`, as `psql -At` prints it.
    ///
    /// Panics with the server's words if it refuses.
    pub fn ask(&self, sql: &str) -> String {
        let output = self.psql(sql).output().expect("`psql`, which comes with the server");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Ends the server in an orderly way, and waits for its end.
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("a running server");
        process.signal("INT");
        process.wait();
    }

    /// Ends the server as a crash does, and waits for the end of all its processes.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a running server");
        let family = family(process.pid());
        signal("KILL", &family);
        process.wait();
        let began = Instant::now();
        while family.iter().any(|pid| is_running(pid)) {
            assert!(began.elapsed() < PATIENCE, "a process of the server outlives kill -9");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Stops the server's processes without ending them, until [`PostgresServer::resume`].
    pub fn pause(&self) {
        let running = self.process.as_ref().expect("a running server");
        // Its own first, so that it makes no more of them.
        running.signal("STOP");
        signal("STOP", &family(running.pid()));
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        signal("CONT", &family(self.process.as_ref().expect("a running server").pid()));
    }

    /// Starts a server that was stopped or killed, and waits until it answers.
    pub fn start_again(&mut self) {
        let (folder, port) = (self.folder.path().display().to_string(), self.port.to_string());
        let mut settings = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={folder}"),
            // What a killed server leaves behind is in its own folder.
            "dynamic_shared_memory_type=mmap".to_owned(),
            "max_connections=200".to_owned(),
        ];
        settings.extend(self.settings.iter().cloned());
        let mut arguments = vec!["-D".to_owned(), self.data().display().to_string(), "-p".to_owned(), port];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let (program, arguments) = self.account.run(&self.account.program("postgres"), arguments);
        // By QUIT it ends at once, and clears away what it shares with its children. Its folder is not a small one.
        let folder = Some(self.folder.path());
        self.process = Some(Process::guarded(&program, &arguments, &self.log(), "QUIT", folder));
        let began = Instant::now();
        while !self.answers() {
            assert!(began.elapsed() < PATIENCE, "the server does not answer: {}", self.words());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A server with its data, which is not started.
    fn prepared(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let settings = settings.iter().map(ToString::to_string).collect();
        let server = Self { process: None, folder, port: free_port(), account: Account::find(), settings };
        server.account.give(server.folder.path());
        let password = server.write("password", PASSWORD);
        let arguments = [
            format!("--pgdata={}", server.data().display()),
            format!("--username={ROLE}"),
            format!("--pwfile={}", password.display()),
            "--auth=scram-sha-256".to_owned(),
            "--encoding=UTF8".to_owned(),
            "--locale=C".to_owned(),
            "--no-sync".to_owned(),
        ];
        let (program, arguments) = server.account.run(&server.account.program("initdb"), arguments.into());
        let output = Command::new(program).args(arguments).current_dir(server.folder.path()).output();
        let output = output.expect("`initdb`, which comes with the server");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        server
    }

    /// Writes a file that the server alone can read, and gives a setting its path.
    fn settle(&mut self, setting: &str, name: &str, text: &str) {
        let path = self.write(name, text);
        self.settings.push(format!("{setting}={}", path.display()));
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        self.account.give(&path);
        path
    }

    /// By the socket, which needs no certificate.
    fn psql(&self, sql: &str) -> Command {
        let mut client = Command::new(self.account.program("psql"));
        client.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", ROLE, "-d", "postgres", "-p", &self.port.to_string()]);
        client.arg("-h").arg(self.folder.path()).args(["-c", sql]).env("PGPASSWORD", PASSWORD);
        client
    }

    fn answers(&self) -> bool {
        let answered = self.psql("SELECT 1").stdout(Stdio::null()).stderr(Stdio::null()).status();
        answered.is_ok_and(|status| status.success())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn words(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// A program and its children, by their numbers.
fn family(pid: &str) -> Vec<String> {
    let is_child = |status: &str| status.lines().any(|line| line.strip_prefix("PPid:\t") == Some(pid));
    let processes = fs::read_dir("/proc").expect("the processes of a Linux");
    let pids = processes.filter_map(|process| process.ok()?.file_name().into_string().ok());
    let children = pids.filter(|child| status(child).is_some_and(|status| is_child(&status)));
    std::iter::once(pid.to_owned()).chain(children).collect()
}

/// Whether such a process still runs. One that has ended, and that its parent has not waited for yet, does not.
fn is_running(pid: &str) -> bool {
    status(pid).is_some_and(|status| !status.contains("State:\tZ"))
}

fn status(pid: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/status")).ok()
}

/// Sends a signal to whichever of these are still there.
fn signal(signal: &str, pids: &[String]) {
    let sent = Command::new("kill").args(["-s", signal]).args(pids).stderr(Stdio::null()).status();
    sent.expect("the command `kill`");
}
