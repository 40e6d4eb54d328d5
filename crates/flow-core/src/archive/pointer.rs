//! A pointer to an archive is an archive: [`Arc`], [`Box`] and `&`, so that several can use the same one.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Archive, ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Transcripts,
    statistics::{Conversion, DropOff, Reached, Statistics, Stay},
};
use crate::{SessionId, StoreError};

macro_rules! archive_behind {
    ($($pointer:ty),*) => { $(
        #[async_trait]
        impl<A: Archive + ?Sized> Archive for $pointer {
            async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
                (**self).put(entries).await
            }

            async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
                (**self).latest(id).await
            }

            async fn history(
                &self,
                id: SessionId,
                from: u64,
                limit: usize,
            ) -> Result<Vec<ArchivedStep>, StoreError> {
                (**self).history(id, from, limit).await
            }

            async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
                (**self).checkpoints(id).await
            }

            async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
                (**self).purge_before(time, limit).await
            }

            async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
                (**self).erase(id, at).await
            }

            fn transcripts(&self) -> Option<&dyn Transcripts> {
                (**self).transcripts()
            }
        }

        #[async_trait]
        impl<A: Statistics + ?Sized> Statistics for $pointer {
            async fn funnel(&self, flow: &str) -> Result<Vec<Reached>, StoreError> {
                (**self).funnel(flow).await
            }

            async fn drop_off(&self, flow: &str) -> Result<Vec<DropOff>, StoreError> {
                (**self).drop_off(flow).await
            }

            async fn time_in_state(&self, flow: &str) -> Result<Vec<Stay>, StoreError> {
                (**self).time_in_state(flow).await
            }

            async fn conversions_by_day(&self, flow: &str) -> Result<Vec<Conversion>, StoreError> {
                (**self).conversions_by_day(flow).await
            }
        }
    )* };
}

archive_behind!(Arc<A>, Box<A>, &A);
