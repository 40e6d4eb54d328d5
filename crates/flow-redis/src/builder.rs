//! How a store is connected: [`RedisStoreBuilder`].

use std::{fmt, time::Duration};

use flow_core::StoreError;
use thiserror::Error;

use crate::{
    AddressError, PrefixError, RedisStore,
    connection::{Address, Dialler, Link, Replicas, Topology, Trust},
    keys::Keys,
    redis_failure::RedisFailure,
};

/// Connects a [`RedisStore`].
#[must_use]
pub struct RedisStoreBuilder {
    url: String,
    user: Option<String>,
    password: Option<String>,
    database: Option<u32>,
    prefix: String,
    connect_deadline: Duration,
    call_deadline: Duration,
    allows_eviction: bool,
    replicas: Option<Replicas>,
    plaintext_hosts: Vec<String>,
    trust: Trust,
}

/// Why there is no store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is not one of a server.
    #[error("the URL of the store cannot be used")]
    Address(#[source] AddressError),
    /// The prefix is not one that the store can use.
    #[error("the prefix of the store cannot be used")]
    Prefix(#[source] PrefixError),
    /// The server gives up live sessions when its memory is full.
    #[error(
        "the server gives up live sessions when its memory is full: set maxmemory-policy to noeviction (it is {policy}), \
         or allow it by `allow_eviction`"
    )]
    Evicting {
        /// The server's word for how.
        policy: String,
    },
    /// The server cannot be reached, or refuses.
    #[error("the server of the store cannot be used")]
    Server(#[source] StoreError),
}

impl RedisStoreBuilder {
    /// How long a connection may take, if nothing else is said: 3 s, since an encrypted one is made in several exchanges and a
    /// second of computing where the machine is busy. A call does not wait that long; the next one finds the connection made.
    pub const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

    /// How long a call may take, if nothing else is said: short enough that an engine has two tries in its own deadline.
    pub const CALL_DEADLINE: Duration = Duration::from_millis(700);

    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user: None,
            password: None,
            database: None,
            prefix: String::new(),
            connect_deadline: Self::CONNECT_DEADLINE,
            call_deadline: Self::CALL_DEADLINE,
            allows_eviction: false,
            replicas: None,
            plaintext_hosts: Vec::new(),
            trust: Trust::default(),
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

    /// Which of the server's databases, instead of the URL's.
    pub fn database(mut self, database: u32) -> Self {
        self.database = Some(database);
        self
    }

    /// What every key begins with, so that applications and environments share a server: `salon:staging`.
    ///
    /// Made of letters, digits and `-`, `_`, `.`, `:`. Without it the keys begin with `state:` and `wake:`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a connection may take to be made, at each try. It goes on when the call that needs it first has given up.
    pub fn connect_deadline(mut self, deadline: Duration) -> Self {
        self.connect_deadline = deadline;
        self
    }

    /// How long a call may take, with the connection that it may need. An engine makes several tries of it.
    pub fn call_deadline(mut self, deadline: Duration) -> Self {
        self.call_deadline = deadline;
        self
    }

    /// Takes a server that gives up live sessions when its memory is full.
    pub fn allow_eviction(mut self) -> Self {
        self.allows_eviction = true;
        self
    }

    /// Acknowledges a commit once so many replicas have it (`WAIT`), so that fewer of them are lost in a failover.
    ///
    /// If they do not confirm it within `patience`, which is shorter than the deadline of a call, the commit is
    /// [`StoreError::Unknown`]: applied, not replicated. An engine then asks again, and acknowledges a message that comes again only once it is
    /// confirmed. Calls wait for each other meanwhile.
    pub fn replicas(mut self, count: u32, patience: Duration) -> Self {
        self.replicas = Some(Replicas { count, patience });
        self
    }

    /// Takes a `redis://` URL of this host, to which everything is sent in the clear.
    ///
    /// Without it, only this machine may be spoken to so. Of sentinels each is to be allowed; they say where the master is.
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

    /// The store, with its connection made.
    ///
    /// Fails if the server cannot be reached, refuses us, or gives up live sessions when its memory is full.
    pub async fn connect(self) -> Result<RedisStore, ConnectError> {
        let store = self.lazy()?;
        store.connected().await.map_err(|failure| match failure {
            RedisFailure::Evicting(policy) => ConnectError::Evicting { policy },
            other => ConnectError::Server(other.of_reading()),
        })?;
        Ok(store)
    }

    /// The store, whose connection is made by its first call.
    ///
    /// Fails if the URL or the prefix cannot be used. What else [`connect`](Self::connect) would say, the calls do.
    pub fn lazy(self) -> Result<RedisStore, ConnectError> {
        let keys = Keys::behind(&self.prefix).map_err(ConnectError::Prefix)?;
        let topology = self.topology().map_err(ConnectError::Address)?;
        let dialler = Dialler::new(topology, self.trust, self.connect_deadline, self.allows_eviction);
        let dialler = dialler.map_err(ConnectError::Address)?;
        Ok(RedisStore::over(Link::new(dialler, self.call_deadline), keys, self.replicas))
    }

    fn topology(&self) -> Result<Topology, AddressError> {
        let mut topology = Topology::parse(&self.url)?;
        let is_allowed = |host: &str| self.plaintext_hosts.iter().any(|allowed| allowed == host);
        if topology.addresses().iter().filter_map(Address::exposed_host).any(|host| !is_allowed(host)) {
            return Err(AddressError::Plaintext);
        }
        if let Some(user) = &self.user {
            topology = topology.map(|address| address.with_user(user));
        }
        if let Some(password) = &self.password {
            topology = topology.map(|address| address.with_password(password));
        }
        if let Some(database) = self.database {
            topology = topology.map(|address| address.with_database(database));
        }
        Ok(topology)
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("RedisStoreBuilder");
        builder.field("prefix", &self.prefix).field("connect_deadline", &self.connect_deadline);
        builder.field("call_deadline", &self.call_deadline).field("allows_eviction", &self.allows_eviction);
        builder.finish_non_exhaustive()
    }
}
