//! Conversations kept in a file.

use std::{fs, path::Path, sync::Arc};

use async_trait::async_trait;
use flow_sqlite::{Durability, SqliteStore};

use crate::service::parts::{Parts, Sqlite};

use super::{Kind, Refused, Storage};

pub(super) struct InFile<'p>(pub(super) &'p Path);

#[async_trait]
impl Kind for InFile<'_> {
    async fn open(&self, parts: &Parts, is_archive: bool) -> Result<Storage, Refused> {
        let file = self.opened(&parts.sqlite)?;
        let mut storage = Storage::of(Arc::clone(&file));
        if is_archive {
            storage.counted_by(file);
        }
        Ok(storage)
    }

    async fn open_archive(&self, parts: &Parts, storage: &mut Storage) -> Result<(), Refused> {
        storage.counted_by(self.opened(&parts.sqlite)?);
        Ok(())
    }
}

impl InFile<'_> {
    /// The file, which is made with its folder if it is not there.
    fn opened(&self, sqlite: &Sqlite) -> Result<Arc<SqliteStore>, Refused> {
        self.0.parent().map_or(Ok(()), fs::create_dir_all)?;
        let durability = if sqlite.is_relaxed { Durability::Relaxed } else { Durability::Full };
        Ok(Arc::new(SqliteStore::builder(self.0).durability(durability).deadline(sqlite.deadline).open()?))
    }
}
