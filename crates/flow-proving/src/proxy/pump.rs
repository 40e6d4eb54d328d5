//! One connection through a proxy.

use std::{
    future::pending,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::sleep,
};

use super::{Fault, Network};

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

/// The connection is over.
struct Closed;

impl Network {
    /// Carries what is said on one connection, until either side or a fault ends it.
    pub(super) async fn carry(self: Arc<Self>, client: TcpStream, server: TcpStream, number: u64) {
        // Small pieces are not to wait for each other on top of what the fault does.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // Whichever way ends first, both sides are closed: the halves are dropped together.
        tokio::select! {
            Closed = self.pump(from_client, to_server, Way::ToServer, number) => {}
            Closed = self.pump(from_server, to_client, Way::ToClient, number) => {}
            Closed = self.cut() => {}
        }
    }

    async fn cut(&self) -> Closed {
        let mut fault = self.fault.subscribe();
        // The sender is ours, so that it cannot be gone.
        let _ = fault.wait_for(|fault| *fault == Fault::Cut).await;
        Closed
    }

    async fn pump(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, number: u64) -> Closed {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let count = match from.read(&mut bytes).await {
                Ok(0) => {
                    // One side has said all it had to say; the other may still answer, and ends the connection.
                    let _ = to.shutdown().await;
                    return pending().await;
                }
                Ok(count) => count,
                Err(_) => return Closed,
            };
            if let Err(closed) = self.pass(&mut to, &bytes[..count], way, number).await {
                return closed;
            }
        }
    }

    /// Has the bytes arrive as the fault of the moment has it.
    async fn pass(&self, to: &mut OwnedWriteHalf, bytes: &[u8], way: Way, number: u64) -> Result<(), Closed> {
        let mut changes = self.fault.subscribe();
        loop {
            if number < self.stalled_before.load(Ordering::SeqCst) {
                return pending().await;
            }
            let fault = *changes.borrow_and_update();
            match fault {
                Fault::Pass => return write(to, bytes).await,
                Fault::Delay(delay) => {
                    sleep(delay).await;
                    return write(to, bytes).await;
                }
                Fault::Stall => {
                    let _ = changes.changed().await;
                }
                Fault::Cut => return Err(Closed),
                Fault::DropReplies(_) if way == Way::ToServer => return write(to, bytes).await,
                Fault::DropReplies(_) => {
                    if self.takes_one_drop() {
                        return Err(Closed);
                    }
                }
                Fault::Throttle { bytes_per_second } => {
                    // In pieces of a hundredth of a second.
                    for piece in bytes.chunks((bytes_per_second as usize / 100).max(1)) {
                        let time = Duration::from_secs(piece.len() as u64) / bytes_per_second.max(1);
                        sleep(time).await;
                        write(to, piece).await?;
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Whether a reply is to be dropped; it is counted if so.
    fn takes_one_drop(&self) -> bool {
        self.fault.send_if_modified(|fault| match *fault {
            Fault::DropReplies(0) => {
                *fault = Fault::Pass;
                false
            }
            Fault::DropReplies(count) => {
                *fault = if count == 1 { Fault::Pass } else { Fault::DropReplies(count - 1) };
                true
            }
            _ => false,
        })
    }
}

async fn write(to: &mut OwnedWriteHalf, bytes: &[u8]) -> Result<(), Closed> {
    to.write_all(bytes).await.map_err(|_| Closed)
}
