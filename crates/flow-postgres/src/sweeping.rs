//! What has expired goes, and what of it waited for a worker is counted.

use flow_core::StoreError;

use crate::{link::Connection, live::signed};

/// Removes up to `most` expired rows, the longest expired first, and as many inboxes without a letter, but for those that
/// another call is just writing over, and
/// counts for their flows those that had a wake time.
pub(crate) async fn sweep(connection: &mut Connection, most: usize) -> Result<u64, StoreError> {
    // `now()` is constant in the transaction, so the index serves; as an array, the rows are looked for only once. The counts
    // are written in the order of the flows: two sweeps that meet wait for each other, and never both.
    let sql = "WITH looked_at AS (
            SELECT id, coalesce(expires_at <= now(), false) AS is_over FROM live
            WHERE sweep_at <= now() ORDER BY sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ), put_off AS (
            UPDATE live SET sweep_at = expires_at WHERE id = ANY (ARRAY(SELECT id FROM looked_at WHERE NOT is_over))
        ), swept AS (
            DELETE FROM live WHERE id = ANY (ARRAY(SELECT id FROM looked_at WHERE is_over)) RETURNING flow, wake_at
        )
        INSERT INTO forgotten (flow, sessions)
            SELECT flow, count(*) FROM swept WHERE wake_at IS NOT NULL GROUP BY flow ORDER BY flow
            ON CONFLICT (flow) DO UPDATE SET sessions = forgotten.sessions + excluded.sessions";
    let swept = connection.change(sql, &[&signed(most)]).await?;
    let sql = "DELETE FROM inboxes WHERE waiting = 0 AND session = ANY (ARRAY(
            SELECT session FROM inboxes WHERE waiting = 0 LIMIT $1 FOR UPDATE SKIP LOCKED))";
    connection.change(sql, &[&signed(most)]).await?;
    Ok(swept)
}
