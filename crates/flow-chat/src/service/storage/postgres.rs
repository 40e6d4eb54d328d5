//! Conversations kept in a Postgres.

use std::sync::Arc;

use async_trait::async_trait;
use flow_postgres::{AddressError, ConnectError, PostgresBuilder, PostgresStore};

use crate::{
    StoreError,
    service::{
        hidden::Hidden,
        mistake::Fault,
        parts::{OutagePolicy, Parts},
    },
};

use super::{Kind, Refused, Storage, chain, plaintext, reason};

pub(super) struct InPostgres<'u>(pub(super) &'u str);

#[async_trait]
impl Kind for InPostgres<'_> {
    fn check(&self, name: &'static str, parts: &Parts) -> Result<(), (&'static str, Fault)> {
        builder(self.0, parts, None).lazy().map(drop).map_err(|error| match error {
            ConnectError::Schema(error) => ("postgres.schema", reason(&error)),
            ConnectError::Address(AddressError::Plaintext) => (name, plaintext("leave `sslmode=disable` out")),
            ConnectError::Address(AddressError::NoTls) => (name, Fault::not_built("encryption", "tls")),
            ConnectError::Address(AddressError::Certificates) => {
                (parts.servers.named().unwrap_or(name), reason(&error))
            }
            error => (name, reason(&error)),
        })
    }

    /// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
    async fn open(&self, parts: &Parts, is_archive: bool) -> Result<Storage, Refused> {
        let builder = builder(self.0, parts, parts.servers.store_password.as_ref());
        let fails = parts.outage.policy == OutagePolicy::Fail;
        let store = if fails { builder.connect().await? } else { builder.lazy()? };
        let archive = is_archive.then(|| store.archive());
        let mut storage = Storage::of(store);
        if let Some(archive) = archive {
            storage.counted_by(Arc::new(archive));
        }
        Ok(storage)
    }

    /// A server that is away holds up no turn, and not the start either. One that refuses us ends the program.
    async fn open_archive(&self, parts: &Parts, storage: &mut Storage) -> Result<(), Refused> {
        let builder = || builder(self.0, parts, parts.servers.archive_password.as_ref());
        let database = match builder().connect().await {
            Err(ConnectError::Server(error @ StoreError::Unavailable(_))) => {
                storage.warnings.push(format!("the archive is away, and is waited for: {}", chain(&error)));
                builder().lazy()?
            }
            connected => connected?,
        };
        storage.counted_by(Arc::new(database.archive()));
        Ok(())
    }
}

/// The archive lies over the connections of a store, even if it is alone there.
fn builder(url: &str, parts: &Parts, password: Option<&Hidden<String>>) -> PostgresBuilder<PostgresStore> {
    let (postgres, servers) = (&parts.postgres, &parts.servers);
    let mut builder = PostgresStore::builder(url)
        .schema(&postgres.schema)
        .connections(postgres.connections)
        .connect_deadline(postgres.connect_deadline)
        .call_deadline(postgres.call_deadline);
    for host in &servers.plaintext_hosts {
        builder = builder.allow_plaintext(host);
    }
    if let Some(password) = password {
        builder = builder.password(password.reveal());
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
