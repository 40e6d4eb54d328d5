//! Where a server is, and the user, password and database that are used there: [`Address`].

use std::net::IpAddr;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, io::tcp::TcpSettings};
use thiserror::Error;

/// A server, a user and a database.
#[derive(Clone)]
pub(crate) struct Address {
    info: ConnectionInfo,
}

/// Why a URL is not one of a server. It does not repeat the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It does not begin with `redis://`, `rediss://`, `unix://` or `redis+sentinel://`, or is no URL at all.
    #[error("a URL begins with `redis://`, `rediss://`, `unix://` or `redis+sentinel://`, and is written as URLs are")]
    Scheme,
    /// The host, the port, the user, the password or the path cannot be read.
    #[error("the URL is not of the form `redis://user:password@host:port/database` or `unix:///path?db=0`")]
    Form,
    /// `redis+sentinel://` without a host or a service, or with settings that are not known.
    #[error(
        "the URL is not of the form `redis+sentinel://user:password@host:port,host:port/service/database`, with \
         `?sentinel_user=…&sentinel_password=…`"
    )]
    Sentinels,
    /// `redis+cluster://` without a host, or with a database, of which a cluster has one.
    #[error("the URL is not of the form `redis+cluster://user:password@host:port,host:port`")]
    Cluster,
    /// The database is no number from 0 on.
    #[error("a database is a number, from 0 on")]
    Database,
    /// `#insecure` or another fragment.
    #[error("the URL has a fragment (`#…`); certificates are always checked")]
    Fragment,
    /// `redis://` to a host that is not this machine, and not allowed by its name.
    #[error("`redis://` is for this machine: say `rediss://`, or allow the host by `allow_plaintext`")]
    Plaintext,
    /// The certificates or the key are not PEM, or do not belong together.
    #[error("the certificates or the key cannot be used")]
    Certificates,
    /// `rediss://`, in a build without the feature `tls`.
    #[error("`rediss://` needs the feature `tls`")]
    NoTls,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let parsed = redis::parse_redis_url(url).ok_or(AddressError::Scheme)?;
        let is_encrypted = matches!(parsed.scheme(), "rediss" | "valkeys");
        if parsed.fragment().is_some() {
            return Err(AddressError::Fragment);
        }
        if is_encrypted && cfg!(not(feature = "tls")) {
            return Err(AddressError::NoTls);
        }
        let info = parsed.into_connection_info().map_err(|_| AddressError::Form)?;
        // A small request must not wait for another to be sent along with it.
        let tcp = TcpSettings::default().set_nodelay(true);
        let redis = info.redis_settings().clone().set_skip_set_lib_name();
        let address = Self { info: info.set_tcp_settings(tcp).set_redis_settings(redis) };
        address.database_is(|database| database >= 0)
    }

    pub(crate) fn with_user(self, user: &str) -> Self {
        let redis = self.info.redis_settings().clone().set_username(user);
        Self { info: self.info.set_redis_settings(redis) }
    }

    pub(crate) fn with_password(self, password: &str) -> Self {
        let redis = self.info.redis_settings().clone().set_password(password);
        Self { info: self.info.set_redis_settings(redis) }
    }

    pub(crate) fn with_database(self, database: u32) -> Self {
        let redis = self.info.redis_settings().clone().set_db(database.into());
        Self { info: self.info.set_redis_settings(redis) }
    }

    /// The same user, password and database on another server.
    pub(crate) fn at(&self, host: String, port: u16) -> Self {
        let mut addr = self.info.addr().clone();
        match &mut addr {
            ConnectionAddr::Tcp(old_host, old_port) | ConnectionAddr::TcpTls { host: old_host, port: old_port, .. } => {
                (*old_host, *old_port) = (host, port);
            }
            _ => {}
        }
        Self { info: self.info.clone().set_addr(addr) }
    }

    /// The same, spoken to in RESP2, in which the client hears channels.
    pub(crate) fn in_the_older_protocol(&self) -> Self {
        let redis = self.info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        Self { info: self.info.clone().set_redis_settings(redis) }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.info.addr(), ConnectionAddr::TcpTls { .. })
    }

    /// The host that everything is sent to in the clear; none if it is this machine, or if nothing is.
    pub(crate) fn exposed_host(&self) -> Option<&str> {
        let ConnectionAddr::Tcp(host, _) = self.info.addr() else { return None };
        let is_loopback = host.parse::<IpAddr>().map_or(host == "localhost", |address| address.is_loopback());
        (!is_loopback).then_some(host)
    }

    pub(crate) fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    fn database_is(self, right: impl Fn(i64) -> bool) -> Result<Self, AddressError> {
        if right(self.info.redis_settings().db()) { Ok(self) } else { Err(AddressError::Database) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_as_whom() {
        let address = Address::parse("redis://ann:p%40ss@db.example:7000/3").expect("a URL");
        let address = address.with_database(4);
        let (redis, addr) = (address.info().redis_settings(), address.info().addr().to_string());
        assert_eq!((addr.as_str(), redis.db()), ("db.example:7000", 4));
        assert_eq!((redis.username(), redis.password()), (Some("ann"), Some("p@ss")));
        let socket = Address::parse("unix:///run/redis.sock?db=2&pass=x").expect("a URL").with_user("bob");
        let redis = socket.info().redis_settings();
        assert_eq!((redis.username(), redis.password(), redis.db()), (Some("bob"), Some("x"), 2));
        assert!(socket.info().addr().to_string().ends_with("/run/redis.sock"));
    }

    #[test]
    fn only_what_leaves_the_machine_unencrypted_is_exposed() {
        for (url, exposed) in [
            ("redis://localhost", None),
            ("redis://127.1.2.3:7", None),
            ("redis://[::1]", None),
            ("unix:///run/redis.sock", None),
            ("rediss://db.example", None),
            ("redis://db.example", Some("db.example")),
            ("redis://localhost.example", Some("localhost.example")),
            ("redis://10.0.0.1", Some("10.0.0.1")),
        ] {
            // Without the feature `tls` there is no `rediss://`.
            if let Ok(address) = Address::parse(url) {
                assert_eq!(address.exposed_host(), exposed, "{url}");
            }
        }
    }

    #[test]
    fn a_url_that_is_none_says_what_it_lacks() {
        for (url, error) in [
            ("", AddressError::Scheme),
            ("localhost:6379", AddressError::Scheme),
            ("http://localhost", AddressError::Scheme),
            ("redis://", AddressError::Form),
            ("redis://localhost:99999", AddressError::Scheme),
            ("redis://localhost/salon", AddressError::Form),
            ("redis://localhost/-1", AddressError::Database),
            ("unix:///run/redis.sock?db=x", AddressError::Form),
            ("rediss://localhost/#insecure", AddressError::Fragment),
        ] {
            assert_eq!(Address::parse(url).err(), Some(error), "{url}");
        }
    }
}
