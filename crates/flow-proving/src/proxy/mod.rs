//! A network that misbehaves as it is told: [`FaultProxy`].

mod pump;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What a [`FaultProxy`] does to what passes through it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing.
    #[default]
    Pass,
    /// Everything arrives so much later, each way.
    Delay(Duration),
    /// Nothing arrives until the fault is another; nothing is lost.
    Stall,
    /// Every connection is closed, and every new one at once.
    Cut,
    /// So many requests arrive whose replies do not: the connection is closed instead. After them everything passes.
    DropReplies(u32),
    /// So many bytes pass in a second, each way.
    Throttle {
        /// At least 1.
        bytes_per_second: u32,
    },
}

/// Stands between a client and a server on TCP, and misbehaves as it is told.
///
/// It runs on the runtime that it is started on, and ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    network: Arc<Network>,
    listening: JoinHandle<()>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
struct Network {
    server: SocketAddr,
    fault: watch::Sender<Fault>,
    /// How many connections there have been.
    connections: AtomicU64,
    /// Connections before this one have been cut off for good.
    stalled_before: AtomicU64,
}

impl FaultProxy {
    /// A proxy before the server at `server`, on a port of its own on the loopback.
    pub async fn before(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let network = Network {
            server,
            fault: watch::Sender::new(Fault::Pass),
            connections: AtomicU64::new(0),
            stalled_before: AtomicU64::new(0),
        };
        let network = Arc::new(network);
        let listening = tokio::spawn(Arc::clone(&network).listen(listener));
        Ok(Self { address, network, listening })
    }

    /// Where a client connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does this from now on, to connections that are there too.
    pub fn set(&self, fault: Fault) {
        self.network.fault.send_replace(fault);
    }

    /// What it does now.
    pub fn fault(&self) -> Fault {
        *self.network.fault.borrow()
    }

    /// Lets nothing pass any more on the connections that there are, without closing them; new ones work. So behaves a
    /// firewall that has forgotten them.
    pub fn stall_connections(&self) {
        let made = self.connections();
        self.network.stalled_before.store(made, Ordering::SeqCst);
        // Has those that wait for bytes look again.
        self.network.fault.send_modify(|_| {});
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> u64 {
        self.network.connections.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.network.fault.send_replace(Fault::Cut);
    }
}

impl Network {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            let number = self.connections.fetch_add(1, Ordering::SeqCst);
            if *self.fault.borrow() == Fault::Cut {
                continue;
            }
            // A server that is away closes the connection, as it would without us.
            if let Ok(server) = TcpStream::connect(self.server).await {
                tokio::spawn(Arc::clone(&self).carry(client, server, number));
            }
        }
    }
}
