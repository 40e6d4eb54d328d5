//! The statements on the table `beats`: until when workers are taken for alive.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{millis, sqlite_failure::unwritten};

/// Takes the workers of the flow for alive for so long, if they are not for longer.
pub(crate) fn beat(connection: &Connection, flow: &str, lasts: Duration, now: DateTime<Utc>) -> Result<(), StoreError> {
    let sql = "INSERT INTO beats (flow, alive_until) VALUES (?1, ?2)
        ON CONFLICT (flow) DO UPDATE SET alive_until = max(alive_until, excluded.alive_until)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let until = millis::after(millis::ceil(now), lasts).map_or(LAST, |until| until.min(LAST));
    statement.execute(params![flow, until]).map_err(unwritten)?;
    Ok(())
}

/// Until when the workers of the flow are taken for alive, if they are.
pub(crate) fn alive_until(
    connection: &Connection,
    flow: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let sql = "SELECT alive_until FROM beats WHERE flow = ?1 AND alive_until > ?2";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let until = statement.query_row(params![flow, millis::floor(now)], |row| row.get(0)).optional();
    Ok(until.map_err(unwritten)?.and_then(DateTime::from_timestamp_millis))
}

/// The last time that can be told.
const LAST: i64 = DateTime::<Utc>::MAX_UTC.timestamp_millis();
