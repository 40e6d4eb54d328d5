//! Entries as rows of the table `sessions`: [`Sessions`].

use std::{borrow::Cow, collections::HashMap};

use chrono::{DateTime, Utc};
use flow_core::{Stamp, StoreError, archive::Entry};
use serde_json::Value;
use tokio_postgres::types::{Json, ToSql};
use uuid::Uuid;

use super::{
    nul_byte,
    transitions::{signed, too_high},
};
use crate::{link::Connection, micros};

/// Rows of the table, column by column, so that one statement writes all of them.
#[derive(Default)]
pub(super) struct Sessions<'e> {
    session: Vec<Uuid>,
    flow: Vec<&'e str>,
    flow_version: Vec<i64>,
    state: Vec<&'e str>,
    status: Vec<&'static str>,
    language: Vec<Option<String>>,
    data: Vec<Json<Cow<'e, Value>>>,
    created_at: Vec<DateTime<Utc>>,
    updated_at: Vec<DateTime<Utc>>,
    expires_at: Vec<Option<DateTime<Utc>>>,
    version: Vec<i64>,
    write_id: Vec<Uuid>,
    steps: Vec<i64>,
    record: Vec<&'e [u8]>,
}

impl<'e> Sessions<'e> {
    /// Fails if a step has a number that leaves none for the next.
    pub(super) fn of(entries: &[&'e Entry]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for entry in entries {
            let (summary, stamp) = (&entry.summary, entry.record.stamp());
            let last_step = entry.steps.iter().map(|step| step.number).max();
            let next_step = last_step.map_or(Ok(0), |number| signed(number)?.checked_add(1).ok_or_else(too_high))?;
            columns.session.push(*entry.id.as_uuid());
            columns.flow.push(&summary.flow);
            columns.flow_version.push(summary.flow_version.into());
            columns.state.push(&summary.state);
            columns.status.push(summary.status.as_str());
            columns.language.push(summary.language.as_deref().map(nul_byte::text));
            columns.data.push(Json(nul_byte::readable(&summary.data)));
            columns.created_at.push(micros::floor(summary.created_at));
            columns.updated_at.push(micros::floor(summary.updated_at));
            columns.expires_at.push(summary.expires_at.map(micros::floor));
            columns.version.push(stamp.version.cast_signed());
            columns.write_id.push(stamp.write_id);
            columns.steps.push(next_step);
            columns.record.push(entry.record.bytes());
        }
        Ok(columns)
    }

    /// Writes the rows, of which those in `stored` are there and locked, and tells how many it wrote: a row that should not
    /// be there stays as it is.
    pub(super) async fn write(
        &self,
        connection: &mut Connection,
        stored: &HashMap<Uuid, Stamp>,
    ) -> Result<u64, StoreError> {
        let sql = "INSERT INTO sessions (session, flow, flow_version, state, status, language, data, created_at,
                updated_at, expires_at, version, write_id, steps, record)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
                $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::uuid[], $13::bigint[],
                $14::bytea[]) AS new (session)
            ORDER BY session
            ON CONFLICT (session) DO UPDATE SET flow = excluded.flow, flow_version = excluded.flow_version,
                state = excluded.state, status = excluded.status, language = excluded.language, data = excluded.data,
                created_at = excluded.created_at, updated_at = excluded.updated_at, expires_at = excluded.expires_at,
                archived_at = clock_timestamp(), version = excluded.version, write_id = excluded.write_id,
                steps = greatest(sessions.steps, excluded.steps), record = excluded.record
            WHERE sessions.session = ANY ($15::uuid[])";
        let there: Vec<_> = stored.keys().collect();
        let parameters: [&(dyn ToSql + Sync); 15] = [
            &self.session,
            &self.flow,
            &self.flow_version,
            &self.state,
            &self.status,
            &self.language,
            &self.data,
            &self.created_at,
            &self.updated_at,
            &self.expires_at,
            &self.version,
            &self.write_id,
            &self.steps,
            &self.record,
            &there,
        ];
        connection.change(sql, &parameters).await
    }
}
