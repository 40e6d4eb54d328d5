//! A connection that somebody has for one call: [`Connection`].

use std::time::Duration;

use deadpool_postgres::Object;
use flow_core::StoreError;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Error, Row, Statement,
    types::{FromSql, ToSql},
};

use super::veiled::Veiled;
use crate::failure::Failure;

/// One of the pool's connections, for one call and until its deadline.
///
/// It goes back to the pool if nothing on it is under way, and is closed otherwise: after a missing answer, in the middle of
/// a transaction, or because nobody waits any more.
pub(crate) struct Connection {
    object: Option<Object>,
    patience: Duration,
    until: Instant,
    is_at_rest: bool,
    is_in_transaction: bool,
}

/// What a statement is given.
pub(crate) type Parameters<'p> = [&'p (dyn ToSql + Sync)];

impl Connection {
    pub(crate) fn new(object: Object, patience: Duration, until: Instant) -> Self {
        Self { object: Some(object), patience, until, is_at_rest: true, is_in_transaction: false }
    }

    /// The rows of a statement that changes nothing.
    pub(crate) async fn read(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.query(&statement, parameters).await.map_err(Failure::of_reading)
    }

    /// The rows of a statement that changes something.
    pub(crate) async fn write(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.query(&statement, parameters).await.map_err(|failure| self.of_changing(failure))
    }

    /// How many rows a statement has changed.
    pub(crate) async fn change(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        let veiled = veil(parameters);
        let changed = self.by_deadline(async |object| object.execute(&statement, &borrow(&veiled)).await).await;
        changed.map_err(|failure| self.of_changing(failure))
    }

    /// Carries out statements that have no parameters.
    pub(crate) async fn carry_out(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = self.by_deadline(async |object| object.batch_execute(sql).await).await;
        done.map_err(|failure| self.of_changing(failure))
    }

    /// Begins a transaction: nothing of what follows is there before its end.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.is_in_transaction = true;
        self.carry_out("BEGIN").await
    }

    /// Ends the transaction, and keeps what it did.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        // From here on a failure leaves it open whether that was the end.
        self.is_in_transaction = false;
        self.carry_out("COMMIT").await
    }

    /// Ends the transaction, and undoes what it did.
    pub(crate) async fn roll_back(&mut self) -> Result<(), StoreError> {
        self.carry_out("ROLLBACK").await?;
        self.is_in_transaction = false;
        Ok(())
    }

    /// Waits as long again as it was to wait at first.
    pub(crate) fn be_patient(&mut self) {
        self.until = Instant::now() + self.patience;
    }

    /// The statement, which the server may know from an earlier call.
    async fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        self.by_deadline(async |object| object.prepare_cached(sql).await).await.map_err(Failure::of_reading)
    }

    async fn query(&mut self, statement: &Statement, parameters: &Parameters<'_>) -> Result<Vec<Row>, Failure> {
        let veiled = veil(parameters);
        self.by_deadline(async |object| object.query(statement, &borrow(&veiled)).await).await
    }

    async fn by_deadline<T>(&mut self, work: impl AsyncFnOnce(&Object) -> Result<T, Error>) -> Result<T, Failure> {
        let Some(object) = &self.object else { return Err(Failure::Broken) };
        self.is_at_rest = false;
        let answer = timeout_at(self.until, work(object)).await.map_err(|_| Failure::NoAnswer(self.patience))?;
        let answer = answer.map_err(|error| Failure::of_asking(&error));
        self.is_at_rest = !answer.as_ref().is_err_and(Failure::ends_the_connection);
        answer
    }

    /// What is under way in a transaction is undone if its end does not come.
    fn of_changing(&self, failure: Failure) -> StoreError {
        if self.is_in_transaction { failure.of_reading() } else { failure.of_writing() }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.is_at_rest || self.is_in_transaction {
            drop(self.object.take().map(Object::take));
        }
    }
}

/// What stands in a column of a row.
///
/// Fails if it is of another kind than we write.
pub(crate) fn value<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| StoreError::Corrupt(Box::new(Failure::Strange)))
}

fn veil<'p>(parameters: &Parameters<'p>) -> Vec<Veiled<'p>> {
    parameters.iter().map(|parameter| Veiled(*parameter)).collect()
}

fn borrow<'v>(veiled: &'v [Veiled<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    veiled.iter().map(|veiled| veiled as &(dyn ToSql + Sync)).collect()
}
