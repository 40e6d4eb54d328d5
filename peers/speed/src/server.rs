//! A Redis of our own on a free port, and what `redis-benchmark` says of it.

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::candidates::SCRIPT;

pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A node of a cluster that is still to be told of the others.
    pub fn of_a_cluster(notes: &Path) -> Self {
        let notes = notes.to_str().expect("a path of text");
        Self::with(&["--cluster-enabled", "yes", "--cluster-config-file", notes])
    }

    fn with(settings: &[&str]) -> Self {
        let port = free_port();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(settings)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            thread::sleep(Duration::from_millis(20));
        }
        Self { process, port }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server says to a command.
    pub fn ask(&self, command: &[&str]) -> String {
        let output = self.client("redis-cli").args(command).output().expect("redis-cli is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-p", &self.port.to_string()]);
        command
    }

    /// How often a second the bare script runs, by so many connections with so many calls on their way each.
    pub fn bare_script(&self, connections: usize, pipeline: usize) -> f64 {
        let loaded =
            self.client("redis-cli").args(["SCRIPT", "LOAD", SCRIPT]).output().expect("redis-cli is installed");
        let hash = String::from_utf8_lossy(&loaded.stdout).trim().to_owned();
        let record = format!("00000000{}", "x".repeat(992));
        let calls = if connections * pipeline == 1 { 6_000 } else { 30_000 };
        let output = self
            .client("redis-benchmark")
            .args(["-c", &connections.to_string(), "-P", &pipeline.to_string(), "-n", &calls.to_string()])
            .args(["-r", "512", "--csv", "EVALSHA", &hash, "1", "bare:__rand_int__", "00000000", &record])
            .output()
            .expect("redis-benchmark is installed");
        let written = String::from_utf8_lossy(&output.stdout);
        // The name of the test, and its rate.
        let rate = written.lines().last().and_then(|line| line.split("\",\"").nth(1));
        rate.and_then(|rate| rate.trim_matches('"').parse().ok())
            .unwrap_or_else(|| panic!("redis-benchmark says {written}"))
    }
}

/// A port that a cluster's bus can have too: it takes the port 10,000 above.
fn free_port() -> u16 {
    let ports = std::iter::repeat_with(|| {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        free.expect("a port").port()
    });
    ports.into_iter().find(|port| *port < 55_000).expect("there are such ports")
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
