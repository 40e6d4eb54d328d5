//! Conversations kept in this process.

use std::sync::Arc;

use flow_memory::{MemoryArchive, MemoryStore};

use crate::service::parts::Memory;

use super::Storage;

pub(super) fn open(memory: &Memory, is_archive: bool) -> Storage {
    let store = MemoryStore::builder().max_sessions(memory.sessions).max_bytes(memory.bytes).build();
    let mut storage = Storage::of(store);
    if is_archive {
        open_archive(&mut storage);
    }
    storage
}

pub(super) fn open_archive(storage: &mut Storage) {
    storage.archive = Some(Arc::new(MemoryArchive::new()));
}
