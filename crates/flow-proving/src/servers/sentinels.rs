//! A master, a replica, and the sentinels that watch them: [`Sentinels`].

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{RedisServer, free_port, process::Process, redis_server::program};

/// Two servers, of which one is the master, and three sentinels that make the other the master when that one is gone.
pub struct Sentinels {
    /// The master at first, and its replica.
    pub servers: [RedisServer; 2],
    ports: [u16; 3],
    _processes: Vec<Process>,
    _folder: TempDir,
}

/// What the sentinels call the pair.
const SERVICE: &str = "salon";

/// How long the set may take to know each other.
const PATIENCE: Duration = Duration::from_secs(20);

impl Sentinels {
    /// Everything, with a password for the servers and another for the sentinels.
    ///
    /// Panics if `redis-server` is not installed, or the set does not come about.
    pub fn start(password: &str, sentinels_password: &str) -> Self {
        Self::around(RedisServer::with, password, sentinels_password)
    }

    /// The same, and the replica's clock is so many seconds ahead of the master's, which is ours.
    ///
    /// Panics as [`start`](Self::start) does, and if there is no C compiler.
    pub fn with_a_replica_ahead_by(seconds: i64, password: &str, sentinels_password: &str) -> Self {
        let start = |settings: &[&str]| {
            let ahead = if settings.contains(&"--replicaof") { seconds } else { 0 };
            RedisServer::ahead_by(ahead, settings)
        };
        Self::around(start, password, sentinels_password)
    }

    fn around(start: impl Fn(&[&str]) -> RedisServer, password: &str, sentinels_password: &str) -> Self {
        let secured = ["--requirepass", password, "--masterauth", password];
        let master = start(&secured);
        let master_port = master.port().to_string();
        let replica = start(&[&secured[..], &["--replicaof", &format!("127.0.0.1 {master_port}")]].concat());
        let folder = tempfile::tempdir().expect("a folder for the sentinels");
        let ports = [(); 3].map(|()| free_port());
        let processes = ports.iter().map(|port| {
            let settings = format!(
                "port {port}\nbind 127.0.0.1\nrequirepass {sentinels_password}\nsentinel sentinel-pass {sentinels_password}\n\
                 sentinel monitor {SERVICE} 127.0.0.1 {master_port} 2\nsentinel auth-pass {SERVICE} {password}\n\
                 sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 3000\n"
            );
            let path = folder.path().join(format!("{port}.conf"));
            fs::write(&path, settings).expect("a file");
            let arguments = [path.display().to_string(), "--sentinel".to_owned()];
            Process::start(&program(), &arguments, &folder.path().join(format!("{port}.log")), "redis-server")
        });
        let processes = processes.collect();
        let sentinels = Self { servers: [master, replica], ports, _processes: processes, _folder: folder };
        sentinels.wait_until_they_know_each_other(sentinels_password);
        sentinels
    }

    /// `redis+sentinel://…` with all sentinels; the passwords are left to the caller.
    pub fn url(&self) -> String {
        let places: Vec<_> = self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("redis+sentinel://{}/{SERVICE}", places.join(","))
    }

    fn wait_until_they_know_each_other(&self, password: &str) {
        let began = Instant::now();
        for port in self.ports {
            loop {
                let told = RedisServer::ask_at(port, Some(password), &["SENTINEL", "MASTER", SERVICE]);
                let told: Vec<_> = told.lines().collect();
                let is = |name: &str, value: &str| told.windows(2).any(|pair| pair == [name, value]);
                if is("num-other-sentinels", "2") && is("num-slaves", "1") && is("flags", "master") {
                    break;
                }
                assert!(began.elapsed() < PATIENCE, "the sentinels do not find each other: {told:?}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
