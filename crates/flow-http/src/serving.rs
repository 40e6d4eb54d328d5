//! A site served on its own: connections within bounds, and an end in which nothing is cut off. [`Site::serve`].

use std::{
    fmt,
    future::Future,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use flow_core::{Flow, engine::Shutdown};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};

use crate::{
    Site,
    connection::Door,
    limits::{LONGEST, Limit},
    streams::Place,
};

/// How long to wait before another connection is taken, after one that could not be.
const PAUSE: Duration = Duration::from_millis(100);

/// How a server has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// How many connections were cut off, because they did not end in time.
    pub cut_off: usize,
    /// What the engine has left.
    pub engine: Shutdown,
}

/// One line for an operator.
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engine.fmt(f)?;
        match self.cut_off {
            0 => Ok(()),
            1 => f.write_str("; 1 connection was cut off"),
            many => write!(f, "; {many} connections were cut off"),
        }
    }
}

/// A connection that was taken.
struct Taken {
    stream: TcpStream,
    peer: SocketAddr,
    /// Among those of its client, and among all.
    places: (Option<Place>, Option<OwnedSemaphorePermit>),
}

impl<F: Flow> Site<F> {
    /// Serves this address until `end` is there, and then ends, within this patience: it is not ready any more, takes no more
    /// connections, answers what it has begun to, and shuts the engine down.
    ///
    /// Fails if the address cannot be listened at.
    pub async fn serve(
        self,
        address: impl ToSocketAddrs,
        end: impl Future<Output = ()>,
        patience: Duration,
    ) -> io::Result<Ended> {
        let listener = TcpListener::bind(address).await?;
        Ok(self.serve_at(listener, end, patience).await)
    }

    /// The same, where this listens.
    pub async fn serve_at(self, listener: TcpListener, end: impl Future<Output = ()>, patience: Duration) -> Ended {
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "a site is served");
        }
        let places = Arc::new(Semaphore::new(self.limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let door = Door::new(self.routes(), self.limits.clone(), self.metrics.clone());
        let connections = GracefulShutdown::new();
        let (unready, is_to_end) = (self.unready, Arc::clone(&self.is_to_end));
        let mut end = pin!(async move {
            end.await;
            is_to_end.store(true, Ordering::Relaxed);
            // Not at all where nothing stands before it.
            if !unready.is_zero() {
                tracing::info!(?unready, "a site is not ready any more, and still takes requests");
                sleep(unready).await;
            }
        });
        loop {
            let taken = tokio::select! {
                biased;
                () = &mut end => break,
                taken = self.take(&listener, &door, &places) => taken,
            };
            match taken {
                Ok(Some(Taken { stream, peer, places })) => {
                    let (door, ends) = (door.clone(), connections.watcher());
                    tokio::spawn(async move {
                        let _places = places;
                        door.serve(stream, peer, ends).await;
                    });
                }
                Ok(None) => {}
                Err(error) => {
                    // Mostly there are no more descriptors: a busy loop makes that worse.
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(PAUSE).await;
                }
            }
        }
        self.end(listener, connections, patience).await
    }

    /// The next connection, with its places; none if its client has as many as it may.
    async fn take(&self, listener: &TcpListener, door: &Door, places: &Arc<Semaphore>) -> io::Result<Option<Taken>> {
        let (stream, peer) = listener.accept().await?;
        let of_client = match self.proxies.neighbour(peer.ip()).map(|client| self.shares.connection(client)) {
            Some(None) => {
                door.met(Limit::AddressConnections);
                return Ok(None);
            }
            Some(place) => place,
            None => None,
        };
        let of_all = match Arc::clone(places).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => {
                // The others wait in the system's own line.
                door.met(Limit::Connections);
                // Never closed.
                Arc::clone(places).acquire_owned().await.ok()
            }
        };
        Ok(Some(Taken { stream, peer, places: (of_client, of_all) }))
    }

    async fn end(self, listener: TcpListener, connections: GracefulShutdown, patience: Duration) -> Ended {
        let ends = Instant::now() + patience.min(LONGEST);
        tracing::info!("a site ends");
        self.close();
        drop(listener);
        let open = connections.count();
        let is_done = timeout_at(ends, connections.shutdown()).await.is_ok();
        let cut_off = if is_done { 0 } else { open };
        if cut_off > 0 {
            tracing::warn!(connections = cut_off, "connections were cut off, because they did not end in time");
        }
        // The engine has some time of its own in any case: turns that have begun are written.
        let left = ends.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
        Ended { cut_off, engine: self.engine.shutdown(left).await }
    }
}
