//! The statements on the table `said`. Each runs inside a transaction that its caller has begun.

use chrono::{DateTime, Utc};
use flow_core::{Moment, SessionId, Speaker, Stamp, StoreError, Utterance};
use rusqlite::{Connection, Row, named_params, params};
use uuid::Uuid;

use crate::{
    exact_time::ExactTime,
    sqlite_failure::{unreadable_row, unwritten},
};

/// Adds what is not there yet.
pub(crate) fn add(connection: &Connection, id: SessionId, flow: &str, said: &[Utterance]) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO said (session, at, at_nanos, version, write_id, number, flow, speaker, state, kind, text, details,
            bytes, is_cut)
        VALUES (:session, :at, :at_nanos, :version, :write_id, :number, :flow, :speaker, :state, :kind, :text, :details,
            :bytes, :is_cut)
        ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    for utterance in said {
        let (moment, at) = (utterance.moment, ExactTime::from(utterance.moment.at));
        let row = named_params! {
            ":session": id.to_string(),
            ":at": at.millis,
            ":at_nanos": at.nanos,
            ":version": moment.stamp.version.cast_signed(),
            ":write_id": moment.stamp.write_id.to_string(),
            ":number": moment.index,
            ":flow": flow,
            ":speaker": utterance.by.as_str(),
            ":state": utterance.state,
            ":kind": utterance.kind,
            ":text": utterance.text,
            ":details": utterance.details.to_string(),
            ":bytes": utterance.bytes.cast_signed(),
            ":is_cut": utterance.is_cut,
        };
        statement.execute(row).map_err(unwritten)?;
    }
    Ok(())
}

/// Up to `limit` of what was said in the session `id` after that moment.
pub(crate) fn read(
    connection: &Connection,
    id: SessionId,
    after: Option<Moment>,
    limit: usize,
) -> Result<Vec<Utterance>, StoreError> {
    // Versions above 2^63 are negative here, and the largest of all. Two conditions, so that the first finds its place by the key.
    let sql =
        "SELECT at, at_nanos, version, write_id, number, speaker, state, kind, text, details, bytes, is_cut FROM said
        WHERE session = ?1 AND (at, at_nanos) >= (?2, ?3)
            AND (at, at_nanos, version < 0, version, write_id, number) > (?2, ?3, ?4 < 0, ?4, ?5, ?6)
        ORDER BY at, at_nanos, version < 0, version, write_id, number LIMIT ?7";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let row = |row: &Row<'_>| Ok(utterance(row));
    let rows = match after {
        Some(Moment { at, stamp, index, .. }) => {
            let (at, write_id) = (ExactTime::from(at), stamp.write_id.to_string());
            let version = stamp.version.cast_signed();
            let after = params![id.to_string(), at.millis, at.nanos, version, write_id, index, limit];
            statement.query_map(after, row)
        }
        // Before everything.
        None => statement.query_map(params![id.to_string(), i64::MIN, -1, 0, "", -1, limit], row),
    };
    rows.map_err(unwritten)?.map(|utterance| utterance.map_err(unwritten)?).collect()
}

/// Removes up to `limit` of what was said before `time` in sessions of the flow, the oldest first; tells how many.
pub(crate) fn forget(
    connection: &Connection,
    flow: &str,
    time: DateTime<Utc>,
    limit: usize,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM said WHERE (session, at, at_nanos, version, write_id, number) IN
        (SELECT session, at, at_nanos, version, write_id, number FROM said
            WHERE flow = ?1 AND (at, at_nanos) < (?2, ?3) ORDER BY at, at_nanos LIMIT ?4)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let (time, limit) = (ExactTime::from(time), i64::try_from(limit).unwrap_or(i64::MAX));
    statement.execute(params![flow, time.millis, time.nanos, limit]).map_err(unwritten)
}

fn utterance(row: &Row<'_>) -> Result<Utterance, StoreError> {
    let write_id = Uuid::try_parse(&row.get::<_, String>(3).map_err(unreadable_row)?).map_err(unreadable_row)?;
    let version = row.get::<_, i64>(2).map_err(unreadable_row)?.cast_unsigned();
    let index = row.get(4).map_err(unreadable_row)?;
    let moment = Moment::new(ExactTime::read(row, 0)?, Stamp { version, write_id }, index);
    let speaker: String = row.get(5).map_err(unreadable_row)?;
    let speaker = Speaker::named(&speaker).ok_or(()).map_err(unreadable_row)?;
    let (state, kind): (String, String) = (row.get(6).map_err(unreadable_row)?, row.get(7).map_err(unreadable_row)?);
    let details: String = row.get(9).map_err(unreadable_row)?;
    let mut utterance = Utterance::new(moment, speaker, state, kind);
    utterance.text = row.get(8).map_err(unreadable_row)?;
    Ok(utterance
        .with_details(serde_json::from_str(&details).map_err(unreadable_row)?)
        .with_bytes(row.get::<_, i64>(10).map_err(unreadable_row)?.cast_unsigned())
        .with_cut(row.get(11).map_err(unreadable_row)?))
}
