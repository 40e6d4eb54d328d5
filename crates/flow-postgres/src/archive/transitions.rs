//! Entries as rows of the table `transitions`: [`Transitions`].

use chrono::{DateTime, Utc};
use flow_core::{Cause, StoreError, archive::Entry};
use serde_json::Value;
use thiserror::Error;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::{link::Connection, micros};

/// Rows of the table, column by column, so that one statement writes all of them.
#[derive(Default)]
pub(super) struct Transitions<'e> {
    session: Vec<Uuid>,
    number: Vec<i64>,
    conversation: Vec<i64>,
    flow: Vec<&'e str>,
    from_state: Vec<Option<&'e str>>,
    to_state: Vec<&'e str>,
    cause: Vec<String>,
    taken_at: Vec<DateTime<Utc>>,
    place: Vec<Option<i64>>,
    is_end: Vec<bool>,
}

impl<'e> Transitions<'e> {
    /// Fails if a step has a number that no column takes.
    pub(super) fn of(entries: &[&'e Entry]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for (entry, step) in entries.iter().flat_map(|entry| entry.steps.iter().map(move |step| (entry, step))) {
            columns.session.push(*entry.id.as_uuid());
            columns.number.push(signed(step.number)?);
            columns.conversation.push(signed(step.conversation)?);
            columns.flow.push(&entry.summary.flow);
            columns.from_state.push(step.transition.from.as_deref());
            columns.to_state.push(&step.transition.to);
            columns.cause.push(word(step.transition.by));
            columns.taken_at.push(micros::floor(step.transition.at));
            columns.place.push(step.position.map(i64::from));
            columns.is_end.push(step.is_end);
        }
        Ok(columns)
    }

    /// Writes the rows that are not there.
    pub(super) async fn write(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO transitions (session, number, conversation, flow, from_state, to_state, cause, taken_at,
                place, is_end)
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[], $9::bigint[], $10::boolean[])
            ON CONFLICT (session, number) DO NOTHING";
        let parameters: [&(dyn ToSql + Sync); 10] = [
            &self.session,
            &self.number,
            &self.conversation,
            &self.flow,
            &self.from_state,
            &self.to_state,
            &self.cause,
            &self.taken_at,
            &self.place,
            &self.is_end,
        ];
        if self.session.is_empty() {
            return Ok(());
        }
        connection.change(sql, &parameters).await.map(drop)
    }
}

/// The number as the columns have it.
///
/// Fails if it is above 2^63.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| too_high())
}

pub(super) fn too_high() -> StoreError {
    StoreError::Refused(Box::new(TooHigh))
}

#[derive(Debug, Error)]
#[error("a step has a number above 2^63")]
struct TooHigh;

/// The cause as a record has it.
fn word(cause: Cause) -> String {
    match serde_json::to_value(cause) {
        Ok(Value::String(word)) => word,
        _ => cause.to_string(),
    }
}
