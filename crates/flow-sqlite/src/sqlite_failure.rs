//! What went wrong in SQLite, as a caller may know it: [`SqliteFailure`].

use flow_core::StoreError;
use rusqlite::{
    Error, ErrorCode,
    ffi::{self, code_to_str},
};
use thiserror::Error;

/// What SQLite answered. Its own words for the code, never a value out of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("SQLite: {} (code {code})", code_to_str(*code))]
pub(crate) struct SqliteFailure {
    code: i32,
}

/// A row is not as this store writes rows: another program has changed it, or the file is damaged.
#[derive(Clone, Copy, Debug, Error)]
#[error("a row of the file is not as this store writes it")]
pub(crate) struct UnreadableRow;

/// The threads of the store have ended.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store has stopped")]
pub(crate) struct Stopped;

impl SqliteFailure {
    /// What SQLite said; where rusqlite could not read a row, that the file is damaged.
    pub(crate) fn of(error: &Error) -> Self {
        Self { code: error.sqlite_error().map_or(ffi::SQLITE_CORRUPT, |error| error.extended_code) }
    }

    pub(crate) fn kind(self) -> ErrorCode {
        ffi::Error::new(self.code).code
    }

    pub(crate) fn is_busy(self) -> bool {
        matches!(self.kind(), ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    }

    /// The error of a call that has certainly changed nothing.
    pub(crate) fn unwritten(self) -> StoreError {
        match self.kind() {
            ErrorCode::DiskFull => StoreError::Full,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(Box::new(self)),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::Denied(Box::new(self)),
            ErrorCode::TooBig => StoreError::Refused(Box::new(self)),
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }

    /// The error of a call whose transaction could not be ended.
    pub(crate) fn at_the_end(self) -> StoreError {
        match self.kind() {
            // The frame that makes a transaction valid is written last: without room for it there is none.
            ErrorCode::DiskFull => StoreError::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Unavailable(Box::new(self)),
            // That frame may be in the file although it could not be synced, and be found there after a crash.
            _ => StoreError::Unknown(Box::new(self)),
        }
    }
}

impl From<Error> for SqliteFailure {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

/// The error of a statement: nothing of it outlives its transaction.
pub(crate) fn unwritten(error: Error) -> StoreError {
    SqliteFailure::from(error).unwritten()
}

/// The error of a row that cannot be read; why is not told, because it would tell what is in the row.
pub(crate) fn unreadable_row<E>(_: E) -> StoreError {
    StoreError::Corrupt(Box::new(UnreadableRow))
}
