//! The statements on the table of live sessions.

use chrono::{DateTime, Utc};
use flow_core::{
    Record, SessionId, Stamp, StoreError,
    store::{Claim, Due, Loaded},
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    inboxes,
    link::{Connection, value},
    micros,
    postgres_failure::PostgresFailure,
    sweeping::sweep,
};

/// The live record of `id`, with its first letters, and what time it is.
pub(crate) async fn load(connection: &mut Connection, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
    if letters == 0 {
        let sql = "SELECT clock_timestamp(), record, version, write_id FROM (VALUES (1)) AS one
            LEFT JOIN live ON id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
        return loaded(first(&connection.read(sql, &[id.as_uuid()]).await?)?);
    }
    let sql = "SELECT clock_timestamp(), record, version, write_id,
            ARRAY (SELECT name FROM letters WHERE session = $1 ORDER BY place LIMIT $2),
            ARRAY (SELECT body FROM letters WHERE session = $1 ORDER BY place LIMIT $2)
        FROM (VALUES (1)) AS one
        LEFT JOIN live ON id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
    let rows = connection.read(sql, &[id.as_uuid(), &signed(letters)]).await?;
    let row = first(&rows)?;
    Ok(loaded(row)?.with_letters(inboxes::letters(row, 4)?))
}

/// Removes the row of `id` and its letters, and tells whether it was alive, or had any.
pub(crate) async fn remove(connection: &mut Connection, id: SessionId) -> Result<bool, StoreError> {
    // In the order in which a commit comes by them.
    let sql = "WITH record AS (
            DELETE FROM live WHERE id = $1 RETURNING expires_at IS NULL OR expires_at > clock_timestamp() AS was_there
        ), inbox AS (
            DELETE FROM inboxes WHERE session = $1 AND (SELECT count(*) FROM record) >= 0 RETURNING waiting > 0 AS was_there
        )
        SELECT coalesce(bool_or(was_there), false)
        FROM (SELECT was_there FROM record UNION ALL SELECT was_there FROM inbox) AS removed";
    let rows = connection.write(sql, &[id.as_uuid()]).await?;
    rows.first().map_or(Ok(false), |row| value(row, 0))
}

/// Takes a lease on live sessions of the flow that are due, and on those with letters that are, the longest due first, and the
/// count of those that expired. A session that another call is just claiming or writing is left out.
pub(crate) async fn claim(connection: &mut Connection, claim: &Claim) -> Result<Due, StoreError> {
    // First, so that what has expired by now is counted now.
    sweep(connection, SWEPT_BY_A_CLAIM).await?;
    let (flow, limit, not_after) = (&*claim.flow, signed(claim.limit), claim.not_after.map(micros::floor));
    let rows = connection.write(CLAIM, &[&flow, &not_after, &micros::whole(claim.lease), &limit]).await?;
    let (now, forgotten): (_, Option<i64>) = (value(first(&rows)?, 0)?, value(first(&rows)?, 2)?);
    let ids = rows.iter().filter_map(|row| value::<Option<Uuid>>(row, 1).transpose());
    let ids = ids.map(|id| session(id?)).collect::<Result<_, _>>()?;
    Ok(Due::new(ids, now).forgotten(forgotten.map_or(0, i64::cast_unsigned)))
}

/// How many expired rows a claim sweeps. Where no turns are taken, nothing else does.
const SWEPT_BY_A_CLAIM: usize = 256;

/// With the flow, the last time that counts (or none), the microseconds of the lease (none for ever), and the limit.
// By the time of the statement: it stays the same, so that an index can be asked for it. `clock_timestamp()` is another for
// each row, and has all of them read. Nothing of it is waited for in between.
const CLAIM: &str = "WITH due AS (
        SELECT id, wake_at FROM live
        WHERE flow = $1 AND wake_at <= least(statement_timestamp(), $2)
            AND (expires_at IS NULL OR expires_at > statement_timestamp())
            AND NOT EXISTS (SELECT FROM inboxes WHERE session = id AND waiting > 0)
        ORDER BY wake_at LIMIT $4 FOR UPDATE OF live SKIP LOCKED
    ), with_letters AS (
        SELECT session AS id, wake_at FROM inboxes
        WHERE flow = $1 AND waiting > 0 AND wake_at <= least(statement_timestamp(), $2)
        ORDER BY wake_at LIMIT $4 FOR UPDATE SKIP LOCKED
    ), chosen AS (
        SELECT id, wake_at FROM (SELECT * FROM due UNION ALL SELECT * FROM with_letters) AS both_kinds
        ORDER BY wake_at LIMIT $4
    ), claimed AS (
        UPDATE live SET wake_at = coalesce(statement_timestamp() + $3::bigint * interval '1 microsecond', 'infinity')
        FROM chosen WHERE live.id = chosen.id AND chosen.id IN (SELECT id FROM due)
        RETURNING chosen.id, chosen.wake_at
    ), claimed_with_letters AS (
        UPDATE inboxes SET wake_at = coalesce(statement_timestamp() + $3::bigint * interval '1 microsecond', 'infinity')
        FROM chosen WHERE inboxes.session = chosen.id AND chosen.id IN (SELECT id FROM with_letters)
        RETURNING chosen.id, chosen.wake_at
    ), counted AS (
        DELETE FROM forgotten WHERE flow = $1 RETURNING sessions
    )
    SELECT statement_timestamp(), id, (SELECT sessions FROM counted)
    FROM (VALUES (1)) AS one
        LEFT JOIN (SELECT * FROM claimed UNION ALL SELECT * FROM claimed_with_letters) AS all_claimed ON true
    ORDER BY wake_at, id";

