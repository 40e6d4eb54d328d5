//! A connection that one call has for itself: [`Connection`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::Object;
use flow_core::StoreError;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Error, Row, Statement,
    types::{FromSql, ToSql},
};

use super::hidden_parameter::HiddenParameter;
use crate::postgres_failure::PostgresFailure;

/// One of the pool's connections, for one call and until its deadline.
///
/// It goes back to the pool if nothing on it is under way, and is closed otherwise: after a missing answer, in the middle of
/// a transaction, or because the call was dropped.
pub(crate) struct Connection {
    object: Option<Object>,
    pulse: Arc<Pulse>,
    patience: Duration,
    until: Instant,
    asked_at: Instant,
    is_at_rest: bool,
    is_in_transaction: bool,
}

/// What a statement is given.
pub(crate) type Parameters<'p> = [&'p (dyn ToSql + Sync)];

impl Connection {
    /// Until `patience` has passed since `lent_at`.
    pub(crate) fn new(object: Object, pulse: &Arc<Pulse>, lent_at: Instant, patience: Duration) -> Self {
        Self {
            object: Some(object),
            pulse: Arc::clone(pulse),
            patience,
            until: lent_at + patience,
            asked_at: lent_at,
            is_at_rest: true,
            is_in_transaction: false,
        }
    }

    /// The rows of a statement that changes nothing.
    pub(crate) async fn read(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.query(&statement, parameters).await.map_err(PostgresFailure::of_reading)
    }

    /// The rows of a statement that changes something.
    pub(crate) async fn write(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.query(&statement, parameters).await.map_err(|failure| self.of_changing(failure))
    }

    /// How many rows a statement has changed.
    pub(crate) async fn change(&mut self, sql: &str, parameters: &Parameters<'_>) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        let hidden = hide(parameters);
        let changed = self.ask(async |object| object.execute(&statement, &borrow(&hidden)).await).await;
        changed.map_err(|failure| self.of_changing(failure))
    }

    /// Carries out statements that have no parameters.
    pub(crate) async fn carry_out(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = self.ask(async |object| object.batch_execute(sql).await).await;
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

    /// Begins the deadline of this connection anew.
    pub(crate) fn be_patient(&mut self) {
        self.until = Instant::now() + self.patience;
    }

    /// The statement. From an earlier call it may be known here, and then the server is not asked.
    async fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        self.by_deadline(async |object| object.prepare_cached(sql).await).await.map_err(PostgresFailure::of_reading)
    }

    async fn query(&mut self, statement: &Statement, parameters: &Parameters<'_>) -> Result<Vec<Row>, PostgresFailure> {
        let hidden = hide(parameters);
        self.ask(async |object| object.query(statement, &borrow(&hidden)).await).await
    }

    async fn ask<T>(&mut self, work: impl AsyncFnOnce(&Object) -> Result<T, Error>) -> Result<T, PostgresFailure> {
        let answer = self.by_deadline(work).await;
        if !matches!(answer, Err(PostgresFailure::NoAnswer(_))) {
            self.pulse.answered();
        }
        answer
    }

    async fn by_deadline<T>(
        &mut self,
        work: impl AsyncFnOnce(&Object) -> Result<T, Error>,
    ) -> Result<T, PostgresFailure> {
        let Some(object) = &self.object else { return Err(PostgresFailure::Broken) };
        self.is_at_rest = false;
        self.asked_at = Instant::now();
        let answer =
            timeout_at(self.until, work(object)).await.map_err(|_| PostgresFailure::NoAnswer(self.patience))?;
        let answer = answer.map_err(|error| PostgresFailure::of_asking(&error));
        self.is_at_rest = !answer.as_ref().is_err_and(PostgresFailure::ends_the_connection);
        answer
    }

    /// What is under way in a transaction is undone if its end does not come.
    fn of_changing(&self, failure: PostgresFailure) -> StoreError {
        if self.is_in_transaction { failure.of_reading() } else { failure.of_writing() }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_at_rest && !self.is_in_transaction {
            return;
        }
        let Some(object) = self.object.take() else { return };
        let is_missed = !self.is_at_rest && self.asked_at.elapsed() >= A_MOMENT;
        if is_missed && self.pulse.missed() {
            Object::pool(&object).inspect(|pool| drop(pool.retain(|_, _| false)));
        }
        drop(Object::take(object));
    }
}

/// How long an answer must have been waited for before it counts as missing: a call may be dropped at once.
const A_MOMENT: Duration = Duration::from_millis(50);

/// What stands in a column of a row.
///
/// Fails if it is of another kind than we write.
pub(crate) fn value<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))
}

fn hide<'p>(parameters: &Parameters<'p>) -> Vec<HiddenParameter<'p>> {
    parameters.iter().map(|parameter| HiddenParameter(*parameter)).collect()
}

fn borrow<'v>(hidden: &'v [HiddenParameter<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    hidden.iter().map(|hidden| hidden as &(dyn ToSql + Sync)).collect()
}

/// Counts the missing answers in a row, on all connections.
#[derive(Default)]
pub(crate) struct Pulse(AtomicU32);

/// After so many, the idle connections are given up too: a firewall may have forgotten all of them.
const MOST_MISSED: u32 = 3;

impl Pulse {
    /// Notes that an answer has come.
    pub(super) fn answered(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Notes that an answer has not come, and tells whether the idle connections are to be given up.
    pub(super) fn missed(&self) -> bool {
        let is_lost = self.0.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_MISSED;
        if is_lost {
            self.answered();
        }
        is_lost
    }
}
