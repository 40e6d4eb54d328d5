//! Conversations kept in this process.

use std::sync::Arc;

use async_trait::async_trait;
use flow_memory::{MemoryArchive, MemoryStore};

use crate::service::parts::Parts;

use super::{Kind, Refused, Storage};

pub(super) struct InMemory;

#[async_trait]
impl Kind for InMemory {
    async fn open(&self, parts: &Parts, is_archive: bool) -> Result<Storage, Refused> {
        let store = MemoryStore::builder().max_sessions(parts.memory.sessions).max_bytes(parts.memory.bytes);
        let mut storage = Storage::of(store.build());
        if is_archive {
            self.open_archive(parts, &mut storage).await?;
        }
        Ok(storage)
    }

    async fn open_archive(&self, _: &Parts, storage: &mut Storage) -> Result<(), Refused> {
        storage.archive = Some(Arc::new(MemoryArchive::new()));
        Ok(())
    }
}
