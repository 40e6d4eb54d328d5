//! What the views of the schema tell, as types.

use async_trait::async_trait;
use flow_core::{
    Statistics, StoreError,
    statistics::{Conversion, DropOff, Reached, Stay},
};
use tokio_postgres::Row;

use super::PostgresArchive;
use crate::{failure::Failure, link::value};

#[async_trait]
impl Statistics for PostgresArchive {
    async fn funnel(&self, flow: &str) -> Result<Vec<Reached>, StoreError> {
        let rows = self.view("SELECT state, reached, share FROM funnel WHERE flow = $1", flow).await?;
        let reached = |row: &Row| Ok(Reached { state: value(row, 0)?, reached: count(row, 1)?, share: value(row, 2)? });
        rows.iter().map(reached).collect()
    }

    async fn drop_off(&self, flow: &str) -> Result<Vec<DropOff>, StoreError> {
        let sql = "SELECT state, reached, lapsed, open, drop_rate FROM drop_off WHERE flow = $1";
        let drop_off = |row: &Row| {
            Ok(DropOff {
                state: value(row, 0)?,
                reached: count(row, 1)?,
                lapsed: count(row, 2)?,
                open: count(row, 3)?,
                drop_rate: value(row, 4)?,
            })
        };
        self.view(sql, flow).await?.iter().map(drop_off).collect()
    }

    async fn time_in_state(&self, flow: &str) -> Result<Vec<Stay>, StoreError> {
        let sql = "SELECT state, visits, median_seconds, p95_seconds FROM time_in_state WHERE flow = $1";
        let stay = |row: &Row| {
            Ok(Stay {
                state: value(row, 0)?,
                visits: count(row, 1)?,
                median_seconds: value(row, 2)?,
                p95_seconds: value(row, 3)?,
            })
        };
        self.view(sql, flow).await?.iter().map(stay).collect()
    }

    async fn conversions_by_day(&self, flow: &str) -> Result<Vec<Conversion>, StoreError> {
        let sql = "SELECT day, begun, end_state, reached, rate FROM conversions_by_day WHERE flow = $1";
        let conversion = |row: &Row| {
            Ok(Conversion {
                day: value(row, 0)?,
                begun: count(row, 1)?,
                end_state: value(row, 2)?,
                reached: count(row, 3)?,
                rate: value(row, 4)?,
            })
        };
        self.view(sql, flow).await?.iter().map(conversion).collect()
    }
}

impl PostgresArchive {
    /// The rows of a view for a flow.
    async fn view(&self, sql: &str, flow: &str) -> Result<Vec<Row>, StoreError> {
        self.database.lend_for_long().await?.read(sql, &[&flow]).await
    }
}

fn count(row: &Row, index: usize) -> Result<u64, StoreError> {
    u64::try_from(value::<i64>(row, index)?).map_err(|_| StoreError::Corrupt(Box::new(Failure::Strange)))
}
