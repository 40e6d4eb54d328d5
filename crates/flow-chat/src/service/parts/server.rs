//! How a bot is served on the web: [`Server`], at an address to [`Listen`] at.

use std::time::Duration;

use super::Reached;
use crate::{Secret, service::mistake::Fault};

/// How a bot is served on the web.
#[derive(Clone, Debug)]
pub(in crate::service) struct Server {
    pub(in crate::service) listen: Listen,
    pub(in crate::service) url: Option<Reached>,
    pub(in crate::service) unready: Duration,
    pub(in crate::service) patience: Duration,
    pub(in crate::service) monitoring_token: Option<Secret>,
    pub(in crate::service) body: usize,
    pub(in crate::service) body_time: Duration,
    pub(in crate::service) header_time: Duration,
    pub(in crate::service) head: usize,
    pub(in crate::service) headers: usize,
    pub(in crate::service) unread_time: Duration,
    pub(in crate::service) connections: usize,
    pub(in crate::service) streams: usize,
    pub(in crate::service) streams_each: usize,
    pub(in crate::service) burst: u32,
    pub(in crate::service) pause: Duration,
    pub(in crate::service) address_connections: usize,
    pub(in crate::service) address_streams: usize,
    pub(in crate::service) address_burst: u32,
    pub(in crate::service) address_pause: Duration,
    pub(in crate::service) openings: u32,
    pub(in crate::service) opening_pause: Duration,
    /// How many proxies stand before it; none if nobody has said.
    pub(in crate::service) proxies: Option<usize>,
    pub(in crate::service) proxy_header: Option<String>,
    pub(in crate::service) origins: Vec<String>,
    pub(in crate::service) is_ready_without_archive: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: Listen("127.0.0.1:8080".to_owned()),
            url: None,
            unready: Duration::ZERO,
            patience: Duration::from_secs(10),
            monitoring_token: None,
            body: 32 << 10,
            body_time: Duration::from_secs(10),
            header_time: Duration::from_secs(10),
            head: 32 << 10,
            headers: 64,
            unread_time: Duration::from_secs(30),
            connections: 12_000,
            streams: 10_000,
            streams_each: 16,
            burst: 20,
            pause: Duration::from_millis(500),
            address_connections: 2_000,
            address_streams: 1_000,
            address_burst: 400,
            address_pause: Duration::from_millis(50),
            openings: 100,
            opening_pause: Duration::from_millis(500),
            proxies: None,
            proxy_header: None,
            origins: Vec::new(),
            is_ready_without_archive: false,
        }
    }
}

/// Where a server listens: a host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Listen(String);

impl Listen {
    /// What it is, as the end of a sentence that begins with "it is".
    pub(in crate::service) const RIGHT: &str =
        "an address and a port such as `127.0.0.1:8080`, `0.0.0.0:8080` or `[::]:8080`";

    /// Reads a host and a port. Whether this machine has such an address shows when it is listened at.
    ///
    /// Fails if it is none.
    pub(in crate::service) fn read(text: String) -> Result<Self, Fault> {
        let wrong = |wrong: &str| Fault::new(wrong, format_args!("it is {}", Self::RIGHT));
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("no port"))?;
        let is_bare = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if host.is_empty() || is_bare || host.contains(['/', ' ', '@']) {
            return Err(wrong("no address"));
        }
        match port.parse::<u16>() {
            Ok(_) if port.bytes().all(|digit| digit.is_ascii_digit()) => Ok(Self(text)),
            _ => Err(wrong("no port")),
        }
    }

    pub(in crate::service) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for right in ["127.0.0.1:8080", "0.0.0.0:0", "[::]:8080", "[::1]:1", "localhost:65535", "salon.internal:80"] {
            assert_eq!(Listen::read(right.to_owned()), Ok(Listen(right.to_owned())));
        }
        for wrong in [
            "8080",
            ":8080",
            "::1:8080",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:+1",
            "127.0.0.1:65536",
            "http://127.0.0.1:80",
            "[::1",
        ] {
            assert!(Listen::read(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
