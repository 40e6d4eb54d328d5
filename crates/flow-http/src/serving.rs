//! A site served on its own: connections within bounds, and an end in which nothing is cut off. [`Site::serve`].

use std::{
    fmt,
    future::Future,
    io,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use flow_core::{Flow, engine::Shutdown};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use crate::Site;

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
        let (routes, connections) = (self.routes(), GracefulShutdown::new());
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.limits.header_time).max_headers(self.limits.headers);
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
            let taken = async {
                // Never closed. One that waits for its place waits in the system's own line.
                let place = Arc::clone(&places).acquire_owned().await.ok();
                listener.accept().await.map(|(stream, _)| (stream, place))
            };
            let (stream, place) = tokio::select! {
                biased;
                () = &mut end => break,
                taken = taken => match taken {
                    Ok(taken) => taken,
                    Err(error) => {
                        // Mostly there are no more descriptors: a busy loop makes that worse.
                        tracing::warn!(%error, "a connection could not be taken");
                        sleep(PAUSE).await;
                        continue;
                    }
                },
            };
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(routes.clone());
            let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                let _place = place;
                if let Err(error) = connection.await {
                    // Mostly its client is gone.
                    tracing::debug!(%error, "a connection has ended");
                }
            });
        }
        self.end(listener, connections, patience).await
    }

    async fn end(self, listener: TcpListener, connections: GracefulShutdown, patience: Duration) -> Ended {
        let ends = Instant::now() + patience;
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
