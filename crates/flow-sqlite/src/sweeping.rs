//! What has expired goes, and what of it waited for a worker is counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flow_core::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{millis, sqlite_failure::unwritten};

/// Removes up to `most` expired rows, the longest expired first, and counts for their flows those that had a wake time.
pub(crate) fn sweep(connection: &Connection, most: usize, now: DateTime<Utc>) -> Result<(), StoreError> {
    let sql = "DELETE FROM sessions WHERE rowid IN
            (SELECT rowid FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
        RETURNING iif(wake_at IS NULL, NULL, flow)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![millis::floor(now), most], |row| row.get::<_, Option<String>>(0));
    let mut forgotten = BTreeMap::<_, i64>::new();
    for flow in rows.map_err(unwritten)? {
        if let Some(flow) = flow.map_err(unwritten)? {
            *forgotten.entry(flow).or_default() += 1;
        }
    }
    for (flow, sessions) in forgotten {
        let sql = "INSERT INTO forgotten (flow, sessions) VALUES (?1, ?2)
            ON CONFLICT (flow) DO UPDATE SET sessions = sessions + excluded.sessions";
        connection.prepare_cached(sql).map_err(unwritten)?.execute(params![flow, sessions]).map_err(unwritten)?;
    }
    Ok(())
}

/// How many sessions of the flow were counted since this was last asked.
pub(crate) fn take_forgotten(connection: &Connection, flow: &str) -> Result<u64, StoreError> {
    let sql = "DELETE FROM forgotten WHERE flow = ?1 RETURNING sessions";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let sessions = statement.query_row([flow], |row| row.get::<_, i64>(0)).optional().map_err(unwritten)?;
    Ok(sessions.map_or(0, i64::cast_unsigned))
}
