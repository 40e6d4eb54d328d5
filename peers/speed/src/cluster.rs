//! Turns over one to six masters of a cluster, which are processes of this machine.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use flow_redis::RedisStore;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    candidates,
    measured::{Candidate, measure},
    server::Server,
    talk,
};

/// At once, whatever the nodes.
pub const AT_ONCE: usize = 64;

const MOST_NODES: usize = 6;

/// How many hash slots a cluster has.
const SLOTS: usize = 16_384;

/// Masters without replicas that share the slots.
struct Cluster {
    nodes: Vec<Server>,
    _folder: TempDir,
}

impl Cluster {
    fn start(nodes: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        let nodes: Vec<_> =
            (0..nodes).map(|node| Server::of_a_cluster(&folder.path().join(format!("{node}.conf")))).collect();
        for (index, node) in nodes.iter().enumerate() {
            let (from, to) = (index * SLOTS / nodes.len(), (index + 1) * SLOTS / nodes.len() - 1);
            node.ask(&["CLUSTER", "ADDSLOTSRANGE", &from.to_string(), &to.to_string()]);
            nodes[0].ask(&["CLUSTER", "MEET", "127.0.0.1", &node.port().to_string()]);
        }
        let cluster = Self { nodes, _folder: folder };
        let began = Instant::now();
        while !cluster.nodes.iter().all(|node| cluster.is_known_to(node)) {
            assert!(began.elapsed() < Duration::from_secs(60), "the nodes do not agree");
            thread::sleep(Duration::from_millis(100));
        }
        cluster
    }

    fn is_known_to(&self, node: &Server) -> bool {
        let info = node.ask(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok") && info.contains(&format!("cluster_known_nodes:{}\r", self.nodes.len()))
    }

    fn url(&self) -> String {
        let places: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", places.join(","))
    }
}

/// Turns a second by how many nodes there are, and their spread.
pub fn by_nodes(runtime: &Runtime) -> Vec<(usize, f64, f64)> {
    let clusters: Vec<_> = (1..=MOST_NODES).map(Cluster::start).collect();
    let mut candidates = Vec::new();
    for cluster in &clusters {
        let store = Arc::new(runtime.block_on(RedisStore::connect(&cluster.url())).expect("a store"));
        let ours = candidates::ours(&talk::engine(store, 10, 0));
        let name = format!("a cluster of {}", cluster.nodes.len());
        candidates.push(Candidate::acting(name, runtime, AT_ONCE, ours));
    }
    measure(&mut candidates);
    let rates = candidates.iter().map(|candidate| (candidate.rate.median(), candidate.rate.spread()));
    (1..).zip(rates).map(|(nodes, (median, spread))| (nodes, median, spread)).collect()
}
