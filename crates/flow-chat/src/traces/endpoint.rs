//! Where a collector is: an [`Endpoint`].

use std::str::FromStr;

use hyper::Uri;
use thiserror::Error;

/// A collector, by the address that it is given under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    host: String,
    port: u16,
    /// Without a slash at its end.
    path: String,
}

/// That is no address of a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "that is no address of a collector: it is one such as `http://127.0.0.1:4318`, in the clear, without a user, a question mark or a \
     fragment"
)]
pub struct BadEndpoint;

impl Endpoint {
    /// Where spans are taken.
    pub(super) fn traces(&self) -> String {
        format!("http://{}:{}{}/v1/traces", self.host, self.port, self.path)
    }

    pub(super) fn address(&self) -> (&str, u16) {
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, BadEndpoint> {
        let uri: Uri = text.trim().parse().map_err(|_| BadEndpoint)?;
        let authority = uri.authority().ok_or(BadEndpoint)?;
        let is_plain = uri.scheme_str() == Some("http") && uri.query().is_none() && !authority.as_str().contains('@');
        if !is_plain || uri.host().is_none_or(str::is_empty) || text.contains('#') {
            return Err(BadEndpoint);
        }
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/v1/traces").unwrap_or(path);
        let port = match uri.port() {
            Some(port) => port.as_u16(),
            // As the protocol has it.
            None => 4318,
        };
        Ok(Self { host: authority.host().to_owned(), port, path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read() {
        for (text, traces) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (" http://collector/ ", "http://collector:4318/v1/traces"),
            ("http://[::1]:80/otlp/", "http://[::1]:80/otlp/v1/traces"),
            ("http://collector:4318/v1/traces", "http://collector:4318/v1/traces"),
        ] {
            assert_eq!(text.parse::<Endpoint>().map(|endpoint| endpoint.traces()), Ok(traces.to_owned()), "{text}");
        }
        assert_eq!("http://[::1]:80".parse::<Endpoint>().expect("one").address(), ("::1", 80));
    }

    #[test]
    fn what_is_no_address_of_a_collector_is_refused() {
        for text in [
            "",
            "127.0.0.1:4318",
            "https://collector:4318",
            "http://",
            "http://a:b@c:4318",
            "http://a?b",
            "http://a#b",
            "grpc://a",
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(BadEndpoint), "{text}");
        }
    }
}
