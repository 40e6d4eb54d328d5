//! How a connection is made: [`Dialler`].

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection};
use tokio::time::timeout;

use crate::{failure::Failure, health::Report, request::Request};

/// Makes connections to one address, the first of them only to a server that keeps what it is given.
pub(crate) struct Dialler {
    client: Client,
    deadline: Duration,
    was_checked: AtomicBool,
}

impl Dialler {
    pub(crate) fn new(client: Client, deadline: Duration, allows_eviction: bool) -> Self {
        Self { client, deadline, was_checked: AtomicBool::new(allows_eviction) }
    }

    pub(crate) async fn dial(&self) -> Result<MultiplexedConnection, Failure> {
        // The deadlines are ours: the client would count each part for itself.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let dialling = async {
            let connection = self.client.get_multiplexed_async_connection_with_config(&config).await;
            let mut connection = connection.map_err(Failure::of_connecting)?;
            self.check(&mut connection).await?;
            Ok(connection)
        };
        timeout(self.deadline, dialling).await.unwrap_or(Err(Failure::NoConnection(self.deadline)))
    }

    /// Fails if the server gives up live sessions when its memory is full.
    async fn check(&self, connection: &mut MultiplexedConnection) -> Result<(), Failure> {
        if self.was_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        match Request::command(&["INFO", "memory"]).send(connection).await.map_err(Failure::from) {
            Ok(value) => Report::read(&value).check_eviction()?,
            Err(Failure::Answer(code)) => {
                tracing::warn!(code, "the server does not say whether it gives up sessions when its memory is full");
            }
            Err(failure) => return Err(failure),
        }
        self.was_checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}
