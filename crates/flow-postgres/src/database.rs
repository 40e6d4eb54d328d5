//! What a store and its archive share: [`Database`].

use std::{fmt, sync::Arc, time::Duration};

use deadpool_postgres::{
    Hook, HookError, ManagerConfig, Pool, PoolError, QueueMode, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use flow_core::StoreError;
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    AddressError, SchemaError,
    link::{Address, Connection, Pulse, Subscription, Trust},
    migrations::{self, Unready},
    postgres_failure::PostgresFailure,
    schema::Schema,
};

/// The connections to one server, and the schema there, which is brought forward before anything else is done.
pub struct Database {
    address: Address,
    trust: Trust,
    pool: Pool,
    pulse: Arc<Pulse>,
    schema: Schema,
    deadlines: Deadlines,
    ready: OnceCell<()>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    pub(crate) connect: Duration,
    pub(crate) call: Duration,
}

impl Deadlines {
    /// How long a call that writes many rows may take.
    pub(crate) fn bulk(self) -> Duration {
        self.call * 10
    }
}

/// How long bringing the schema forward may take, where a start waits for it.
const MIGRATION: Duration = Duration::from_secs(60);

impl Database {
    /// Fails if the certificates or the key are none.
    pub(crate) fn new(
        address: &Address,
        trust: &Trust,
        schema: Schema,
        connections: usize,
        deadlines: Deadlines,
    ) -> Result<Self, AddressError> {
        let address = address.clone().within(deadlines.connect);
        let manager = trust.manager(&address, ManagerConfig { recycling_method: RecyclingMethod::Fast })?;
        let settings = settings(&schema, deadlines);
        let settle = Hook::async_fn(move |client, _| {
            let settings = settings.clone();
            Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager).max_size(connections).runtime(Runtime::Tokio1).post_create(settle);
        // Where few calls come at once, few of the server's processes do the work, with what they need at hand.
        let pool = pool.queue_mode(QueueMode::Lifo);
        // It fails only where there is no runtime.
        let pool = pool.build().map_err(|_| AddressError::Form)?;
        let (pulse, ready, trust) = (Arc::default(), OnceCell::new(), trust.clone());
        Ok(Self { address, trust, pool, pulse, schema, deadlines, ready })
    }

    /// Makes a connection, and brings the schema forward.
    pub(crate) async fn connect(&self) -> Result<(), Unready> {
        self.ready_connection(self.deadlines.call.max(MIGRATION)).await.map(drop)
    }

    /// A connection for a call that is answered soon.
    pub(crate) async fn lend(&self) -> Result<Connection, StoreError> {
        Ok(self.ready_connection(self.deadlines.call).await?)
    }

    /// A connection for a call that writes many rows.
    pub(crate) async fn lend_for_long(&self) -> Result<Connection, StoreError> {
        Ok(self.ready_connection(self.deadlines.bulk()).await?)
    }

    /// A connection of its own, on which these channels are heard.
    pub(crate) async fn subscribe(&self, channels: &[&str]) -> Result<Subscription, StoreError> {
        let deadline = self.deadlines.connect;
        // Boxed, since encryption makes it large, and it is kept for as long as somebody listens.
        let subscription = timeout(deadline, Box::pin(self.trust.subscribe(&self.address, channels))).await;
        subscription.unwrap_or(Err(PostgresFailure::NoConnection(deadline))).map_err(PostgresFailure::of_reading)
    }

    /// The name of the schema, which is that of the channel too.
    pub(crate) fn schema_name(&self) -> &str {
        self.schema.name()
    }

    /// How long a connection may take to be made.
    pub(crate) fn connect_deadline(&self) -> Duration {
        self.deadlines.connect
    }

    async fn ready_connection(&self, patience: Duration) -> Result<Connection, Unready> {
        let lent_at = Instant::now();
        let lending = async {
            let mut connection = Connection::new(self.dial(patience / 2).await?, &self.pulse, lent_at, patience);
            self.ready.get_or_try_init(|| migrations::bring_forward(&mut connection, &self.schema)).await?;
            Ok(connection)
        };
        let late = |_| Unready::Server(PostgresFailure::NoConnection(patience).of_reading());
        timeout_at(lent_at + patience, lending).await.map_err(late)?
    }

    /// A connection of the pool, which is waited for no longer than so while all of them are lent.
    ///
    /// A call that comes out of the line at the last moment would begin, be given up, and cost the pool its connection: a server that
    /// is busy would have to make connections besides, and would not come to rest again by itself.
    async fn dial(&self, longest_wait: Duration) -> Result<deadpool_postgres::Object, StoreError> {
        let deadline = self.deadlines.connect;
        let timeouts = Timeouts { wait: Some(longest_wait), create: Some(deadline), recycle: None };
        let status = self.pool.status();
        let dialled = if status.available == 0 && status.size < status.max_size {
            let pool = self.pool.clone();
            // In a task of its own: on a busy machine a connection takes longer than a call may, and if each call that gives up
            // took its dialling with it, there would never be one. A connection that nobody waits for goes to the pool.
            let dialling = tokio::spawn(async move { pool.timeout_get(&timeouts).await });
            // It ends without an answer only with the runtime.
            dialling.await.unwrap_or(Err(PoolError::Closed))
        } else {
            self.pool.timeout_get(&timeouts).await
        };
        let waited = |error: &_| matches!(error, PoolError::Timeout(TimeoutType::Wait));
        dialled.map_err(|error| {
            let deadline = if waited(&error) { longest_wait } else { deadline };
            PostgresFailure::of_connecting(error, deadline).of_reading()
        })
    }
}

/// What each connection is told first.
fn settings(schema: &Schema, deadlines: Deadlines) -> String {
    let milliseconds = deadlines.bulk().as_millis().clamp(1, i32::MAX.unsigned_abs().into());
    // A statement that was given up must not hold locks for ever. Nothing of ours depends on stricter transactions, which
    // a database may have made its default. Notices would come into the log.
    format!(
        "SET search_path TO {schema}; SET statement_timeout TO {milliseconds}; \
         SET idle_in_transaction_session_timeout TO {milliseconds}; \
         SET default_transaction_isolation TO 'read committed'; SET client_min_messages TO error"
    )
}

impl From<Unready> for StoreError {
    fn from(unready: Unready) -> Self {
        match unready {
            Unready::Server(error) => error,
            Unready::Schema(error) => Self::Refused(Box::new(error)),
        }
    }
}

impl From<StoreError> for Unready {
    fn from(error: StoreError) -> Self {
        Self::Server(error)
    }
}

impl From<SchemaError> for Unready {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut database = f.debug_struct("Database");
        database.field("schema", &self.schema).field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}
