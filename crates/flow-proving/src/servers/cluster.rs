//! Six nodes that share the sessions: [`Cluster`].

use std::{
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use super::RedisServer;

/// Three masters with a third of the slots each, and a replica for each of them.
pub struct Cluster {
    /// The masters at first, then the replicas.
    pub nodes: Vec<RedisServer>,
}

const SETTINGS: [&str; 4] = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];

/// How long the nodes may take to agree.
const PATIENCE: Duration = Duration::from_secs(30);

impl Cluster {
    /// Starts the nodes, and waits until they agree and every master has its replica.
    ///
    /// Panics if `redis-server` is not installed, or the cluster does not come about.
    pub fn start() -> Self {
        Self::of((0..6).map(|_| RedisServer::with(&SETTINGS)).collect())
    }

    /// The same on six machines whose clocks are so many seconds ahead of ours.
    ///
    /// Panics as [`start`](Self::start) does, and if there is no C compiler.
    pub fn ahead_by(seconds: [i64; 6]) -> Self {
        Self::of(seconds.map(|seconds| RedisServer::ahead_by(seconds, &SETTINGS)).into())
    }

    fn of(nodes: Vec<RedisServer>) -> Self {
        let cluster = Self { nodes };
        let places: Vec<_> = cluster.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        let places = places.iter().map(String::as_str);
        let words =
            ["--cluster", "create"].into_iter().chain(places).chain(["--cluster-replicas", "1", "--cluster-yes"]);
        redis_cli(&words.collect::<Vec<_>>());
        cluster.wait_until("every node agrees", |node| {
            let nodes = node.ask(&["CLUSTER", "NODES"]);
            let replicas = nodes.lines().filter(|line| line.contains("slave")).count();
            node.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok") && replicas == 3
        });
        cluster.wait_until("every replica has its master's data", |node| {
            let replication = node.ask(&["INFO", "replication"]);
            replication.contains("role:master") || replication.contains("master_link_status:up")
        });
        cluster
    }

    /// `redis+cluster://…` with some of the nodes.
    pub fn url(&self) -> String {
        let places: Vec<_> = self.nodes[..3].iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", places.join(","))
    }

    /// Moves so many slots from one master to another, with what they hold, and waits for the end of it.
    pub fn move_slots(&self, from: usize, to: usize, count: usize) {
        let id = |node: usize| self.nodes[node].ask(&["CLUSTER", "MYID"]);
        let (place, from, to) = (format!("127.0.0.1:{}", self.nodes[0].port()), id(from), id(to));
        let ends = ["--cluster-from", from.as_str(), "--cluster-to", to.as_str()];
        let count = count.to_string();
        let words = ["--cluster", "reshard", &place, "--cluster-slots", &count, "--cluster-yes"];
        redis_cli(&[&words[..], &ends].concat());
        // The nodes need a while to hear of it.
        self.wait_until("every node knows", |node| {
            let place = format!("127.0.0.1:{}", node.port());
            try_redis_cli(&["--cluster", "check", &place]).status.success()
        });
    }

    fn wait_until(&self, what: &str, holds: impl Fn(&RedisServer) -> bool) {
        let began = Instant::now();
        for node in &self.nodes {
            while !holds(node) {
                assert!(began.elapsed() < PATIENCE, "it takes too long until {what}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn redis_cli(words: &[&str]) {
    let output = try_redis_cli(words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn try_redis_cli(words: &[&str]) -> Output {
    Command::new("redis-cli").args(words).output().expect("`redis-cli`, which comes with the server")
}
