//! Conversations kept in a Redis; the feature `redis`.

use std::{error::Error, sync::Arc};

use flow_chat::{Store, redis::RedisStore};

use crate::{
    arguments::{Arguments, OutageChoice},
    screen,
};

/// The store at this address.
///
/// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
pub async fn store(url: &str, arguments: &Arguments) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    let mut builder = RedisStore::builder(url).prefix("booking");
    if let Some(host) = &arguments.plaintext_host {
        builder = builder.allow_plaintext(host);
    }
    if arguments.outage != OutageChoice::Fail {
        return Ok(Arc::new(builder.lazy()?));
    }
    let store = builder.connect().await?;
    for warning in store.health().await?.warnings {
        screen::warn(format_args!("the store: {warning}"));
    }
    Ok(Arc::new(store))
}
