//! How each kind of store is opened: [`Servers`], [`Redis`], [`Postgres`], [`Sqlite`], [`Memory`].

use std::time::Duration;

use crate::service::hidden::Hidden;

/// How servers are spoken to, that of the store and that of the archive.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Servers {
    pub(in crate::service) plaintext_hosts: Vec<String>,
    pub(in crate::service) store_password: Option<Hidden<String>>,
    pub(in crate::service) archive_password: Option<Hidden<String>>,
    pub(in crate::service) authorities: Option<Hidden<Vec<u8>>>,
    pub(in crate::service) certificate: Option<Hidden<Vec<u8>>>,
    pub(in crate::service) key: Option<Hidden<Vec<u8>>>,
}

impl Servers {
    /// The first setting of those about certificates that is set.
    pub(in crate::service) fn named(&self) -> Option<&'static str> {
        let all =
            [("tls.authorities", &self.authorities), ("tls.certificate", &self.certificate), ("tls.key", &self.key)];
        all.into_iter().find_map(|(name, file)| file.as_ref().map(|_| name))
    }
}

#[derive(Clone, Debug)]
pub(in crate::service) struct Redis {
    pub(in crate::service) prefix: String,
    pub(in crate::service) replicas: u32,
    pub(in crate::service) replicas_patience: Duration,
    pub(in crate::service) allows_eviction: bool,
    pub(in crate::service) connect_deadline: Duration,
    pub(in crate::service) call_deadline: Duration,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            replicas: 0,
            replicas_patience: Duration::from_millis(500),
            allows_eviction: false,
            connect_deadline: Duration::from_secs(3),
            call_deadline: Duration::from_millis(700),
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::service) struct Postgres {
    pub(in crate::service) schema: String,
    pub(in crate::service) connections: usize,
    pub(in crate::service) connect_deadline: Duration,
    pub(in crate::service) call_deadline: Duration,
}

impl Default for Postgres {
    fn default() -> Self {
        Self {
            schema: "flow".to_owned(),
            connections: 10,
            connect_deadline: Duration::from_secs(3),
            call_deadline: Duration::from_millis(700),
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::service) struct Sqlite {
    pub(in crate::service) is_relaxed: bool,
    pub(in crate::service) deadline: Duration,
}

impl Default for Sqlite {
    fn default() -> Self {
        Self { is_relaxed: false, deadline: Duration::from_secs(5) }
    }
}

#[derive(Clone, Debug)]
pub(in crate::service) struct Memory {
    pub(in crate::service) sessions: usize,
    pub(in crate::service) bytes: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self { sessions: 100_000, bytes: 256 << 20 }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "memory")]
    #[test]
    fn memory_is_as_it_is_without_settings() {
        use flow_memory::MemoryStoreBuilder;

        let memory = super::Memory::default();
        let builder = (MemoryStoreBuilder::MAX_SESSIONS, MemoryStoreBuilder::MAX_BYTES);
        assert_eq!((memory.sessions, memory.bytes), builder);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_file_is_as_it_is_without_settings() {
        assert_eq!(super::Sqlite::default().deadline, flow_sqlite::SqliteStoreBuilder::DEADLINE);
    }

    #[cfg(feature = "redis")]
    #[test]
    fn a_redis_is_as_it_is_without_settings() {
        use flow_redis::RedisStoreBuilder;

        let redis = super::Redis::default();
        assert_eq!(redis.connect_deadline, RedisStoreBuilder::CONNECT_DEADLINE);
        assert_eq!(redis.call_deadline, RedisStoreBuilder::CALL_DEADLINE);
        assert!(redis.replicas_patience < redis.call_deadline);
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_postgres_is_as_it_is_without_settings() {
        use flow_postgres::{PostgresBuilder, PostgresStore};

        let postgres = super::Postgres::default();
        assert_eq!(postgres.connections, PostgresBuilder::<PostgresStore>::CONNECTIONS);
        assert_eq!(postgres.connect_deadline, PostgresBuilder::<PostgresStore>::CONNECT_DEADLINE);
        assert_eq!(postgres.call_deadline, PostgresBuilder::<PostgresStore>::CALL_DEADLINE);
    }
}
