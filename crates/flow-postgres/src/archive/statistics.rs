//! What the views of the schema tell, as types.

use async_trait::async_trait;
use flow_core::{
    Statistics, StoreError,
    statistics::{Conversion, DropOff, Reached, Stay},
};
use tokio_postgres::Row;

use super::PostgresArchive;
use crate::{link::value, postgres_failure::PostgresFailure};

#[async_trait]
impl Statistics for PostgresArchive {
    async fn funnel(&self, flow: &str) -> Result<Vec<Reached>, StoreError> {
        let rows = self.view("SELECT state, reached, share FROM funnel WHERE flow = $1", flow).await?;
        let reached = |row: &Row| Ok(Reached::new(value::<String>(row, 0)?, count(row, 1)?, value(row, 2)?));
        rows.iter().map(reached).collect()
    }

    async fn drop_off(&self, flow: &str) -> Result<Vec<DropOff>, StoreError> {
        let sql = "SELECT state, reached, lapsed, open, drop_rate FROM drop_off WHERE flow = $1";
        let drop_off = |row: &Row| {
            let (reached, lapsed, open) = (count(row, 1)?, count(row, 2)?, count(row, 3)?);
            Ok(DropOff::new(value::<String>(row, 0)?, reached, lapsed, open, value(row, 4)?))
        };
        self.view(sql, flow).await?.iter().map(drop_off).collect()
    }

    async fn time_in_state(&self, flow: &str) -> Result<Vec<Stay>, StoreError> {
        let sql = "SELECT state, visits, median_seconds, p95_seconds FROM time_in_state WHERE flow = $1";
        let stay = |row: &Row| Ok(Stay::new(value::<String>(row, 0)?, count(row, 1)?, value(row, 2)?, value(row, 3)?));
        self.view(sql, flow).await?.iter().map(stay).collect()
    }

    async fn conversions_by_day(&self, flow: &str) -> Result<Vec<Conversion>, StoreError> {
        let sql = "SELECT day, begun, end_state, reached, rate FROM conversions_by_day WHERE flow = $1";
        let conversion = |row: &Row| {
            let (begun, end_state) = (count(row, 1)?, value::<String>(row, 2)?);
            Ok(Conversion::new(value(row, 0)?, begun, end_state, count(row, 3)?, value(row, 4)?))
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
    u64::try_from(value::<i64>(row, index)?).map_err(|_| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))
}
