//! The statements on the table `beats`: until when workers are taken for alive.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::StoreError;

use crate::{
    link::{Connection, value},
    micros,
};

/// Takes the workers of the flow for alive for so long, if they are not for longer.
pub(crate) async fn beat(connection: &mut Connection, flow: &str, lasts: Duration) -> Result<(), StoreError> {
    let sql = "INSERT INTO beats (flow, alive_until)
        VALUES ($1, clock_timestamp() + $2::bigint * interval '1 microsecond')
        ON CONFLICT (flow) DO UPDATE SET alive_until = greatest(beats.alive_until, excluded.alive_until)";
    let lasts = micros::whole(lasts).unwrap_or(LONGEST);
    connection.change(sql, &[&flow, &lasts]).await.map(drop)
}

/// Until when the workers of the flow are taken for alive, if they are.
pub(crate) async fn alive_until(connection: &mut Connection, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let sql = "SELECT alive_until FROM beats WHERE flow = $1 AND alive_until > clock_timestamp()";
    let rows = connection.read(sql, &[&flow]).await?;
    rows.first().map(|row| value(row, 0)).transpose()
}

/// A thousand years: longer than any worker lives, and a time that can be told.
const LONGEST: i64 = 1_000 * 365 * 86_400 * 1_000_000;
