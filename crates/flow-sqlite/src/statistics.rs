//! What the views of the file tell, as types.

use async_trait::async_trait;
use chrono::NaiveDate;
use flow_core::{
    Statistics, StoreError,
    statistics::{Conversion, DropOff, Reached, Stay},
};
use rusqlite::{Connection, Row, types::FromSql};

use crate::{
    SqliteStore,
    sqlite_failure::{unreadable_row, unwritten},
};

#[async_trait]
impl Statistics for SqliteStore {
    async fn funnel(&self, flow: &str) -> Result<Vec<Reached>, StoreError> {
        self.view("SELECT state, reached, share FROM funnel WHERE flow = ?1", flow, |row| {
            Ok(Reached::new(column::<String>(row, 0)?, count(row, 1)?, column(row, 2)?))
        })
        .await
    }

    async fn drop_off(&self, flow: &str) -> Result<Vec<DropOff>, StoreError> {
        self.view("SELECT state, reached, lapsed, open, drop_rate FROM drop_off WHERE flow = ?1", flow, |row| {
            let (reached, lapsed, open) = (count(row, 1)?, count(row, 2)?, count(row, 3)?);
            Ok(DropOff::new(column::<String>(row, 0)?, reached, lapsed, open, column(row, 4)?))
        })
        .await
    }

    async fn time_in_state(&self, flow: &str) -> Result<Vec<Stay>, StoreError> {
        let sql = "SELECT state, visits, median_seconds, p95_seconds FROM time_in_state WHERE flow = ?1";
        self.view(sql, flow, |row| {
            Ok(Stay::new(column::<String>(row, 0)?, count(row, 1)?, column(row, 2)?, column(row, 3)?))
        })
        .await
    }

    async fn conversions_by_day(&self, flow: &str) -> Result<Vec<Conversion>, StoreError> {
        let sql = "SELECT day, begun, end_state, reached, rate FROM conversions_by_day WHERE flow = ?1";
        self.view(sql, flow, |row| {
            let day = column::<String>(row, 0)?.parse::<NaiveDate>().map_err(unreadable_row)?;
            let (begun, end_state) = (count(row, 1)?, column::<String>(row, 2)?);
            Ok(Conversion::new(day, begun, end_state, count(row, 3)?, column(row, 4)?))
        })
        .await
    }
}

impl SqliteStore {
    /// The rows of a view for a flow.
    async fn view<T: Send + 'static>(
        &self,
        sql: &'static str,
        flow: &str,
        read: fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let flow = flow.to_owned();
        self.readers.read(move |connection| rows(connection, sql, &flow, read)).await
    }
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    flow: &str,
    read: fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map([flow], |row| Ok(read(row))).map_err(unwritten)?;
    rows.map(|row| row.map_err(unwritten)?).collect()
}

fn column<T: FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    row.get(index).map_err(unreadable_row)
}

fn count(row: &Row<'_>, index: usize) -> Result<u64, StoreError> {
    u64::try_from(column::<i64>(row, index)?).map_err(unreadable_row)
}
