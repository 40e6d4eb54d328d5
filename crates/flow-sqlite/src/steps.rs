//! The statements on the table `transitions`. Each runs inside a transaction that its caller has begun.

use flow_core::{Cause, SessionId, StoreError, Transition, archive::ArchivedStep};
use rusqlite::{Connection, Row, named_params, params};
use serde::{
    Deserialize as _,
    de::{IntoDeserializer as _, value},
};
use thiserror::Error;

use crate::{
    exact_time::ExactTime,
    sqlite_failure::{unreadable_row, unwritten},
};

/// Adds the steps that are not there yet, and gives the number behind the largest of them.
///
/// Fails with [`StoreError::Refused`] at a step that leaves no number for the next.
pub(crate) fn add(
    connection: &Connection,
    id: SessionId,
    flow: &str,
    steps: &[ArchivedStep],
) -> Result<i64, StoreError> {
    let sql =
        "INSERT INTO transitions (session, number, conversation, from_state, to_state, cause, taken_at, taken_nanos,
            place, is_end, flow)
        VALUES (:session, :number, :conversation, :from_state, :to_state, :cause, :taken_at, :taken_nanos, :place,
            :is_end, :flow)
        ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let mut next = 0;
    for ArchivedStep { number, conversation, transition, position, is_end, .. } in steps {
        let number = signed(*number).filter(|number| *number < i64::MAX);
        let number = number.ok_or_else(|| StoreError::Refused(Box::new(NoNextStep)))?;
        let taken = ExactTime::from(transition.at);
        let row = named_params! {
            ":session": id.to_string(),
            ":number": number,
            ":conversation": conversation.cast_signed(),
            ":from_state": transition.from,
            ":to_state": transition.to,
            ":cause": word(transition.by)?,
            ":taken_at": taken.millis,
            ":taken_nanos": taken.nanos,
            ":place": position,
            ":is_end": is_end,
            ":flow": flow,
        };
        statement.execute(row).map_err(unwritten)?;
        next = next.max(number + 1);
    }
    Ok(next)
}

/// Up to `limit` steps of `id`, from the number `from` on.
pub(crate) fn read(
    connection: &Connection,
    id: SessionId,
    from: u64,
    limit: usize,
) -> Result<Vec<ArchivedStep>, StoreError> {
    let sql = "SELECT number, conversation, from_state, to_state, cause, taken_at, taken_nanos, place, is_end
        FROM transitions WHERE session = ?1 AND number >= ?2 ORDER BY number LIMIT ?3";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // No step has the largest number of all.
    let from = signed(from).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![id.to_string(), from, limit], |row| Ok(step(row))).map_err(unwritten)?;
    rows.map(|step| step.map_err(unwritten)?).collect()
}

fn step(row: &Row<'_>) -> Result<ArchivedStep, StoreError> {
    let (from, to) = (row.get(2).map_err(unreadable_row)?, row.get::<_, String>(3).map_err(unreadable_row)?);
    let by = cause(&row.get::<_, String>(4).map_err(unreadable_row)?)?;
    let transition = Transition::new(from, to, by, ExactTime::read(row, 5)?);
    let number = row.get::<_, i64>(0).map_err(unreadable_row)?.cast_unsigned();
    let conversation = row.get::<_, i64>(1).map_err(unreadable_row)?.cast_unsigned();
    let step = ArchivedStep::new(number, conversation, transition);
    Ok(step.position(row.get::<_, Option<u32>>(7).map_err(unreadable_row)?).is_end(row.get(8).map_err(unreadable_row)?))
}

/// The cause in the one word that it has in a record.
fn word(cause: Cause) -> Result<String, StoreError> {
    match serde_json::to_value(cause) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Refused(Box::new(NoWord))),
    }
}

fn cause(word: &str) -> Result<Cause, StoreError> {
    let word: value::StrDeserializer<'_, value::Error> = word.into_deserializer();
    Cause::deserialize(word).map_err(unreadable_row)
}

fn signed(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

/// The number that the next step would have does not exist.
#[derive(Debug, Error)]
#[error("the steps of the session are numbered to the end")]
struct NoNextStep;

/// A cause is not written as a word.
#[derive(Debug, Error)]
#[error("the cause of a step has no word")]
struct NoWord;
