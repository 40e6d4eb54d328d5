//! How entries are kept: all of a batch by a few statements in one transaction.

use std::collections::{HashMap, HashSet};

use flow_core::{
    Stamp, StoreError,
    archive::{Entry, Kept},
};
use uuid::Uuid;

use super::{
    checkpoints::Checkpoints, comparison::Comparison, said::SaidRows, sessions::Sessions, transitions::Transitions,
};
use crate::{
    link::{Connection, value},
    micros,
};

/// Keeps these entries, and says of each what became of it, in their order.
pub(super) async fn put(connection: &mut Connection, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
    let mut kept = Vec::with_capacity(entries.len());
    let mut parts = vec![entries];
    while let Some(part) = parts.pop() {
        connection.be_patient();
        match (keep(connection, part).await, part) {
            (Ok(comparisons), _) => kept.extend(comparisons.into_iter().map(Kept::from)),
            (Err(StoreError::Refused(cause)), [_]) => kept.push(Kept::Refused(cause)),
            // A value that no column takes fails its whole statement: the halves are tried, the first of them first.
            (Err(StoreError::Refused(_)), part) => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            (Err(error), _) => return Err(error),
        }
    }
    Ok(kept)
}

async fn keep(connection: &mut Connection, entries: &[Entry]) -> Result<Vec<Comparison>, StoreError> {
    loop {
        connection.begin().await?;
        match attempt(connection, entries).await {
            Ok(Some(comparisons)) => {
                connection.commit().await?;
                return Ok(comparisons);
            }
            // What another transaction did meanwhile is seen by the next attempt.
            Ok(None) => connection.roll_back().await?,
            Err(error @ StoreError::Refused(_)) => {
                connection.roll_back().await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Writes the entries that match; none if another transaction wrote or erased one of these sessions meanwhile.
///
/// An erasure writes its tombstone first, and then waits for the row of the session. So either the erasure comes after this
/// transaction, and finds all that it wrote, or this transaction finds the tombstone at its end.
async fn attempt(connection: &mut Connection, entries: &[Entry]) -> Result<Option<Vec<Comparison>>, StoreError> {
    let erased = erased(connection, entries).await?;
    let stored = locked(connection, entries).await?;
    let comparisons = entries.iter().map(|entry| {
        let session = entry.id.as_uuid();
        Comparison::of(entry, stored.get(session).copied(), erased.contains(session))
    });
    let comparisons: Vec<_> = comparisons.collect();
    let written = entries.iter().zip(&comparisons).filter(|(_, comparison)| **comparison == Comparison::Matches);
    let written: Vec<_> = written.map(|(entry, _)| entry).collect();
    if written.is_empty() {
        return Ok(Some(comparisons));
    }
    if Sessions::of(&written)?.write(connection, &stored).await? != written.len() as u64 {
        return Ok(None);
    }
    Transitions::of(&written)?.write(connection).await?;
    Checkpoints::of(&written).write(connection).await?;
    SaidRows::of(&written).write(connection).await?;
    let is_erased = !self::erased(connection, written).await?.is_empty();
    Ok((!is_erased).then_some(comparisons))
}

/// The sessions of those entries that are of what was erased: of an earlier epoch than the tombstone, or, where one of the
/// two has none, reaching back to the time of the erasure.
async fn erased(
    connection: &mut Connection,
    entries: impl IntoIterator<Item = &Entry>,
) -> Result<HashSet<Uuid>, StoreError> {
    let (mut sessions, mut times, mut epochs) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        sessions.push(*entry.id.as_uuid());
        times.push(micros::floor(entry.since()));
        epochs.push(entry.epoch.map(|epoch| i64::from(epoch.number())));
    }
    let sql = "SELECT session
        FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS reaching (session, since, epoch)
        JOIN tombstones USING (session) WHERE coalesce(reaching.epoch < tombstones.epoch, since <= erased_at)";
    let rows = connection.read(sql, &[&sessions, &times, &epochs]).await?;
    rows.iter().map(|row| value(row, 0)).collect()
}

/// What is stored of these sessions, and stays so until the end of the transaction.
async fn locked(connection: &mut Connection, entries: &[Entry]) -> Result<HashMap<Uuid, Stamp>, StoreError> {
    let sessions: Vec<_> = entries.iter().map(|entry| entry.id.as_uuid()).collect();
    // In one order for all transactions, so that no two wait for each other.
    let sql = "SELECT session, version, write_id FROM sessions WHERE session = ANY ($1) ORDER BY session FOR UPDATE";
    let rows = connection.read(sql, &[&sessions]).await?;
    let stamps = rows.iter().map(|row| {
        let stamp = Stamp { version: value::<i64>(row, 1)?.cast_unsigned(), write_id: value(row, 2)? };
        Ok((value(row, 0)?, stamp))
    });
    stamps.collect()
}
