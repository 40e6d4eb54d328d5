//! Where the server is, and the user and database that are used there: [`Address`].

use std::{net::IpAddr, time::Duration};

use thiserror::Error;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

/// One server or several that stand in for each other, a user and a database.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    wish: Wish,
}

/// Whether the URL wants encryption.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Unsaid,
    Plain,
    Encrypted,
}

/// Why a URL is not one of a server. It does not repeat the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It does not begin with `postgres://` or `postgresql://`.
    #[error("a URL begins with `postgres://` or `postgresql://`")]
    Scheme,
    /// The host, the port, the user, the password or a setting cannot be read.
    #[error("the URL is not of the form `postgres://user:password@host:port/database`, with settings behind a `?`")]
    Form,
    /// `sslmode` is neither `disable`, `require` nor `verify-full`.
    #[error("`sslmode` is `disable`, `require` or `verify-full`; certificates and names are always checked")]
    Encryption,
    /// `sslmode=disable` with a host that is not this machine, and not allowed by its name.
    #[error("`sslmode=disable` is for this machine: leave it out, or allow the host by `allow_plaintext`")]
    Plaintext,
    /// The certificates or the key are not PEM, or do not belong together.
    #[error("the certificates or the key cannot be used")]
    Certificates,
    /// A server on another machine, in a build without the feature `tls`.
    #[error("a server on another machine needs the feature `tls`, or to be allowed by `allow_plaintext`")]
    NoTls,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(AddressError::Scheme);
        }
        let (url, wish) = without_wish(url)?;
        let mut config: Config = url.parse().map_err(|_| AddressError::Form)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressError::Form);
        }
        if config.get_application_name().is_none() {
            config.application_name("flow");
        }
        if config.get_hosts().len() > 1 {
            // Of several servers, the one that is no standby.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self { config, wish })
    }

    pub(crate) fn with_user(mut self, user: &str) -> Self {
        self.config.user(user);
        self
    }

    pub(crate) fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// Has each host answer in its part of the time, so that one that is away does not take the others'.
    pub(crate) fn within(mut self, deadline: Duration) -> Self {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        self.config.connect_timeout(deadline / u32::try_from(hosts).unwrap_or(u32::MAX).max(1));
        self
    }

    /// Says whether the connection is encrypted: it is, but to this machine and to the hosts that are allowed by name.
    ///
    /// Fails if it would be in the clear to any other.
    pub(crate) fn sealed(mut self, is_allowed: impl Fn(&str) -> bool) -> Result<Self, AddressError> {
        let is_exposed = self.other_hosts().iter().any(|host| !is_allowed(host));
        let is_encrypted = match self.wish {
            Wish::Plain if is_exposed => return Err(AddressError::Plaintext),
            Wish::Plain => false,
            Wish::Encrypted => true,
            Wish::Unsaid => is_exposed,
        };
        if is_encrypted && cfg!(not(feature = "tls")) {
            return Err(AddressError::NoTls);
        }
        self.config.ssl_mode(if is_encrypted { SslMode::Require } else { SslMode::Disable });
        Ok(self)
    }

    #[cfg(feature = "tls")]
    pub(crate) fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The hosts that are not this machine.
    fn other_hosts(&self) -> Vec<String> {
        let named = self.config.get_hosts().iter().filter_map(|host| match host {
            Host::Tcp(host) if !is_loopback(host) => Some(host.clone()),
            _ => None,
        });
        // Where a host and an address are given, the connection goes to the address.
        let addresses = self.config.get_hostaddrs().iter().filter(|address| !address.is_loopback());
        named.chain(addresses.map(ToString::to_string)).collect()
    }
}

fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or(host == "localhost", |address| address.is_loopback())
}

/// The URL without its `sslmode`: the words that it may have here are not all known to the client.
fn without_wish(url: &str) -> Result<(String, Wish), AddressError> {
    let Some((place, settings)) = url.split_once('?') else { return Ok((url.to_owned(), Wish::Unsaid)) };
    let mut wish = Wish::Unsaid;
    let mut others = Vec::new();
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        match setting.strip_prefix("sslmode=") {
            Some("disable") => wish = Wish::Plain,
            Some("require" | "verify-full") => wish = Wish::Encrypted,
            Some(_) => return Err(AddressError::Encryption),
            None => others.push(setting),
        }
    }
    Ok((format!("{place}?{}", others.join("&")), wish))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_as_whom() {
        let address =
            Address::parse("postgres://ann:p%40ss@db.example:7000/salon?application_name=bot").expect("a URL");
        let config = address.with_user("bob").config;
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example".into())]);
        assert_eq!((config.get_ports(), config.get_dbname()), (&[7000][..], Some("salon")));
        assert_eq!((config.get_user(), config.get_password()), (Some("bob"), Some(&b"p@ss"[..])));
        assert_eq!(config.get_application_name(), Some("bot"));
        let socket = Address::parse("postgresql:///salon?host=/run/postgresql").expect("a URL");
        assert_eq!(socket.config.get_hosts(), [Host::Unix("/run/postgresql".into())]);
    }

    #[test]
    fn only_this_machine_and_allowed_hosts_are_spoken_to_in_the_clear() {
        let mode = |url: &str| {
            let address = Address::parse(url).expect("a URL").sealed(|host| host == "db");
            address.map(|address| address.config.get_ssl_mode() == SslMode::Require)
        };
        for url in [
            "postgres://localhost",
            "postgres://127.1.2.3",
            "postgres://[::1]",
            "postgres://db/",
            "postgres:///x?host=/run",
        ] {
            assert_eq!(mode(url), Ok(false), "{url}");
            assert_eq!(
                mode(&format!(
                    "{}sslmode=disable",
                    if url.contains('?') { format!("{url}&") } else { format!("{url}/?") }
                )),
                Ok(false),
                "{url}"
            );
        }
        for url in [
            "postgres://db.example",
            "postgres://10.0.0.1",
            "postgres://localhost,db.example",
            "postgres://localhost/x?hostaddr=10.0.0.1",
        ] {
            assert_eq!(mode(url), if cfg!(feature = "tls") { Ok(true) } else { Err(AddressError::NoTls) }, "{url}");
        }
        assert_eq!(mode("postgres://db.example/x?sslmode=disable"), Err(AddressError::Plaintext));
        assert_eq!(mode("postgres://localhost/x?sslmode=disable&hostaddr=10.0.0.1"), Err(AddressError::Plaintext));
    }

    #[test]
    fn a_url_that_is_none_says_what_it_lacks() {
        for (url, error) in [
            ("", AddressError::Scheme),
            ("host=localhost", AddressError::Scheme),
            ("http://localhost", AddressError::Scheme),
            ("postgres://", AddressError::Form),
            ("postgres://localhost:99999", AddressError::Form),
            ("postgres://localhost/salon?colour=red", AddressError::Form),
            ("postgres://localhost/salon?sslmode=prefer", AddressError::Encryption),
        ] {
            assert_eq!(Address::parse(url).err(), Some(error), "{url}");
        }
    }
}
