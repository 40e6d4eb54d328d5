//! The statements on the tables of what waits beside live sessions.

use flow_core::{
    StoreError,
    store::{Letter, Post, Posted},
};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    link::{Connection, value},
    micros,
    postgres_failure::PostgresFailure,
};

/// Puts a letter at the end, if there is room and none of its name waits.
pub(crate) async fn post(connection: &mut Connection, post: &Post) -> Result<Posted, StoreError> {
    let (id, name, body) = (post.id.as_uuid(), &post.letter.name[..], &post.letter.body[..]);
    let (length, room) = (signed(body.len()), (signed(post.letters), signed(post.bytes)));
    if room.0 > 0 && length <= room.1 {
        let (flow, lease) = (&*post.flow, micros::whole(post.lease));
        let wanted: [&(dyn ToSql + Sync); 8] = [id, &flow, &length, &lease, &room.0, &room.1, &name, &body];
        match connection.write(POST, &wanted).await {
            Ok(rows) => match rows.first().map(|row| value(row, 0)).transpose()? {
                Some(1_i64) => return Ok(Posted::First),
                Some(_) => return Ok(Posted::Behind),
                None => {}
            },
            // Somebody else posted it at the same time.
            Err(error) if is_there_already(&error) => return Ok(Posted::Known),
            Err(error) => return Err(error),
        }
    }
    let known = "SELECT EXISTS (SELECT FROM letters WHERE session = $1 AND name = $2)";
    let rows = connection.read(known, &[id, &name]).await?;
    let is_known: bool = rows.first().map_or(Ok(false), |row| value(row, 0))?;
    Ok(if is_known { Posted::Known } else { Posted::Full })
}

/// With the session, the flow, the length of the body, the microseconds of the lease (none for ever), how many letters and how
/// many bytes there may be, the name and the body. Gives how many letters wait with it, or nothing if it was not posted.
// The row of the inbox is locked first, so that letters are numbered in the order in which they are there.
const POST: &str = "WITH inbox AS (
        INSERT INTO inboxes AS inbox (session, flow, waiting, bytes, wake_at)
        VALUES ($1, $2, 1, $3, coalesce(clock_timestamp() + $4::bigint * interval '1 microsecond', 'infinity'))
        ON CONFLICT (session) DO UPDATE SET waiting = inbox.waiting + 1, bytes = inbox.bytes + $3,
            flow = CASE WHEN inbox.waiting = 0 THEN excluded.flow ELSE inbox.flow END,
            wake_at = CASE WHEN inbox.waiting = 0 THEN excluded.wake_at ELSE inbox.wake_at END
        WHERE inbox.waiting < $5 AND inbox.bytes + $3 <= $6
            AND NOT EXISTS (SELECT FROM letters WHERE session = $1 AND name = $7)
        RETURNING waiting
    ), letter AS (
        INSERT INTO letters (session, name, body) SELECT $1, $7, $8 FROM inbox
    )
    SELECT waiting FROM inbox";

fn is_there_already(error: &StoreError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<PostgresFailure>());
    source.is_some_and(PostgresFailure::is_there_already)
}

/// Of a row with the names and the bodies of letters, in two columns from `column` on.
pub(crate) fn letters(row: &Row, column: usize) -> Result<Vec<Letter>, StoreError> {
    let (names, bodies): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (value(row, column)?, value(row, column + 1)?);
    let letters = names.into_iter().zip(bodies).map(|(name, body)| {
        let name = name.try_into().map_err(|_| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))?;
        Ok(Letter::new(name, body))
    });
    letters.collect()
}

/// How many this column counts.
pub(crate) fn count(row: &Row, column: usize) -> Result<usize, StoreError> {
    Ok(usize::try_from(value::<i64>(row, column)?).unwrap_or_default())
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
