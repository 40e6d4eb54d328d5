//! A connection on which the server passes notifications on: [`Subscription`].

use std::future::poll_fn;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Notification};

use crate::postgres_failure::PostgresFailure;

/// Channels that are heard until the connection breaks. It ends when this is dropped.
pub(crate) struct Subscription {
    /// The connection ends with it.
    _client: Client,
    heard: UnboundedReceiver<Notification>,
}

impl Subscription {
    /// Listens to these channels on a connection that is made for it.
    pub(super) async fn to<S, T>(
        channels: &[&str],
        connecting: impl Future<Output = Result<(Client, Connection<S, T>), Error>>,
    ) -> Result<Self, PostgresFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, mut connection) = connecting.await.map_err(|error| PostgresFailure::of_dialling(&error))?;
        let (notifications, heard) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(notification) = message {
                    let _ = notifications.send(notification);
                }
            }
        });
        // No name of ours has a quote in it.
        let listen: Vec<_> = channels.iter().map(|channel| format!("LISTEN \"{channel}\"")).collect();
        client.batch_execute(&listen.join(";")).await.map_err(|error| PostgresFailure::of_dialling(&error))?;
        Ok(Self { _client: client, heard })
    }

    /// The next notification. A wait that is dropped loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Notification, PostgresFailure> {
        self.heard.recv().await.ok_or(PostgresFailure::Broken)
    }
}
