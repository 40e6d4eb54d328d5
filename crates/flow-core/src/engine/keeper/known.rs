//! A session as it was last seen: [`Known`].

use crate::{Flow, Record, Session, SessionId, Unreadable};

/// A session, and the record that it was read from or written as.
///
/// It may be out of date when it is used: a write over it then meets a conflict, which gives what is stored instead.
#[derive(Debug)]
pub(in crate::engine) struct Known<F: Flow> {
    pub(in crate::engine) session: Session<F>,
    pub(in crate::engine) record: Record,
}

impl<F: Flow> Known<F> {
    /// Reads the session off its record.
    ///
    /// Fails, and says so in the log, if the record cannot be read.
    pub(in crate::engine) fn open(id: SessionId, record: Record) -> Result<Self, Unreadable> {
        let session = Session::from_record(id, &record).inspect_err(|unreadable| {
            tracing::error!(%unreadable, "a stored session cannot be read, and stays as it is");
        })?;
        Ok(Self { session, record })
    }
}
