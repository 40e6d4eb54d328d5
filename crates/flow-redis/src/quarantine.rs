//! The quarantine of a store: damaged records, beside those that are sound.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use flow_core::{
    SessionId, StoreError,
    store::{Quarantine, Quarantined, Raw},
};
use redis::Value;
use uuid::Uuid;

use crate::{
    RedisStore,
    redis_failure::RedisFailure,
    redis_store::lifetime,
    scripts::{FORGET, QUARANTINE, QUARANTINED},
    server_call::ServerCall,
};

#[async_trait]
impl Quarantine for RedisStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        let call = ServerCall::command(&["GET", &self.keys.record(id)]);
        match self.link.ask(&call).await.map_err(RedisFailure::of_reading)? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => Ok(Some(Raw::new(bytes))),
            _ => Err(RedisFailure::Unexpected.of_reading()),
        }
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        let Self { link, keys, .. } = self;
        let call = [keys.record(id), keys.quarantine(id), keys.flows(id), keys.old_wake(id), keys.inbox(id)];
        let call = ServerCall::script(&QUARANTINE, &call)
            .with(&raw.bytes()[..])
            .with(entry.to_string())
            .with(lifetime(keep).map_or(String::new(), |keep| keep.to_string()))
            .with(id.to_string());
        match link.ask(&call).await.map_err(RedisFailure::of_writing)? {
            Value::Int(put) => Ok(put == 1),
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let call = ServerCall::script(&QUARANTINED, &[self.keys.quarantine(id)]);
        let answer = self.link.ask(&call).await.map_err(RedisFailure::of_reading)?;
        let Value::Array(entries) = answer else { return Err(RedisFailure::Unexpected.of_reading()) };
        let entries = entries.into_iter().map(|entry| read(entry).ok_or_else(|| RedisFailure::Unexpected.of_reading()));
        entries.collect()
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        let call = ServerCall::script(&FORGET, &[self.keys.quarantine(id)]).only_once();
        match self.link.ask(&call).await.map_err(RedisFailure::of_writing)? {
            Value::Int(forgotten) => Ok(forgotten > 0),
            _ => Err(RedisFailure::Unexpected.of_writing()),
        }
    }
}

/// An entry as the server tells it: when it was put there, when it is forgotten, and the record.
fn read(entry: Value) -> Option<Quarantined> {
    let Value::Array(parts) = entry else { return None };
    let [Value::BulkString(at), Value::BulkString(until), Value::BulkString(bytes)] =
        <[Value; 3]>::try_from(parts).ok()?
    else {
        return None;
    };
    let time = |digits: &[u8]| DateTime::from_timestamp_millis(str::from_utf8(digits).ok()?.parse().ok()?);
    Some(Quarantined::new(bytes, time(&at)?, time(&until)))
}
