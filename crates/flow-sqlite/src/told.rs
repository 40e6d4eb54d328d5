//! The statements on the table `told`: which sessions have changed, for those who listen.

use flow_core::{SessionId, StoreError};
use rusqlite::{Connection, params};

use crate::sqlite_failure::unwritten;

/// How many rows stay. Whoever is further behind is told that it may have missed something.
const KEPT: i64 = 1_000;

/// So many rows are removed together.
const REMOVED_TOGETHER: i64 = 100;

/// Has it told that the session has changed.
pub(crate) fn tell(connection: &Connection, id: SessionId) -> Result<(), StoreError> {
    let sql = "INSERT INTO told (session) VALUES (?1)";
    connection.prepare_cached(sql).map_err(unwritten)?.execute([id.to_string()]).map_err(unwritten)?;
    let place = connection.last_insert_rowid();
    if place % REMOVED_TOGETHER == 0 {
        let sql = "DELETE FROM told WHERE place <= ?1";
        connection.prepare_cached(sql).map_err(unwritten)?.execute([place - KEPT]).map_err(unwritten)?;
    }
    Ok(())
}

/// The same, if anything was ever told here: a removal cannot say whether it is to be.
pub(crate) fn tell_if_any_is(connection: &Connection, id: SessionId) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT * FROM told)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let is_used: bool = statement.query_row([], |row| row.get(0)).map_err(unwritten)?;
    if is_used { tell(connection, id) } else { Ok(()) }
}

/// What was told after a place.
pub(crate) struct Told {
    /// The sessions, in their order; none if some of them are no longer there to be told.
    pub(crate) ids: Option<Vec<SessionId>>,
    /// The last place.
    pub(crate) up_to: i64,
}

/// What was told after `place`.
pub(crate) fn after(connection: &Connection, place: i64) -> Result<Told, StoreError> {
    let sql = "SELECT place, session FROM told WHERE place >= ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map(params![place], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    let rows: Vec<(i64, String)> = rows.map_err(unwritten)?.collect::<Result<_, _>>().map_err(unwritten)?;
    match rows.split_first() {
        // The row of the place itself still is there, so that none behind it is missing.
        Some(((first, _), behind)) if *first == place => {
            let up_to = behind.last().map_or(place, |(place, _)| *place);
            Ok(Told { ids: behind.iter().map(|(_, id)| id.parse().ok()).collect(), up_to })
        }
        // Before the first that was ever told.
        _ if place == 0 => {
            let is_whole = rows.first().is_none_or(|(first, _)| *first == 1);
            let ids = rows.iter().map(|(_, id)| id.parse().ok()).collect::<Option<_>>().filter(|_| is_whole);
            Ok(Told { ids, up_to: rows.last().map_or(0, |(place, _)| *place) })
        }
        // It is far behind, or the file is an older one that was brought back.
        _ => Ok(Told { ids: None, up_to: last(connection)? }),
    }
}

/// The last place; 0 if nothing was ever told.
pub(crate) fn last(connection: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(place), 0) FROM told";
    connection.prepare_cached(sql).map_err(unwritten)?.query_row([], |row| row.get(0)).map_err(unwritten)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Durability, file};

    #[test]
    fn who_is_not_too_far_behind_is_told_everything_in_its_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file::open(&folder.path().join("bot.db"), Durability::Relaxed, Duration::ZERO).expect("a file");
        let count = || file.query_row("SELECT count(*) FROM told", [], |row| row.get::<_, i64>(0)).expect("a count");
        tell_if_any_is(&file, SessionId::random()).expect("a row");
        assert_eq!((count(), last(&file).expect("a place")), (0, 0), "nothing is paid for what nobody uses");

        let ids: Vec<_> = (0..1_200).map(|_| SessionId::random()).collect();
        file.execute_batch("BEGIN").expect("a transaction");
        for id in &ids[..1_000] {
            tell(&file, *id).expect("a row");
        }
        let told = after(&file, 0).expect("rows");
        assert_eq!((told.ids.as_deref(), told.up_to), (Some(&ids[..1_000]), 1_000));
        for id in &ids[1_000..1_199] {
            tell(&file, *id).expect("a row");
        }
        tell_if_any_is(&file, ids[1_199]).expect("a row");
        file.execute_batch("COMMIT").expect("a transaction");
        assert_eq!(count(), KEPT);
        assert_eq!(after(&file, 1_000).expect("rows").ids.as_deref(), Some(&ids[1_000..]));
        assert_eq!(after(&file, 1_200).expect("rows").ids.as_deref(), Some(&[][..]));
        for behind in [0, 1, 200, 1_201, i64::MAX] {
            let told = after(&file, behind).expect("rows");
            assert_eq!((told.ids, told.up_to), (None, 1_200), "{behind}");
        }
        assert_eq!(after(&file, 201).expect("rows").ids.as_deref(), Some(&ids[201..]));
    }
}
