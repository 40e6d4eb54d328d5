//! Conversations kept in a Postgres; the feature `postgres`.

use std::{error::Error, sync::Arc};

use flow_chat::{
    Store, StoreError,
    postgres::{ConnectError, PostgresArchive, PostgresStore},
};

use crate::{
    arguments::{Arguments, OutageChoice},
    places::Counting,
    screen,
};

/// The store at this address.
pub async fn store(url: &str, arguments: &Arguments) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    Ok(Arc::new(connect(url, arguments).await?))
}

/// The store at this address and the archive beside it, over the same connections.
pub async fn both(url: &str, arguments: &Arguments) -> Result<(Arc<dyn Store>, Counting), Box<dyn Error>> {
    let store = connect(url, arguments).await?;
    let archive = Arc::new(store.archive());
    Ok((Arc::new(store), (archive.clone(), archive)))
}

/// The archive at this address.
///
/// A server that is away holds up no turn, and not the start either. One that refuses us ends the program.
pub async fn archive(url: &str, arguments: &Arguments) -> Result<Counting, Box<dyn Error>> {
    let builder = || match &arguments.plaintext_host {
        Some(host) => PostgresArchive::builder(url).allow_plaintext(host),
        None => PostgresArchive::builder(url),
    };
    let archive = match builder().connect().await {
        Err(ConnectError::Server(error @ StoreError::Unavailable(_))) => {
            screen::warn(format_args!("the archive is away, and is waited for: {}", screen::chain(&error)));
            builder().lazy()?
        }
        connected => connected?,
    };
    let archive = Arc::new(archive);
    Ok((archive.clone(), archive))
}

/// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
async fn connect(url: &str, arguments: &Arguments) -> Result<PostgresStore, Box<dyn Error>> {
    let mut builder = PostgresStore::builder(url);
    if let Some(host) = &arguments.plaintext_host {
        builder = builder.allow_plaintext(host);
    }
    Ok(if arguments.outage == OutageChoice::Fail { builder.connect().await? } else { builder.lazy()? })
}
