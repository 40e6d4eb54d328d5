//! The statements that write a live session.

use chrono::{DateTime, Utc};
use flow_core::{
    Stamp, StoreError,
    store::{Commit, Expect, Verdict},
};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::{
    inboxes,
    link::Connection,
    live::{first, loaded, stamp},
    micros,
};

/// Writes if what is stored is what the commit expects.
pub(crate) async fn commit(connection: &mut Connection, commit: &Commit) -> Result<Verdict, StoreError> {
    let takes_none = commit.takes.is_empty();
    let written = if takes_none { put_alone(connection, commit).await? } else { put(connection, commit).await? };
    if let Some(waiting) = written {
        return Ok(Verdict::Done { waiting });
    }
    let mut found = find(connection, commit).await?;
    if takes_none && found.is_expected {
        // Letters wait.
        if let Some(waiting) = put(connection, commit).await? {
            return Ok(Verdict::Done { waiting });
        }
        found = find(connection, commit).await?;
    }
    Ok(found.verdict)
}

/// What a commit that was not written finds.
struct Found {
    /// Whether that is what it expects.
    is_expected: bool,
    /// What comes of the commit, if it stays unwritten.
    verdict: Verdict,
}

async fn find(connection: &mut Connection, commit: &Commit) -> Result<Found, StoreError> {
    let sql = "SELECT clock_timestamp(), record, version, write_id,
            coalesce((SELECT waiting FROM inboxes WHERE session = $1), 0)
        FROM (VALUES (1)) AS one
        LEFT JOIN live ON id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
    let rows = connection.read(sql, &[commit.id.as_uuid()]).await?;
    let row = first(&rows)?;
    let stored = stamp(row)?;
    let verdict = if stored == Some(commit.record.stamp()) {
        Verdict::Done { waiting: inboxes::count(row, 4)? }
    } else {
        Verdict::Conflict(loaded(row)?)
    };
    Ok(Found { is_expected: stored == commit.expect.stamp(), verdict })
}

/// What goes with a write: its letters are taken off, and those that are left are looked after. Gives how many they are, if it was
/// written. `$9` are their names, `$10` is whether the writer goes on with what is left, `$11` for how many microseconds, and `$12` whether
/// nothing is written while one waits before them.
// The row of the inbox is what a post and this wait for each other at. Whoever comes second counts on from the other's count.
macro_rules! take_letters {
    () => {
        ", taken AS (
            DELETE FROM letters WHERE session = $1 AND name = ANY ($9::bytea[]) AND EXISTS (SELECT FROM written)
            RETURNING octet_length(body) AS length
        ), inbox AS (
            UPDATE inboxes SET waiting = inboxes.waiting - taken.letters, bytes = inboxes.bytes - taken.bytes, flow = $4,
                wake_at = CASE WHEN $10::boolean
                    THEN coalesce(clock_timestamp() + $11::bigint * interval '1 microsecond', 'infinity')
                    ELSE least(inboxes.wake_at, $8) END
            FROM (SELECT count(*) AS letters, coalesce(sum(length), 0) AS bytes FROM taken) AS taken
            WHERE session = $1 AND waiting > 0 AND EXISTS (SELECT FROM written)
            RETURNING inboxes.waiting
        )
        SELECT coalesce((SELECT waiting FROM inbox), 0) FROM written"
    };
}

/// Whether the commit need not wait for letters before those that it takes.
macro_rules! none_waits_before {
    () => {
        "(NOT $12::boolean OR coalesce((SELECT name = ANY ($9::bytea[]) FROM letters WHERE session = $1 ORDER BY place LIMIT 1), true))"
    };
}

/// Whether there are no letters at all.
macro_rules! none_waits {
    () => {
        "NOT EXISTS (SELECT FROM inboxes WHERE session = $1 AND waiting > 0)"
    };
}

/// When a row expires of which `$7` is the time to live in microseconds.
macro_rules! expiry {
    () => {
        "clock_timestamp() + $7::bigint * interval '1 microsecond'"
    };
}

/// When the sweep looks at it: an eighth of that later at most, and an hour. The turns of that time leave the index as it is.
macro_rules! sweep {
    () => {
        concat!(
            "to_timestamp(ceil(extract(epoch FROM ",
            expiry!(),
            ")::float8 / least(greatest($7::float8 / 8e6, 1e-3), 3600)) * least(greatest($7::float8 / 8e6, 1e-3), 3600))"
        )
    };
}

