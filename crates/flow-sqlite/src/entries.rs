//! The statements that keep an entry of the archive. Each runs inside a transaction that its caller has begun.

use flow_core::{
    SessionId, Stamp, StoreError,
    archive::{Archived, Entry, Kept, Latest},
};
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::{
    checkpoints, forgetting, millis, records, said,
    sqlite_failure::{UnreadableRow, unreadable_row, unwritten},
    steps,
};

/// Keeps each entry whose expected stamp is what is kept, and says of each what became of it.
pub(crate) fn put(connection: &Connection, entries: &[Entry], now: i64) -> Result<Vec<Kept>, StoreError> {
    entries.iter().map(|entry| put_one(connection, entry, now)).collect()
}

/// What was last kept of `id`, the epoch in which that is so, and whether there is a tombstone.
pub(crate) fn latest(connection: &Connection, id: SessionId) -> Result<Latest, StoreError> {
    // One statement, so that an erasure is in both or in neither.
    let sql = "SELECT record, version, write_id, steps, number,
            EXISTS (SELECT 1 FROM tombstones WHERE tombstones.session = ?1)
        FROM epoch LEFT JOIN archived_sessions ON archived_sessions.session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row([id.to_string()], |row| {
        let steps: Option<i64> = row.get(3)?;
        let kept = steps.map(|steps| Ok::<_, rusqlite::Error>((records::Stored::of(row)?, steps)));
        Ok((kept.transpose()?, row.get::<_, i64>(4)?, row.get::<_, bool>(5)?))
    });
    let (kept, number, has_tombstone) = row.map_err(unwritten)?;
    let kept = kept.map(|(stored, steps)| Ok::<_, StoreError>(Archived::new(stored.read()?, steps.cast_unsigned())));
    Ok(Latest::new(kept.transpose()?, forgetting::epoch(number)?).with_tombstone(has_tombstone))
}

fn put_one(connection: &Connection, entry: &Entry, now: i64) -> Result<Kept, StoreError> {
    execute(connection, "SAVEPOINT entry")?;
    let kept = keep(connection, entry, now);
    let kept = match kept {
        Err(StoreError::Refused(failure)) => Kept::Refused(failure),
        // A row that another program has changed must not hold up the other entries for ever.
        Err(StoreError::Corrupt(failure)) if failure.is::<UnreadableRow>() => Kept::Refused(failure),
        // The transaction ends here, and the savepoint with it.
        kept => kept?,
    };
    if matches!(kept, Kept::Refused(_)) {
        execute(connection, "ROLLBACK TO entry")?;
    }
    execute(connection, "RELEASE entry")?;
    Ok(kept)
}

fn keep(connection: &Connection, entry: &Entry, now: i64) -> Result<Kept, StoreError> {
    if forgetting::is_erased(connection, entry)? {
        return Ok(Kept::Erased);
    }
    let stored = stamp(connection, entry.id)?;
    if stored == Some(entry.record.stamp()) {
        return Ok(Kept::Done);
    }
    if stored != entry.expect.stamp() {
        return Ok(Kept::Moved(stored));
    }
    let next = steps::add(connection, entry.id, &entry.summary.flow, &entry.steps)?;
    checkpoints::add(connection, entry.id, &entry.checkpoints)?;
    said::add(connection, entry.id, &entry.summary.flow, &entry.said)?;
    write(connection, entry, next, now)?;
    Ok(Kept::Done)
}

fn stamp(connection: &Connection, id: SessionId) -> Result<Option<Stamp>, StoreError> {
    let sql = "SELECT version, write_id FROM archived_sessions WHERE session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row([id.to_string()], |row| Ok(records::stamp(row.get(0)?, row.get_ref(1)?)));
    let row = row.optional().map_err(unwritten)?;
    row.map(|stamp| stamp.ok_or(()).map_err(unreadable_row)).transpose()
}

fn write(connection: &Connection, entry: &Entry, next: i64, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO archived_sessions (session, flow, flow_version, state, status, language, data, created_at,
            updated_at, expires_at, archived_at, version, write_id, steps, record)
        VALUES (:session, :flow, :flow_version, :state, :status, :language, :data, :created_at,
            :updated_at, :expires_at, :archived_at, :version, :write_id, :steps, :record)
        ON CONFLICT (session) DO UPDATE SET flow = :flow, flow_version = :flow_version, state = :state, status = :status,
            language = :language, data = :data, created_at = :created_at, updated_at = :updated_at,
            expires_at = :expires_at, archived_at = :archived_at, version = :version, write_id = :write_id,
            steps = max(steps, :steps), record = :record";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let (summary, stamp) = (&entry.summary, entry.record.stamp());
    let row = named_params! {
        ":session": entry.id.to_string(),
        ":flow": summary.flow,
        ":flow_version": summary.flow_version,
        ":state": summary.state,
        ":status": summary.status.as_str(),
        ":language": summary.language,
        ":data": summary.data.to_string(),
        ":created_at": millis::floor(summary.created_at),
        ":updated_at": millis::floor(summary.updated_at),
        ":expires_at": summary.expires_at.map(millis::floor),
        ":archived_at": now,
        ":version": stamp.version.cast_signed(),
        ":write_id": stamp.write_id.to_string(),
        ":steps": next,
        ":record": &entry.record.bytes()[..],
    };
    statement.execute(row).map_err(unwritten)?;
    Ok(())
}

fn execute(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(unwritten)
}
