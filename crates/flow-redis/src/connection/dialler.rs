//! How a connection is made: [`Dialler`].

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use redis::{AsyncConnectionConfig, Value, cluster::ClusterClientBuilder, io::tcp::TcpSettings};
use tokio::time::timeout;

use super::{Address, AddressError, Place, Trust, Wire, place::Sentinels, wire::masters};
use crate::{failure::Failure, health::Report, request::Request};

/// Makes connections to the server that keeps the sessions, the first of them only if it keeps what it is given.
pub(crate) struct Dialler {
    place: Place,
    trust: Trust,
    deadline: Duration,
    was_checked: AtomicBool,
}

impl Dialler {
    /// Fails if the certificates or the keys are none.
    pub(crate) fn new(
        place: Place,
        trust: Trust,
        deadline: Duration,
        allows_eviction: bool,
    ) -> Result<Self, AddressError> {
        for address in place.addresses() {
            trust.client(address)?;
        }
        Ok(Self { place, trust, deadline, was_checked: AtomicBool::new(allows_eviction) })
    }

    pub(crate) fn dials_a_cluster(&self) -> bool {
        matches!(self.place, Place::Cluster(_))
    }

    pub(crate) async fn dial(&self) -> Result<Wire, Failure> {
        let dialling = async {
            let mut wire = match &self.place {
                Place::Server(address) => self.connect(address).await?,
                Place::Sentinels(sentinels) => self.connect(&self.master(sentinels).await?).await?,
                Place::Cluster(nodes) => self.join(nodes).await?,
            };
            self.check(&mut wire).await?;
            Ok(wire)
        };
        timeout(self.deadline, dialling).await.unwrap_or(Err(Failure::NoConnection(self.deadline)))
    }

    async fn connect(&self, address: &Address) -> Result<Wire, Failure> {
        let client = self.trust.client(address).map_err(|error| Failure::Client(error.to_string()))?;
        // The deadlines are ours: the client would count each part for itself.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connection = client.get_multiplexed_async_connection_with_config(&config).await;
        connection.map(Wire::Server).map_err(Failure::of_connecting)
    }

    async fn join(&self, nodes: &[Address]) -> Result<Wire, Failure> {
        let builder = ClusterClientBuilder::new(nodes.iter().map(|address| address.info().clone()))
            .connection_timeout(self.deadline)
            .response_timeout(self.deadline)
            // A moved slot and a lost master are found out about by asking again; how long is for the caller to say.
            .retries(MOST_REDIRECTIONS)
            .min_retry_wait(10)
            .max_retry_wait(100)
            .tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = self.trust.cluster(builder, nodes).build().map_err(Failure::of_connecting)?;
        client.get_async_connection().await.map(Wire::Cluster).map_err(Failure::of_connecting)
    }

    /// Where the master is, by the word of most of the sentinels: one that was cut off may not have heard.
    async fn master(&self, sentinels: &Sentinels) -> Result<Address, Failure> {
        let patience = self.deadline / 2;
        let asked = sentinels.places.iter().map(|sentinel| async move {
            let asking = self.ask_for_master(sentinel, &sentinels.service);
            timeout(patience, asking).await.unwrap_or(Err(Failure::NoConnection(patience)))
        });
        let (mut votes, mut failures) = (HashMap::<_, u32>::new(), Vec::new());
        for answer in join_all(asked).await {
            match answer {
                Ok(Some(place)) => *votes.entry(place).or_default() += 1,
                Ok(None) => failures.push(Failure::NoMaster),
                Err(failure) => failures.push(failure),
            }
        }
        let Some(((host, port), _)) = votes.into_iter().max_by_key(|(_, votes)| *votes) else {
            // What one of them said tells more than that another is away.
            let place = failures.iter().position(|failure| !failure.is_of_reaching()).unwrap_or_default();
            return Err(failures.swap_remove(place));
        };
        Ok(sentinels.master.at(host, port))
    }

    async fn ask_for_master(&self, sentinel: &Address, service: &str) -> Result<Option<(String, u16)>, Failure> {
        let mut wire = self.connect(sentinel).await?;
        let request = Request::command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]);
        match request.send(&mut wire).await.map_err(Failure::from)? {
            Value::Nil => Ok(None),
            Value::Array(place) => place_of(&place).map(Some).ok_or(Failure::Strange),
            _ => Err(Failure::Strange),
        }
    }

    /// Fails if a server gives up live sessions when its memory is full.
    async fn check(&self, wire: &mut Wire) -> Result<(), Failure> {
        if self.was_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let nodes = match &self.place {
            Place::Cluster(_) => {
                let slots = Request::command(&["CLUSTER", "SLOTS"]).send(wire).await.map_err(Failure::from)?;
                masters(&slots).ok_or(Failure::Strange)?.into_iter().map(Some).collect()
            }
            _ => vec![None],
        };
        for node in nodes {
            let request = Request::command(&["INFO", "memory"]).of(node.as_ref());
            match request.send(wire).await.map_err(Failure::from) {
                Ok(value) => Report::read(&value).check_eviction()?,
                Err(Failure::Answer(code)) => {
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

fn place_of(place: &[Value]) -> Option<(String, u16)> {
    let [Value::BulkString(host), Value::BulkString(port)] = place else { return None };
    Some((String::from_utf8(host.clone()).ok()?, str::from_utf8(port).ok()?.parse().ok()?))
}
