//! How a connection is made: [`Dialler`].

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use redis::{AsyncConnectionConfig, Value, cluster::ClusterClientBuilder, io::tcp::TcpSettings};
use tokio::time::timeout;

use super::{Address, AddressError, Node, Subscription, Topology, Trust, Wire, topology::Sentinels, wire::masters};
use crate::{health::Report, redis_failure::RedisFailure, server_call::ServerCall};

/// Makes connections to the server that keeps the sessions, the first of them only if it keeps what it is given.
pub(crate) struct Dialler {
    topology: Topology,
    trust: Trust,
    deadline: Duration,
    was_checked: AtomicBool,
}

impl Dialler {
    /// Fails if the certificates or the keys are none.
    pub(crate) fn new(
        topology: Topology,
        trust: Trust,
        deadline: Duration,
        allows_eviction: bool,
    ) -> Result<Self, AddressError> {
        for address in topology.addresses() {
            trust.client(address)?;
        }
        Ok(Self { topology, trust, deadline, was_checked: AtomicBool::new(allows_eviction) })
    }

    /// How long a connection may take to be made.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn dials_a_cluster(&self) -> bool {
        matches!(self.topology, Topology::Cluster(_))
    }

    pub(crate) async fn dial(&self) -> Result<Wire, RedisFailure> {
        let dialling = async {
            let mut wire = match &self.topology {
                Topology::Server(address) => self.connect(address).await?,
                Topology::Sentinels(sentinels) => self.connect(&self.master(sentinels).await?).await?,
                Topology::Cluster(nodes) => self.join(nodes).await?,
            };
            self.check(&mut wire).await?;
            Ok(wire)
        };
        timeout(self.deadline, dialling).await.unwrap_or(Err(RedisFailure::NoConnection(self.deadline)))
    }

    /// A connection on which these channels are heard. Of a cluster, to one of these nodes.
    pub(crate) async fn subscribe(&self, nodes: &[Node], channels: &[String]) -> Result<Subscription, RedisFailure> {
        let dialling = async {
            match &self.topology {
                Topology::Server(address) => self.hear(address, channels).await,
                Topology::Sentinels(sentinels) => self.hear(&self.master(sentinels).await?, channels).await,
                Topology::Cluster(known) => {
                    // Listeners are spread over the nodes.
                    let (Some(known), Some(node)) = (known.first(), fastrand::choice(nodes)) else {
                        return Err(RedisFailure::Unexpected);
                    };
                    self.hear(&known.at(node.host.clone(), node.port), channels).await
                }
            }
        };
        timeout(self.deadline, dialling).await.unwrap_or(Err(RedisFailure::NoConnection(self.deadline)))
    }

    async fn hear(&self, address: &Address, channels: &[String]) -> Result<Subscription, RedisFailure> {
        let client = self.trust.client(&address.in_the_older_protocol());
        let client = client.map_err(|error| RedisFailure::Client(error.to_string()))?;
        let connection = client.get_async_pubsub().await.map_err(RedisFailure::of_connecting)?;
        Subscription::to(channels, connection).await
    }

    async fn connect(&self, address: &Address) -> Result<Wire, RedisFailure> {
        let client = self.trust.client(address).map_err(|error| RedisFailure::Client(error.to_string()))?;
        // The deadlines are ours: the client would count each part for itself.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connection = client.get_multiplexed_async_connection_with_config(&config).await;
        connection.map(Wire::Server).map_err(RedisFailure::of_connecting)
    }

    async fn join(&self, nodes: &[Address]) -> Result<Wire, RedisFailure> {
        let builder = ClusterClientBuilder::new(nodes.iter().map(|address| address.info().clone()))
            .connection_timeout(self.deadline)
            .response_timeout(self.deadline)
            // A moved slot or a lost master is found out by asking again, until the caller's deadline.
            .retries(MOST_REDIRECTIONS)
            .min_retry_wait(10)
            .max_retry_wait(100)
            .tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = self.trust.cluster(builder, nodes).build().map_err(RedisFailure::of_connecting)?;
        client.get_async_connection().await.map(Wire::Cluster).map_err(RedisFailure::of_connecting)
    }

    /// The master that most of the sentinels name: a sentinel that was cut off may not have heard of a failover.
    async fn master(&self, sentinels: &Sentinels) -> Result<Address, RedisFailure> {
        let patience = self.deadline / 2;
        let asked = sentinels.addresses.iter().map(|sentinel| async move {
            let asking = self.ask_for_master(sentinel, &sentinels.service);
            timeout(patience, asking).await.unwrap_or(Err(RedisFailure::NoConnection(patience)))
        });
        let (mut votes, mut failures) = (HashMap::<_, u32>::new(), Vec::new());
        for answer in join_all(asked).await {
            match answer {
                Ok(Some(master)) => *votes.entry(master).or_default() += 1,
                Ok(None) => failures.push(RedisFailure::NoMaster),
                Err(failure) => failures.push(failure),
            }
        }
        let Some(((host, port), _)) = votes.into_iter().max_by_key(|(_, votes)| *votes) else {
            // An answer of one sentinel tells more than the silence of another.
            let index = failures.iter().position(|failure| !failure.is_of_reaching()).unwrap_or_default();
            return Err(failures.swap_remove(index));
        };
        Ok(sentinels.master.at(host, port))
    }

    async fn ask_for_master(&self, sentinel: &Address, service: &str) -> Result<Option<(String, u16)>, RedisFailure> {
        let mut wire = self.connect(sentinel).await?;
        let call = ServerCall::command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]);
        match call.send(&mut wire).await.map_err(RedisFailure::from)? {
            Value::Nil => Ok(None),
            Value::Array(master) => host_and_port(&master).map(Some).ok_or(RedisFailure::Unexpected),
            _ => Err(RedisFailure::Unexpected),
        }
    }

    /// Fails if a server gives up live sessions when its memory is full.
    async fn check(&self, wire: &mut Wire) -> Result<(), RedisFailure> {
        if self.was_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let nodes = match &self.topology {
            Topology::Cluster(_) => {
                let slots = ServerCall::command(&["CLUSTER", "SLOTS"]).send(wire).await.map_err(RedisFailure::from)?;
                masters(&slots).ok_or(RedisFailure::Unexpected)?.into_iter().map(Some).collect()
            }
            _ => vec![None],
        };
        for node in nodes {
            let call = ServerCall::command(&["INFO", "memory"]).of(node.as_ref());
            match call.send(wire).await.map_err(RedisFailure::from) {
                Ok(value) => Report::read(&value).check_eviction()?,
                Err(RedisFailure::Answer(code)) => {
                    tracing::warn!(
                        code,
                        "the server does not say whether it gives up sessions when its memory is full"
                    );
                }
                Err(failure) => return Err(failure),
            }
        }
        self.was_checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// So often a request is sent on, or again, within a cluster.
const MOST_REDIRECTIONS: u32 = 8;

fn host_and_port(master: &[Value]) -> Option<(String, u16)> {
    let [Value::BulkString(host), Value::BulkString(port)] = master else { return None };
    Some((String::from_utf8(host.clone()).ok()?, str::from_utf8(port).ok()?.parse().ok()?))
}
