//! The statements on the table `sessions`. Each runs inside a transaction that its caller has begun.

use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, Stamp, StoreError,
    store::{Claim, Commit, Due, Loaded, Verdict},
};
use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::{
    inboxes, millis, records,
    sqlite_failure::{unreadable_row, unwritten},
    sweeping, told,
};

/// The live record of `id`, with its first letters, and the time.
pub(crate) fn load(
    connection: &Connection,
    id: SessionId,
    letters: usize,
    now: DateTime<Utc>,
) -> Result<Loaded, StoreError> {
    let sql = "SELECT record, version, write_id FROM sessions
        WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row(params![id.to_string(), millis::floor(now)], records::Stored::of);
    let record = row.optional().map_err(unwritten)?.map(records::Stored::read).transpose()?;
    // Later than the record: a letter that was taken off in between is none that it has not.
    Ok(Loaded::new(record, now).with_letters(inboxes::first(connection, id, letters)?))
}

/// Writes if what is stored is what the commit expects.
pub(crate) fn commit(connection: &Connection, commit: &Commit, now: DateTime<Utc>) -> Result<Verdict, StoreError> {
    let stored = stamp(connection, commit.id, millis::floor(now))?;
    if stored == Beside::Stamp(commit.record.stamp()) {
        return Ok(Verdict::Done { waiting: inboxes::waiting(connection, commit.id)? });
    }
    let is_expected = stored == commit.expect.stamp().map_or(Beside::Nothing, Beside::Stamp);
    if !is_expected || (commit.in_line && inboxes::has_before(connection, commit)?) {
        return Ok(Verdict::Conflict(load(connection, commit.id, 0, now)?));
    }
    put(connection, commit, millis::floor(now))?;
    if commit.told {
        told::tell(connection, commit.id)?;
    }
    Ok(Verdict::Done { waiting: inboxes::take(connection, commit, now)? })
}

/// What the columns of a session say.
#[derive(PartialEq)]
enum Beside {
    /// There is no session.
    Nothing,
    Stamp(Stamp),
    /// What no stamp says.
    Damage,
}

fn stamp(connection: &Connection, id: SessionId, now: i64) -> Result<Beside, StoreError> {
    let sql = "SELECT version, write_id FROM sessions WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row(params![id.to_string(), now], |row| {
        Ok(records::stamp(row.get(0)?, row.get_ref(1)?).map_or(Beside::Damage, Beside::Stamp))
    });
    Ok(row.optional().map_err(unwritten)?.unwrap_or(Beside::Nothing))
}

fn put(connection: &Connection, commit: &Commit, now: i64) -> Result<(), StoreError> {
    let stamp = commit.record.stamp();
    let sql = "INSERT INTO sessions (id, version, write_id, flow, state, record, expires_at, wake_at)
        VALUES (:id, :version, :write_id, :flow, :state, :record, :expires_at, :wake_at)
        ON CONFLICT (id) DO UPDATE SET version = :version, write_id = :write_id, flow = :flow, state = :state,
            record = :record, expires_at = :expires_at, wake_at = :wake_at";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = named_params! {
        ":id": commit.id.to_string(),
        ":version": stamp.version.cast_signed(),
        ":write_id": stamp.write_id.to_string(),
        ":flow": commit.flow,
        ":state": commit.state,
        ":record": &commit.record.bytes()[..],
        ":expires_at": commit.time_to_live.and_then(|time_to_live| millis::after(now, time_to_live)),
        ":wake_at": commit.wake_at.map(millis::ceil),
    };
    statement.execute(row).map_err(unwritten)?;
    Ok(())
}

/// Removes the row of `id` and its letters, and tells whether it was alive, or had any.
pub(crate) fn remove(connection: &Connection, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = "DELETE FROM sessions WHERE id = ?1 RETURNING expires_at";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row([id.to_string()], |row| row.get::<_, Option<i64>>(0));
    let removed = row.optional().map_err(unwritten)?;
    let lived = removed.is_some_and(|expires_at| expires_at.is_none_or(|expires_at| expires_at > millis::floor(now)));
    let was_there = inboxes::remove(connection, id)? || lived;
    if was_there {
        told::tell_if_any_is(connection, id)?;
    }
    Ok(was_there)
}

/// Takes a lease on live sessions of the flow that are due, and on those with letters that are, the longest due first.
pub(crate) fn claim(connection: &Connection, claim: &Claim, now: DateTime<Utc>) -> Result<Due, StoreError> {
    // First, so that what has expired by now is counted now.
    sweeping::sweep(connection, SWEPT_BY_A_CLAIM, now)?;
    let sql = "SELECT id FROM (
            SELECT id, wake_at FROM sessions WHERE flow = ?1 AND wake_at <= ?2 AND (expires_at IS NULL OR expires_at > ?3)
                AND NOT EXISTS (SELECT * FROM inboxes WHERE session = id)
            UNION ALL SELECT session, wake_at FROM inboxes WHERE flow = ?1 AND wake_at <= ?2
        ) ORDER BY wake_at LIMIT ?4";
    let due_at = claim.not_after.map_or(now, |not_after| not_after.min(now));
    let due = params![claim.flow, millis::floor(due_at), millis::floor(now), signed(claim.limit)];
    let ids = ids(connection, sql, due)?;
    let of_inbox = "UPDATE inboxes SET wake_at = ?2 WHERE session = ?1";
    let of_session = "UPDATE sessions SET wake_at = ?2 WHERE id = ?1";
    let mut of_inbox = connection.prepare_cached(of_inbox).map_err(unwritten)?;
    let mut of_session = connection.prepare_cached(of_session).map_err(unwritten)?;
    let until = inboxes::end_of(claim.lease, now);
    for id in &ids {
        let id = id.to_string();
        if of_inbox.execute(params![id, until]).map_err(unwritten)? == 0 {
            of_session.execute(params![id, until]).map_err(unwritten)?;
        }
    }
    Ok(Due::new(ids, now).forgotten(sweeping::take_forgotten(connection, &claim.flow)?))
}

/// How many expired rows a claim sweeps. Where no turns are taken, nothing else does.
const SWEPT_BY_A_CLAIM: usize = 256;

/// Up to `limit` live sessions behind `after`, in the order of their ids.
pub(crate) fn page(
    connection: &Connection,
    after: Option<SessionId>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, StoreError> {
    let sql = "SELECT id FROM sessions WHERE id > ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY id LIMIT ?3";
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    ids(connection, sql, params![after, millis::floor(now), signed(limit)])
}

/// The same, of one flow.
pub(crate) fn page_of_flow(
    connection: &Connection,
    flow: &str,
    after: Option<SessionId>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, StoreError> {
    let sql = "SELECT id FROM sessions WHERE id > ?1 AND (expires_at IS NULL OR expires_at > ?2) AND flow = ?4
        ORDER BY id LIMIT ?3";
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    ids(connection, sql, params![after, millis::floor(now), signed(limit), flow])
}

/// How many live sessions the flow has.
pub(crate) fn count(connection: &Connection, flow: &str, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM sessions WHERE flow = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let count: i64 = statement.query_row(params![flow, millis::floor(now)], |row| row.get(0)).map_err(unwritten)?;
    Ok(count.cast_unsigned())
}

fn ids(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<SessionId>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map(params, |row| row.get::<_, String>(0)).map_err(unwritten)?;
    rows.map(|id| id.map_err(unwritten)?.parse().map_err(unreadable_row)).collect()
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
