//! Conversations kept in a file.

use std::{fs, path::Path, sync::Arc};

use flow_sqlite::{Durability, SqliteStore};

use crate::service::parts::Sqlite;

use super::{Refused, Storage};

pub(super) fn open(path: &Path, sqlite: &Sqlite, is_archive: bool) -> Result<Storage, Refused> {
    let file = opened(path, sqlite)?;
    let mut storage = Storage::of(Arc::clone(&file));
    if is_archive {
        storage.counted_by(file);
    }
    Ok(storage)
}

/// The file, which is made with its folder if it is not there.
pub(super) fn opened(path: &Path, sqlite: &Sqlite) -> Result<Arc<SqliteStore>, Refused> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let durability = if sqlite.is_relaxed { Durability::Relaxed } else { Durability::Full };
    Ok(Arc::new(SqliteStore::builder(path).durability(durability).deadline(sqlite.deadline).open()?))
}
