//! What was said, as rows of the table `said`: [`SaidRows`].

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use flow_core::{Moment, SessionId, Speaker, Stamp, StoreError, Utterance, archive::Entry};
use serde_json::Value;
use tokio_postgres::{
    Row,
    types::{Json, ToSql},
};
use uuid::Uuid;

use super::{
    nul_byte,
    reading::{small, unexpected},
};
use crate::{
    link::{Connection, value},
    micros,
};

/// Rows of the table, column by column, so that one statement writes all of them.
#[derive(Default)]
pub(super) struct SaidRows<'e> {
    session: Vec<Uuid>,
    at: Vec<DateTime<Utc>>,
    version: Vec<i64>,
    write_id: Vec<Uuid>,
    index: Vec<i64>,
    flow: Vec<&'e str>,
    speaker: Vec<&'static str>,
    state: Vec<String>,
    kind: Vec<String>,
    text: Vec<Option<String>>,
    details: Vec<Json<Cow<'e, Value>>>,
    bytes: Vec<i64>,
    is_cut: Vec<bool>,
    exact: Vec<Option<Vec<u8>>>,
}

impl<'e> SaidRows<'e> {
    pub(super) fn of(entries: &[&'e Entry]) -> Self {
        let mut columns = Self::default();
        for (entry, said) in entries.iter().flat_map(|entry| entry.said.iter().map(move |said| (entry, said))) {
            let words = said.text.as_deref().map_or(Value::Null, Value::from);
            columns.session.push(*entry.id.as_uuid());
            columns.at.push(micros::floor(said.moment.at));
            columns.version.push(said.moment.stamp.version.cast_signed());
            columns.write_id.push(said.moment.stamp.write_id);
            columns.index.push(said.moment.index.into());
            columns.flow.push(&entry.summary.flow);
            columns.speaker.push(said.by.as_str());
            columns.state.push(nul_byte::text(&said.state));
            columns.kind.push(nul_byte::text(&said.kind));
            columns.text.push(said.text.as_deref().map(nul_byte::text));
            columns.details.push(Json(nul_byte::readable(&said.details)));
            columns.bytes.push(said.bytes.cast_signed());
            columns.is_cut.push(said.is_cut);
            columns.exact.push(nul_byte::exact(&words, &said.details));
        }
        columns
    }

    /// Writes the rows that are not there.
    pub(super) async fn write(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO said (session, at, version, write_id, index, flow, speaker, state, kind, text, details, bytes,
                is_cut, exact)
            SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::uuid[], $5::bigint[], $6::text[],
                $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::bigint[], $13::boolean[], $14::bytea[])
            ON CONFLICT (session, at, version, write_id, index) DO NOTHING";
        if self.session.is_empty() {
            return Ok(());
        }
        let parameters: [&(dyn ToSql + Sync); 14] = [
            &self.session,
            &self.at,
            &self.version,
            &self.write_id,
            &self.index,
            &self.flow,
            &self.speaker,
            &self.state,
            &self.kind,
            &self.text,
            &self.details,
            &self.bytes,
            &self.is_cut,
            &self.exact,
        ];
        connection.change(sql, &parameters).await.map(drop)
    }
}

/// Up to `limit` of what was said in the session `id` after that moment.
pub(super) async fn transcript(
    connection: &mut Connection,
    id: SessionId,
    after: Option<Moment>,
    limit: usize,
) -> Result<Vec<Utterance>, StoreError> {
    // Versions above 2^63 are negative here, and the largest of all. The first condition finds its place by the key.
    let sql = "SELECT at, version, write_id, index, speaker, state, kind, text, details, bytes, is_cut, exact FROM said
        WHERE session = $1 AND ($2::timestamptz IS NULL OR
            (at >= $2 AND (at, version < 0, version, write_id, index) > ($2, $3::bigint < 0, $3, $4::uuid, $5::bigint)))
        ORDER BY at, version < 0, version, write_id, index LIMIT $6";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let at = after.map(|after| micros::floor(after.at));
    let version = after.map(|after| after.stamp.version.cast_signed());
    let write_id = after.map(|after| after.stamp.write_id);
    let index = after.map(|after| i64::from(after.index));
    let rows = connection.read(sql, &[id.as_uuid(), &at, &version, &write_id, &index, &limit]).await?;
    rows.iter().map(utterance).collect()
}

/// Forgets up to `limit` of what was said before `time` in sessions of the flow, the oldest first, but for what another call is
/// just forgetting; tells how many that were.
pub(super) async fn forget_before(
    connection: &mut Connection,
    flow: &str,
    time: DateTime<Utc>,
    limit: usize,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM said WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM said WHERE flow = $1 AND at < $2 ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED))";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let forgotten = connection.change(sql, &[&flow, &micros::floor(time), &limit]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}

fn utterance(row: &Row) -> Result<Utterance, StoreError> {
    let stamp = Stamp { version: value::<i64>(row, 1)?.cast_unsigned(), write_id: value(row, 2)? };
    let moment = Moment::new(value(row, 0)?, stamp, small(value(row, 3)?)?);
    let speaker = Speaker::named(value(row, 4)?).ok_or_else(unexpected)?;
    let (text, details): (Option<String>, Value) = match value::<Option<&[u8]>>(row, 11)? {
        Some(exact) => serde_json::from_slice(exact).map_err(|_| unexpected())?,
        None => (value(row, 7)?, value(row, 8)?),
    };
    let mut utterance = Utterance::new(moment, speaker, value::<String>(row, 5)?, value::<String>(row, 6)?);
    utterance.text = text;
    Ok(utterance.with_details(details).with_bytes(value::<i64>(row, 9)?.cast_unsigned()).with_cut(value(row, 10)?))
}
