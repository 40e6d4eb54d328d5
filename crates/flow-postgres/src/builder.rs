//! How a store or an archive is connected: [`PostgresBuilder`].

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use flow_core::StoreError;
use thiserror::Error;

use crate::{
    AddressError, SchemaError,
    database::{Database, Deadlines},
    link::{Address, Trust},
    migrations::Unready,
    schema::Schema,
};

/// Connects a [`PostgresStore`](crate::PostgresStore) or a [`PostgresArchive`](crate::PostgresArchive).
#[must_use]
pub struct PostgresBuilder<T> {
    url: String,
    user: Option<String>,
    password: Option<String>,
    schema: String,
    connections: usize,
    deadlines: Deadlines,
    plaintext_hosts: Vec<String>,
    trust: Trust,
    built: PhantomData<fn() -> T>,
}

/// Longer than any call is meant to take, and not too long to be added to a time.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why there is no store, and no archive.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is not one of a server.
    #[error("the URL of the store cannot be used")]
    Address(#[source] AddressError),
    /// The schema is not one of ours.
    #[error("the schema of the store cannot be used")]
    Schema(#[source] SchemaError),
    /// The server cannot be reached, or refuses.
    #[error("the server of the store cannot be used")]
    Server(#[source] StoreError),
}

/// What stands on a database.
pub trait Built: Sized {
    #[doc(hidden)]
    fn on(database: Arc<Database>) -> Self;
}

impl<T: Built> PostgresBuilder<T> {
    /// How long a connection may take, if nothing else is said: 3 s, since an encrypted one is made in several exchanges and a
    /// second of computing where the machine is busy. A call does not wait that long; the next one finds the connection made.
    pub const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

    /// How long a call may take, if nothing else is said: short enough that an engine has two tries in its own deadline.
    pub const CALL_DEADLINE: Duration = Duration::from_millis(700);

    /// How many connections are made at most, if nothing else is said.
    pub const CONNECTIONS: usize = 10;

    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user: None,
            password: None,
            schema: "flow".to_owned(),
            connections: Self::CONNECTIONS,
            deadlines: Deadlines { connect: Self::CONNECT_DEADLINE, call: Self::CALL_DEADLINE },
            plaintext_hosts: Vec::new(),
            trust: Trust::default(),
            built: PhantomData,
        }
    }

    /// Connects as this user, instead of the URL's.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Connects with this password, instead of the URL's.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The schema of the tables, so that applications and environments share a database; without it, `flow`.
    ///
    /// Made of small letters, digits and `_`.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// How many connections are made at most, at least one. What is shared by a store and its archive is counted once.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How long a connection may take to be made, at each try. It goes on when the call that needs it first has given up.
    pub fn connect_deadline(mut self, deadline: Duration) -> Self {
        self.deadlines.connect = deadline;
        self
    }

    /// How long a call may take, with the connection that it may need; half of that it waits for one at most, while all are lent. An
    /// engine makes several tries of it.
    ///
    /// What an archive does with many sessions at once may take ten times as long.
    pub fn call_deadline(mut self, deadline: Duration) -> Self {
        // A deadline too far away cannot be told as a time.
        self.deadlines.call = deadline.min(A_YEAR);
        self
    }

    /// Speaks to this host in the clear.
    ///
    /// Without it, only this machine is spoken to so.
    pub fn allow_plaintext(mut self, host: impl Into<String>) -> Self {
        self.plaintext_hosts.push(host.into());
        self
    }

    /// Trusts servers whose certificate was issued by one of these authorities, as PEM, instead of those that the machine
    /// trusts.
    #[cfg(feature = "tls")]
    pub fn authorities(mut self, certificates: impl Into<Vec<u8>>) -> Self {
        self.trust.authorities = Some(certificates.into());
        self
    }

    /// Shows the server this certificate of ours, as PEM with its key.
    #[cfg(feature = "tls")]
    pub fn identity(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.trust.identity = Some((certificate.into(), key.into()));
        self
    }

    /// What is built, with a connection made and the tables there.
    ///
    /// Fails if the server cannot be reached or refuses us, or if the schema is another application's or of a newer release.
    pub async fn connect(self) -> Result<T, ConnectError> {
        let database = self.database()?;
        database.connect().await.map_err(|unready| match unready {
            Unready::Schema(error) => ConnectError::Schema(error),
            Unready::Server(error) => ConnectError::Server(error),
        })?;
        Ok(T::on(Arc::new(database)))
    }

    /// What is built, whose first connection and whose tables are made by its first call.
    ///
    /// Fails if the URL or the name of the schema cannot be used. What else [`connect`](Self::connect) would say, the
    /// calls do.
    pub fn lazy(self) -> Result<T, ConnectError> {
        Ok(T::on(Arc::new(self.database()?)))
    }

    fn database(self) -> Result<Database, ConnectError> {
        let schema = Schema::new(&self.schema).map_err(ConnectError::Schema)?;
        let address = self.address().map_err(ConnectError::Address)?;
        let database = Database::new(&address, &self.trust, schema, self.connections, self.deadlines);
        database.map_err(ConnectError::Address)
    }

    fn address(&self) -> Result<Address, AddressError> {
        let mut address = Address::parse(&self.url)?;
        if let Some(user) = &self.user {
            address = address.with_user(user);
        }
        if let Some(password) = &self.password {
            address = address.with_password(password);
        }
        address.sealed(|host| self.plaintext_hosts.iter().any(|allowed| allowed == host))
    }
}

/// Without the URL, which may hold a password.
impl<T> fmt::Debug for PostgresBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("PostgresBuilder");
        builder.field("schema", &self.schema).field("connections", &self.connections);
        builder.field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}
