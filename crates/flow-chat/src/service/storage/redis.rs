//! Conversations kept in a Redis.

use async_trait::async_trait;
use flow_redis::{AddressError, ConnectError, RedisStore, RedisStoreBuilder};

use crate::service::{
    mistake::Fault,
    parts::{OutagePolicy, Parts},
};

use super::{Kind, Refused, Storage, plaintext, reason};

pub(super) struct InRedis<'u>(pub(super) &'u str);

#[async_trait]
impl Kind for InRedis<'_> {
    fn check(&self, name: &'static str, parts: &Parts) -> Result<(), (&'static str, Fault)> {
        builder(self.0, parts).lazy().map(drop).map_err(|error| match error {
            ConnectError::Prefix(error) => ("redis.prefix", reason(&error)),
            ConnectError::Address(AddressError::Plaintext) => (name, plaintext("say `rediss://`")),
            ConnectError::Address(AddressError::NoTls) => (name, Fault::not_built("encryption", "tls")),
            ConnectError::Address(AddressError::Certificates) => {
                (parts.servers.named().unwrap_or(name), reason(&error))
            }
            error => (name, reason(&error)),
        })
    }

    /// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
    async fn open(&self, parts: &Parts, _: bool) -> Result<Storage, Refused> {
        let builder = builder(self.0, parts);
        if parts.outage.policy != OutagePolicy::Fail {
            return Ok(Storage::of(builder.lazy()?));
        }
        let store = builder.connect().await?;
        let warnings = store.health().await?.warnings;
        let mut storage = Storage::of(store);
        storage.warnings.extend(warnings.iter().map(|warning| format!("the store: {warning}")));
        Ok(storage)
    }

    async fn open_archive(&self, _: &Parts, _: &mut Storage) -> Result<(), Refused> {
        Err("Redis is a store and no archive".into())
    }
}

fn builder(url: &str, parts: &Parts) -> RedisStoreBuilder {
    let (redis, servers) = (&parts.redis, &parts.servers);
    let mut builder = RedisStore::builder(url)
        .prefix(&redis.prefix)
        .connect_deadline(redis.connect_deadline)
        .call_deadline(redis.call_deadline);
    for host in &servers.plaintext_hosts {
        builder = builder.allow_plaintext(host);
    }
    if let Some(password) = &servers.store_password {
        builder = builder.password(password.reveal());
    }
    if redis.allows_eviction {
        builder = builder.allow_eviction();
    }
    if redis.replicas > 0 {
        builder = builder.replicas(redis.replicas, redis.replicas_patience);
    }
    #[cfg(feature = "tls")]
    {
        if let Some(authorities) = &servers.authorities {
            builder = builder.authorities(authorities.reveal().clone());
        }
        if let (Some(certificate), Some(key)) = (&servers.certificate, &servers.key) {
            builder = builder.identity(certificate.reveal().clone(), key.reveal().clone());
        }
    }
    builder
}