/// The statement that makes a session's row, or writes over that of one that has expired, where the condition holds.
macro_rules! make {
    ($condition:expr) => {
        concat!(
            "INSERT INTO live (id, version, write_id, flow, state, record, expires_at, sweep_at, wake_at)
            SELECT $1::uuid, $2::bigint, $3::uuid, $4::text, $5::text, $6::bytea, ",
            expiry!(),
            ", ",
            sweep!(),
            ", $8::timestamptz WHERE ",
            $condition,
            " ON CONFLICT (id) DO UPDATE SET version = excluded.version, write_id = excluded.write_id,
                flow = excluded.flow, state = excluded.state, record = excluded.record,
                expires_at = excluded.expires_at, sweep_at = excluded.sweep_at, wake_at = excluded.wake_at
            WHERE live.expires_at <= clock_timestamp()"
        )
    };
}

/// The statement that writes over a row of the expected stamp, whose version and write id are these parameters, where the condition holds.
macro_rules! write_over {
    ($version:literal, $write_id:literal, $condition:expr) => {
        concat!(
            "UPDATE live SET version = $2, write_id = $3, flow = $4, state = $5, record = $6, expires_at = ",
            expiry!(),
            ", sweep_at = ",
            sweep!(),
            ", wake_at = $8 WHERE id = $1 AND version = ",
            $version,
            " AND write_id = ",
            $write_id,
            " AND (expires_at IS NULL OR expires_at > clock_timestamp()) AND ",
            $condition
        )
    };
}

/// Writes, if no letters wait.
async fn put_alone(connection: &mut Connection, commit: &Commit) -> Result<Option<usize>, StoreError> {
    let columns = Columns::of(commit);
    let written = match commit.expect {
        Expect::Absent => connection.change(make!(none_waits!()), &columns.parameters()).await?,
        Expect::At(expected) => {
            let Stamp { version, write_id } = expected.stamp();
            let version = version.cast_signed();
            let old: [&(dyn ToSql + Sync); 2] = [&version, &write_id];
            let sql = write_over!("$9", "$10", none_waits!());
            connection.change(sql, &[&columns.parameters()[..], &old].concat()).await?
        }
    };
    Ok((written > 0).then_some(0))
}

/// Writes, and takes letters off. Tells how many are left, if it wrote.
async fn put(connection: &mut Connection, commit: &Commit) -> Result<Option<usize>, StoreError> {
    let columns = Columns::of(commit);
    let takes: Vec<&[u8]> = commit.takes.iter().map(|name| &name[..]).collect();
    let goes_on = commit.while_waiting.is_some();
    let lease = commit.while_waiting.and_then(micros::whole);
    let letters: [&(dyn ToSql + Sync); 4] = [&takes, &goes_on, &lease, &commit.in_line];
    let new = [&columns.parameters()[..], &letters].concat();
    let rows = match commit.expect {
        Expect::Absent => {
            let sql = concat!("WITH written AS (", make!(none_waits_before!()), " RETURNING id)", take_letters!());
            connection.write(sql, &new).await?
        }
        Expect::At(expected) => {
            let sql = concat!(
                "WITH written AS (",
                write_over!("$13", "$14", none_waits_before!()),
                " RETURNING id)",
                take_letters!()
            );
            let Stamp { version, write_id } = expected.stamp();
            let version = version.cast_signed();
            let old: [&(dyn ToSql + Sync); 2] = [&version, &write_id];
            connection.write(sql, &[&new[..], &old].concat()).await?
        }
    };
    rows.first().map(|row| inboxes::count(row, 0)).transpose()
}

/// What a commit writes into the columns of its row.
struct Columns<'c> {
    id: &'c Uuid,
    version: i64,
    write_id: Uuid,
    flow: &'c str,
    state: &'c str,
    record: &'c [u8],
    time_to_live: Option<i64>,
    wake_at: Option<DateTime<Utc>>,
}

impl<'c> Columns<'c> {
    fn of(commit: &'c Commit) -> Self {
        let Stamp { version, write_id } = commit.record.stamp();
        Self {
            id: commit.id.as_uuid(),
            version: version.cast_signed(),
            write_id,
            flow: &commit.flow,
            state: &commit.state,
            record: commit.record.bytes(),
            time_to_live: commit.time_to_live.and_then(micros::whole),
            wake_at: commit.wake_at.map(micros::ceil),
        }
    }

    /// As `$1` to `$8`.
    fn parameters(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            self.id,
            &self.version,
            &self.write_id,
            &self.flow,
            &self.state,
            &self.record,
            &self.time_to_live,
            &self.wake_at,
        ]
    }
}
