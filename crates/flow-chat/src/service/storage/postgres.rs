//! Conversations kept in a Postgres.

use std::sync::Arc;

use flow_postgres::{ConnectError, PostgresBuilder, PostgresStore};

use crate::{
    StoreError,
    service::{
        hidden::Hidden,
        mistake::Fault,
        parts::{OutagePolicy, Parts},
    },
};

use super::{Refused, Storage, reason};

/// Looks at the URL of this setting and at what else is known, without asking the server.
///
/// Fails with the setting that is wrong, and what is wrong.
pub(super) fn check(url: &str, parts: &Parts, name: &'static str) -> Result<(), (&'static str, Fault)> {
    builder(url, parts, None).lazy().map(drop).map_err(|error| {
        let name = if matches!(error, ConnectError::Schema(_)) { "postgres.schema" } else { name };
        (name, reason(&error))
    })
}

/// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
pub(super) async fn open(url: &str, parts: &Parts, is_archive: bool) -> Result<Storage, Refused> {
    let builder = builder(url, parts, parts.servers.store_password.as_ref());
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
pub(super) async fn open_archive(url: &str, parts: &Parts, storage: &mut Storage) -> Result<(), Refused> {
    let password = parts.servers.archive_password.as_ref();
    let database = match builder(url, parts, password).connect().await {
        Err(ConnectError::Server(error @ StoreError::Unavailable(_))) => {
            storage.warnings.push(format!("the archive is away, and is waited for: {}", super::chain(&error)));
            builder(url, parts, password).lazy()?
        }
        connected => connected?,
    };
    storage.counted_by(Arc::new(database.archive()));
    Ok(())
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
