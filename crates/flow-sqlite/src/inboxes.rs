//! The statements on the tables `inboxes` and `letters`. Each runs inside a transaction that its caller has begun.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, StoreError,
    store::{Commit, Letter, Post, Posted},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    millis,
    sqlite_failure::{unreadable_row, unwritten},
};

/// The first letters of `id`, as many as `limit`.
pub(crate) fn first(connection: &Connection, id: SessionId, limit: usize) -> Result<Vec<Letter>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT name, body FROM letters WHERE session = ?1 ORDER BY place LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![id.to_string(), limit], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    let letters = rows.map_err(unwritten)?.map(|row| {
        let (name, body): (Vec<u8>, _) = row.map_err(unwritten)?;
        Ok(Letter::new(name.try_into().map_err(|_| unreadable_row(NotAName))?, body))
    });
    letters.collect()
}

/// The name of a letter has not the length of one.
#[derive(Debug, thiserror::Error)]
#[error("the name of a letter is not 16 bytes long")]
struct NotAName;

/// How many letters wait.
pub(crate) fn waiting(connection: &Connection, id: SessionId) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM letters WHERE session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    statement.query_row([id.to_string()], |row| count(row, 0)).map_err(unwritten)
}

/// Whether a letter waits before those that the commit takes.
pub(crate) fn has_before(connection: &Connection, commit: &Commit) -> Result<bool, StoreError> {
    let sql = "SELECT name FROM letters WHERE session = ?1 ORDER BY place LIMIT 1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let first: Option<[u8; 16]> =
        statement.query_row([commit.id.to_string()], |row| row.get(0)).optional().map_err(unwritten)?;
    Ok(first.is_some_and(|first| !commit.takes.contains(&first)))
}

/// Puts a letter at the end, if there is room and none of its name waits.
pub(crate) fn post(connection: &Connection, post: &Post, now: DateTime<Utc>) -> Result<Posted, StoreError> {
    let (id, name) = (post.id.to_string(), &post.letter.name[..]);
    let known = "SELECT EXISTS (SELECT * FROM letters WHERE session = ?1 AND name = ?2)";
    let mut known = connection.prepare_cached(known).map_err(unwritten)?;
    if known.query_row(params![id, name], |row| row.get(0)).map_err(unwritten)? {
        return Ok(Posted::Known);
    }
    let filled = "SELECT count(*), coalesce(sum(length(body)), 0) FROM letters WHERE session = ?1";
    let mut filled = connection.prepare_cached(filled).map_err(unwritten)?;
    let filled = filled.query_row([&id], |row| Ok((count(row, 0)?, count(row, 1)?)));
    let (letters, bytes) = filled.map_err(unwritten)?;
    if letters >= post.letters || bytes.saturating_add(post.letter.body.len()) > post.bytes {
        return Ok(Posted::Full);
    }
    let sql = "INSERT INTO letters (session, name, body) VALUES (?1, ?2, ?3)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    statement.execute(params![id, name, &post.letter.body[..]]).map_err(unwritten)?;
    if letters > 0 {
        return Ok(Posted::Behind);
    }
    look_after(connection, post.id, &post.flow, end_of(post.lease, now))?;
    Ok(Posted::First)
}

/// Takes the commit's letters off, and sees to it that those that are left are looked after. Tells how many they are.
pub(crate) fn take(connection: &Connection, commit: &Commit, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let id = commit.id.to_string();
    let sql = "SELECT wake_at FROM inboxes WHERE session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let looked_after: Option<i64> = statement.query_row([&id], |row| row.get(0)).optional().map_err(unwritten)?;
    let Some(wake_at) = looked_after else { return Ok(0) };
    let sql = "DELETE FROM letters WHERE session = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    for name in &commit.takes {
        statement.execute(params![id, &name[..]]).map_err(unwritten)?;
    }
    let left = waiting(connection, commit.id)?;
    if left == 0 {
        forget(connection, commit.id)?;
        return Ok(0);
    }
    let wake_at = match commit.while_waiting {
        Some(lease) => end_of(lease, now),
        None => commit.wake_at.map(millis::ceil).map_or(wake_at, |own| own.min(wake_at)),
    };
    look_after(connection, commit.id, &commit.flow, wake_at)?;
    Ok(left)
}

/// Removes all letters, and tells whether there were any.
pub(crate) fn remove(connection: &Connection, id: SessionId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM letters WHERE session = ?1").map_err(unwritten)?;
    let removed = statement.execute([id.to_string()]).map_err(unwritten)?;
    forget(connection, id)?;
    Ok(removed > 0)
}

/// The session is due then.
fn look_after(connection: &Connection, id: SessionId, flow: &str, wake_at: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO inboxes (session, flow, wake_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (session) DO UPDATE SET flow = ?2, wake_at = ?3";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    statement.execute(params![id.to_string(), flow, wake_at]).map_err(unwritten)?;
    Ok(())
}

fn forget(connection: &Connection, id: SessionId) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM inboxes WHERE session = ?1").map_err(unwritten)?;
    statement.execute([id.to_string()]).map_err(unwritten)?;
    Ok(())
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    row.get(column).map(|count: i64| usize::try_from(count).unwrap_or_default())
}

/// When a lease ends that begins now: rounded up, so that it does not end early.
pub(crate) fn end_of(lease: Duration, now: DateTime<Utc>) -> i64 {
    millis::after(millis::ceil(now), lease.saturating_add(ALMOST_ONE)).unwrap_or(i64::MAX)
}

/// Almost a millisecond.
const ALMOST_ONE: Duration = Duration::from_nanos(999_999);
