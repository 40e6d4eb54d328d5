//! Entries as rows of the table `checkpoints`: [`Checkpoints`].

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use flow_core::{StoreError, archive::Entry};
use serde_json::Value;
use tokio_postgres::types::{Json, ToSql};
use uuid::Uuid;

use super::nul_byte;
use crate::{link::Connection, micros};

/// Rows of the table, column by column, so that one statement writes all of them.
#[derive(Default)]
pub(super) struct Checkpoints<'e> {
    session: Vec<Uuid>,
    version: Vec<i64>,
    write_id: Vec<Uuid>,
    index: Vec<i64>,
    flow: Vec<&'e str>,
    state: Vec<&'e str>,
    data: Vec<Json<Cow<'e, Value>>>,
    shared: Vec<Json<Cow<'e, Value>>>,
    exact: Vec<Option<Vec<u8>>>,
    at: Vec<DateTime<Utc>>,
}

impl<'e> Checkpoints<'e> {
    pub(super) fn of(entries: &[&'e Entry]) -> Self {
        let mut columns = Self::default();
        let checkpoints =
            entries.iter().flat_map(|entry| entry.checkpoints.iter().map(move |checkpoint| (entry, checkpoint)));
        for (entry, checkpoint) in checkpoints {
            columns.session.push(*entry.id.as_uuid());
            columns.version.push(checkpoint.key.stamp.version.cast_signed());
            columns.write_id.push(checkpoint.key.stamp.write_id);
            columns.index.push(checkpoint.key.index.into());
            columns.flow.push(&entry.summary.flow);
            columns.state.push(&checkpoint.state);
            columns.data.push(Json(nul_byte::readable(&checkpoint.data)));
            columns.shared.push(Json(nul_byte::readable(&checkpoint.shared)));
            columns.exact.push(nul_byte::exact(&checkpoint.data, &checkpoint.shared));
            columns.at.push(micros::floor(checkpoint.at));
        }
        columns
    }

    /// Writes the rows that are not there.
    pub(super) async fn write(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO checkpoints (session, version, write_id, index, flow, state, data, shared, at, exact)
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::text[],
                $7::jsonb[], $8::jsonb[], $9::timestamptz[], $10::bytea[])
            ON CONFLICT (session, version, write_id, index) DO NOTHING";
        if self.session.is_empty() {
            return Ok(());
        }
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &self.session,
            &self.version,
            &self.write_id,
            &self.index,
            &self.flow,
            &self.state,
            &self.data,
            &self.shared,
            &self.at,
            &self.exact,
        ];
        connection.change(sql, &parameters).await.map(drop)
    }
}