/// Up to `limit` live sessions behind `after`, in the order of their ids.
pub(crate) async fn page(
    connection: &mut Connection,
    after: Option<SessionId>,
    limit: usize,
) -> Result<Vec<SessionId>, StoreError> {
    let sql = "SELECT id FROM live WHERE id > $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY id LIMIT $2";
    // No session has the nil UUID.
    let after = after.map_or(Uuid::nil(), |id| *id.as_uuid());
    let rows = connection.read(sql, &[&after, &signed(limit)]).await?;
    rows.iter().map(|row| session(value(row, 0)?)).collect()
}

/// The same, of one flow.
pub(crate) async fn page_of_flow(
    connection: &mut Connection,
    flow: &str,
    after: Option<SessionId>,
    limit: usize,
) -> Result<Vec<SessionId>, StoreError> {
    let sql = "SELECT id FROM live WHERE id > $1 AND flow = $3
            AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY id LIMIT $2";
    let after = after.map_or(Uuid::nil(), |id| *id.as_uuid());
    let rows = connection.read(sql, &[&after, &signed(limit), &flow]).await?;
    rows.iter().map(|row| session(value(row, 0)?)).collect()
}

/// How many live sessions the flow has.
pub(crate) async fn count(connection: &mut Connection, flow: &str) -> Result<u64, StoreError> {
    let sql =
        "SELECT count(*) FROM live WHERE flow = $1 AND (expires_at IS NULL OR expires_at > statement_timestamp())";
    let rows = connection.read(sql, &[&flow]).await?;
    value::<i64>(first(&rows)?, 0).map(i64::cast_unsigned)
}

fn session(id: Uuid) -> Result<SessionId, StoreError> {
    id.to_string().parse().map_err(|_| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))
}

/// The row that is there in any case, because it tells the time.
pub(crate) fn first(rows: &[Row]) -> Result<&Row, StoreError> {
    rows.first().ok_or_else(|| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))
}

/// The time, and the record if there is one, of a row of time, record, version and write id.
///
/// Fails if the record cannot be read, or if its stamp is not the one beside it.
pub(crate) fn loaded(row: &Row) -> Result<Loaded, StoreError> {
    let (now, bytes): (DateTime<Utc>, Option<Vec<u8>>) = (value(row, 0)?, value(row, 1)?);
    let record = bytes.zip(stamp(row)?).map(|(bytes, stamp)| Record::read_beside(stamp, bytes)).transpose()?;
    Ok(Loaded::new(record, now))
}

pub(crate) fn stamp(row: &Row) -> Result<Option<Stamp>, StoreError> {
    let (version, write_id): (Option<i64>, _) = (value(row, 2)?, value(row, 3)?);
    Ok(version.zip(write_id).map(|(version, write_id)| Stamp { version: version.cast_unsigned(), write_id }))
}

pub(crate) fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use flow_proving::PostgresServer;

    use super::*;

    #[test]
    fn an_index_serves_the_look_for_what_is_due() {
        let server = PostgresServer::start_quick();
        let schema = [
            include_str!("schema/1.sql"),
            include_str!("schema/2.sql"),
            include_str!("schema/4.sql"),
            include_str!("schema/7.sql"),
            include_str!("schema/10.sql"),
        ]
        .concat();
        server.ask(&format!("CREATE SCHEMA flow; SET search_path TO flow; {schema}"));
        // Twenty thousand sessions, of which a hundred are due.
        server.ask(
            "INSERT INTO flow.live (id, version, write_id, flow, state, record, wake_at)
                SELECT gen_random_uuid(), 1, gen_random_uuid(), 'booking', 'WELCOME', '{}',
                    clock_timestamp() + (number - 100) * interval '1 minute'
                FROM generate_series(1, 20000) AS number",
        );
        server.ask("ANALYZE flow.live");
        let plan = server.ask(&format!(
            "SET search_path TO flow; PREPARE claim AS {CLAIM};
                EXPLAIN (ANALYZE, COSTS off) EXECUTE claim ('booking', NULL, 60000000, 300)"
        ));
        let by_index = |line: &str| line.contains("Index Scan using live_by_wake");
        assert!(plan.lines().any(by_index), "{plan}");
        let condition = plan.lines().find(|line| line.contains("Index Cond") && line.contains("wake_at"));
        assert!(condition.is_some_and(|line| line.contains("statement_timestamp")), "{plan}");
        assert!(!plan.contains("Rows Removed by Filter"), "no row is read that is not due: {plan}");
    }
}
