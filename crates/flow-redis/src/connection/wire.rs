//! A connection to one server, or to all that make up a cluster: [`Wire`].

use std::time::Duration;

use futures_util::future::try_join_all;
use redis::{
    Cmd, Pipeline, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster_async::ClusterConnection,
    cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr},
};

/// A connection whose clones share it.
#[derive(Clone)]
pub(crate) enum Wire {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// One of the servers that make up a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    /// What it calls itself, wherever it is.
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// How many replicas are to confirm a write, and for how long they are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) patience: Duration,
}

impl Wire {
    /// How many replicas have confirmed what was last written on this wire, in this slot of a cluster.
    pub(crate) async fn wait_for(&mut self, replicas: &Replicas, slot: u16) -> RedisResult<Value> {
        let mut wait = redis::cmd("WAIT");
        // None would mean for ever.
        wait.arg(replicas.count).arg(u64::try_from(replicas.patience.as_millis()).unwrap_or(u64::MAX).max(1));
        match self {
            Self::Cluster(connection) => connection.route_command(wait, master_of(slot)).await,
            Self::Server(connection) => wait.query_async(connection).await,
        }
    }

    /// Sends a command to this node, or where it belongs.
    pub(crate) async fn send(&mut self, command: &Cmd, node: Option<&Node>) -> RedisResult<Value> {
        match (self, node) {
            (Self::Cluster(connection), Some(Node { host, port, .. })) => {
                let there = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                connection.route_command(command.clone(), RoutingInfo::SingleNode(there)).await
            }
            (wire, _) => command.query_async(wire).await,
        }
    }

    /// Sends commands to a server in one go; in a cluster at once, each to where it belongs. The first of them, which have no
    /// key, belong to the masters of these slots.
    pub(crate) async fn send_together(&mut self, commands: &Pipeline, first: &[u16]) -> RedisResult<Value> {
        let answers = match self {
            Self::Server(connection) => connection.req_packed_commands(commands, 0, commands.len()).await?,
            Self::Cluster(connection) => {
                let sent = commands.cmd_iter().enumerate().map(|(index, command)| {
                    let (mut connection, slot) = (connection.clone(), first.get(index).copied());
                    async move {
                        match slot {
                            Some(slot) => connection.route_command(command.clone(), master_of(slot)).await,
                            None => command.query_async(&mut connection).await,
                        }
                    }
                });
                try_join_all(sent).await?
            }
        };
        Value::Array(answers).extract_error()
    }
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// The way to the master of a slot.
fn master_of(slot: u16) -> RoutingInfo {
    RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master)))
}

/// The masters among the nodes, in the order of their ids, as `CLUSTER SLOTS` has them.
pub(crate) fn masters(slots: &Value) -> Option<Vec<Node>> {
    let Value::Array(ranges) = slots else { return None };
    let mut masters: Vec<_> = ranges.iter().map(master).collect::<Option<_>>()?;
    masters.sort();
    masters.dedup();
    Some(masters)
}

/// The first node of a range of slots: beginning, end, master, replicas.
fn master(range: &Value) -> Option<Node> {
    let Value::Array(range) = range else { return None };
    let Value::Array(master) = range.get(2)? else { return None };
    let [Value::BulkString(host), Value::Int(port), Value::BulkString(id), ..] = &master[..] else { return None };
    let text = |bytes: &[u8]| str::from_utf8(bytes).ok().map(str::to_owned);
    Some(Node { id: text(id)?, host: text(host)?, port: u16::try_from(*port).ok()? })
}
