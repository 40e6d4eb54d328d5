//! A connection on which channels are heard: [`Subscription`].

use futures_util::StreamExt as _;
use redis::aio::{PubSub, PubSubStream};

use crate::redis_failure::RedisFailure;

/// Channels that are heard until the connection breaks. It ends when this is dropped.
pub(crate) struct Subscription(PubSubStream);

impl Subscription {
    pub(super) async fn to(channels: &[String], mut connection: PubSub) -> Result<Self, RedisFailure> {
        connection.subscribe(channels).await.map_err(RedisFailure::from)?;
        Ok(Self(connection.into_on_message()))
    }

    /// The next message: its channel, and what it says. A wait that is dropped loses nothing.
    pub(crate) async fn next(&mut self) -> Result<(String, Vec<u8>), RedisFailure> {
        let message = self.0.next().await.ok_or(RedisFailure::Broken(std::io::ErrorKind::ConnectionReset))?;
        Ok((message.get_channel_name().to_owned(), message.get_payload_bytes().to_vec()))
    }
}
