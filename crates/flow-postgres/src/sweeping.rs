//! What has expired goes, and what of it waited for a worker is counted.

use std::time::{Duration, Instant};

use flow_core::StoreError;

use crate::{link::Connection, live::signed};

/// After so many commits there is a sweep. One that finds nothing costs as much as five of them.
const COMMITS_A_SWEEP: usize = 512;

/// Where there are fewer, after so long.
const LONGEST_UNSWEPT: Duration = Duration::from_secs(60);

/// So many rows are swept at once: more than those commits can add, so that they get fewer.
pub(crate) const SWEPT_AT_ONCE: usize = 4 * COMMITS_A_SWEEP;

/// What has happened since the last sweep.
pub(crate) struct Unswept {
    commits: usize,
    since: Instant,
}

impl Unswept {
    pub(crate) fn since(since: Instant) -> Self {
        Self { commits: 0, since }
    }

    /// Counts a commit, and tells whether there is to be a sweep now.
    pub(crate) fn is_enough(&mut self, now: Instant) -> bool {
        self.commits += 1;
        let is_enough = self.commits >= COMMITS_A_SWEEP || now.duration_since(self.since) >= LONGEST_UNSWEPT;
        if is_enough {
            *self = Self::since(now);
        }
        is_enough
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_comes_after_many_commits_or_a_minute() {
        let began = Instant::now();
        let mut unswept = Unswept::since(began);
        let sweeps =
            |unswept: &mut Unswept, commits: usize, now| (0..commits).filter(|_| unswept.is_enough(now)).count();
        assert_eq!(sweeps(&mut unswept, 2 * COMMITS_A_SWEEP - 1, began), 1);
        assert_eq!(sweeps(&mut unswept, 1, began), 1);
        let soon = began + LONGEST_UNSWEPT.saturating_sub(Duration::from_millis(1));
        assert_eq!(sweeps(&mut unswept, 1, soon), 0);
        assert_eq!(sweeps(&mut unswept, 3, began + LONGEST_UNSWEPT), 1, "and then not for a minute");
    }
}
