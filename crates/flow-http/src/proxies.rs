//! From which address a request comes, where proxies may stand in between: [`Proxies`].

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, request::Parts},
};

/// What the common proxies write.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many proxies of yours stand before a site, so that it knows the addresses of its clients and can bound what each takes.
///
/// Unless it is said, no header is trusted, and only clients that connect from an address of the public internet are bounded: any other
/// is mostly a proxy that all clients come through.
///
/// ```
/// use axum::http::HeaderName;
/// use flow_http::Proxies;
///
/// // nginx or Caddy on this machine, which adds the client to `X-Forwarded-For`.
/// let proxies = Proxies::count(1);
/// // A load balancer before that one.
/// let proxies = Proxies::count(2);
/// // A proxy that names the client in a header of its own, or in `Forwarded`.
/// let proxies = Proxies::count(1).in_header(HeaderName::from_static("x-real-ip"));
/// // None: clients connect to the site themselves, from wherever they do.
/// let proxies = Proxies::none();
/// ```
///
/// A client writes what it likes into such a header, and a proxy adds to its end. So the site counts from the end, and must not be
/// reachable but through the proxies: whoever connects to it directly would name any address.
#[derive(Clone, Default)]
pub struct Proxies(Way);

#[derive(Clone)]
enum Way {
    /// Nobody has said. That a proxy is there is told once.
    Unsaid(Arc<Once>),
    None,
    Counted {
        count: usize,
        header: HeaderName,
    },
}

impl Default for Way {
    fn default() -> Self {
        Self::Unsaid(Arc::new(Once::new()))
    }
}

impl Proxies {
    /// Clients connect to the site themselves.
    pub fn none() -> Self {
        Self(Way::None)
    }

    /// Each request comes through this many proxies, each of which adds to `X-Forwarded-For` whom it has the request from.
    pub fn count(count: usize) -> Self {
        if count == 0 { Self::none() } else { Self(Way::Counted { count, header: X_FORWARDED_FOR }) }
    }

    /// The proxies write another header: `Forwarded`, or one that has a single address.
    #[must_use]
    pub fn in_header(self, header: HeaderName) -> Self {
        match self.0 {
            Way::Counted { count, .. } => Self(Way::Counted { count, header }),
            way => Self(way),
        }
    }

    /// From whom a request comes; none if that cannot be told, or is nobody to be bounded.
    pub(crate) fn client(&self, request: &Parts) -> Option<Client> {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let named = match &self.0 {
            Way::None => peer,
            Way::Unsaid(told) => {
                if request.headers.contains_key(X_FORWARDED_FOR) && !peer.is_some_and(is_public) {
                    told.call_once(|| {
                        tracing::warn!("requests come through a proxy of which the site knows nothing: what each address takes is not bounded");
                    });
                }
                None
            }
            Way::Counted { count, header } => from_the_end(&request.headers, header, *count),
        };
        // One that came around the proxies is bounded by its own address, unless that may be a proxy's.
        named.or(peer.filter(|peer| is_public(*peer))).map(Client::at)
    }

    /// Who has connected; none if that is nobody to be bounded.
    pub(crate) fn neighbour(&self, peer: IpAddr) -> Option<Client> {
        match self.0 {
            Way::None => Some(Client::at(peer)),
            Way::Unsaid(_) => is_public(peer).then(|| Client::at(peer)),
            Way::Counted { .. } => None,
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Unsaid(_) => f.write_str("Proxies(unsaid)"),
            Way::None => f.write_str("Proxies(none)"),
            Way::Counted { count, header } => write!(f, "Proxies({count} in {header})"),
        }
    }
}

/// What is bounded as one client: an address, or of IPv6 the 64 bits that one customer has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client(u128);

impl Client {
    fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_ipv6_mapped().to_bits()),
            IpAddr::V6(address) => Self(address.to_bits() >> 64 << 64),
        }
    }
}

/// Without the address, which is a person's.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// Whether this is an address of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // Of a provider, between its customers and the internet.
            let is_shared = first == 100 && second & 0b1100_0000 == 64;
            let is_near = address.is_loopback() || address.is_private() || address.is_link_local();
            !(is_near || is_shared || address.is_unspecified())
        }
        IpAddr::V6(address) => {
            let is_near = address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local();
            !(is_near || address.is_unspecified())
        }
    }
}

/// The address that stands there in a header, counted from its end.
fn from_the_end(headers: &HeaderMap, header: &HeaderName, count: usize) -> Option<IpAddr> {
    // What is no text was written by the client, and says nothing of what was added to it.
    let values: Vec<_> =
        headers.get_all(header).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let all = values.join(",");
    let element = *split_from_the_end(&all, ',').get(count.checked_sub(1)?)?;
    // `for=192.0.2.60;proto=https`, or the address alone.
    let pairs = split_from_the_end(element, ';');
    let named = pairs.iter().rev().find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    address(named.unwrap_or(element).trim())
}

/// The parts of a text, the last first, of which those in quotes are not divided.
///
/// Read from its end: a quote that a client has opened, and left open, takes in nothing of what proxies have added behind it.
fn split_from_the_end(text: &str, by: char) -> Vec<&str> {
    let (mut parts, mut end, mut is_quoted) = (Vec::new(), text.len(), false);
    for (place, letter) in text.char_indices().rev() {
        let before = &text[..place];
        if letter == '"' && !ends_with_escape(before) {
            is_quoted = !is_quoted;
        } else if letter == by && !is_quoted {
            parts.push(&text[place + by.len_utf8()..end]);
            end = place;
        }
    }
    parts.push(&text[..end]);
    parts
}

/// Whether the character behind this text is escaped by a backslash.
fn ends_with_escape(text: &str) -> bool {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn request(peer: Option<&str>, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        if let Some(peer) = peer {
            let peer = SocketAddr::new(peer.parse().expect("an address"), 4711);
            parts.extensions.insert(ConnectInfo(peer));
        }
        parts
    }

    fn at(address: &str) -> Option<Client> {
        address.parse().ok().map(Client::at)
    }

    #[test]
    fn unless_it_is_said_only_public_addresses_are_known_and_no_header_is_believed() {
        let unsaid = Proxies::default();
        let forged = [("x-forwarded-for", "203.0.113.9")];
        assert_eq!(unsaid.client(&request(Some("198.51.100.7"), &forged)), at("198.51.100.7"));
        for near in ["127.0.0.1", "10.1.2.3", "192.168.0.1", "100.64.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"] {
            assert_eq!(unsaid.client(&request(Some(near), &forged)), None, "{near}");
            assert_eq!(Proxies::none().client(&request(Some(near), &forged)), at(near), "{near}");
        }
        assert_eq!(unsaid.client(&request(None, &forged)), None);
    }

    #[test]
    fn what_the_proxies_have_added_counts_and_what_a_client_has_written_does_not() {
        let forged = [("x-forwarded-for", "6.6.6.6, 7.7.7.7"), ("x-forwarded-for", "198.51.100.7, 10.0.0.2")];
        let client =
            |proxies: Proxies, headers: &[(&'static str, &str)]| proxies.client(&request(Some("10.0.0.1"), headers));
        assert_eq!(client(Proxies::count(2), &forged), at("198.51.100.7"));
        assert_eq!(client(Proxies::count(1), &forged), at("10.0.0.2"));
        // Fewer than there are proxies: it came around them.
        assert_eq!(client(Proxies::count(5), &forged), None);
        assert_eq!(Proxies::count(1).client(&request(Some("198.51.100.8"), &[])), at("198.51.100.8"));
        let real = [("x-real-ip", "198.51.100.7"), ("x-forwarded-for", "6.6.6.6")];
        assert_eq!(
            client(Proxies::count(1).in_header(HeaderName::from_static("x-real-ip")), &real),
            at("198.51.100.7")
        );
    }

    #[test]
    fn whatever_a_client_writes_into_the_header_its_address_is_known() {
        let nonsense = [
            "\"",
            "\"\"\"",
            "\u{e4}",
            ",",
            ";",
            "for=\"",
            "for=6.6.6.6;host=\"",
            "\"\\",
            "\\\"",
            "for=\"6.6.6.6, for=7.7.7.7",
        ];
        for written in nonsense {
            for (proxies, header, adds) in [
                (Proxies::count(1), "x-forwarded-for", "198.51.100.7"),
                (
                    Proxies::count(1).in_header(HeaderName::from_static("forwarded")),
                    "forwarded",
                    "for=\"198.51.100.7:4711\";proto=https",
                ),
                (
                    Proxies::count(1).in_header(HeaderName::from_static("forwarded")),
                    "forwarded",
                    r#"for=198.51.100.7;host="a\", for=6.6.6.6""#,
                ),
            ] {
                // Into the same line, as nginx does, or into one of its own.
                let same = request(Some("10.0.0.1"), &[(header, &format!("{written}, {adds}"))]);
                let own = request(Some("10.0.0.1"), &[(header, written), (header, adds)]);
                assert_eq!(proxies.client(&same), at("198.51.100.7"), "{written}, {adds}");
                assert_eq!(proxies.client(&own), at("198.51.100.7"), "{written} | {adds}");
            }
        }
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (value, expected) in [
            ("198.51.100.7", at("198.51.100.7")),
            ("198.51.100.7:50000", at("198.51.100.7")),
            ("::ffff:198.51.100.7", at("198.51.100.7")),
            ("2001:db8::1", at("2001:db8::2")),
            ("[2001:db8::1]", at("2001:db8::2")),
            ("[2001:db8::1]:4711", at("2001:db8::2")),
            ("unknown", None),
            ("", None),
            ("\u{e4}", None),
        ] {
            let headers = [("x-forwarded-for", value)];
            assert_eq!(Proxies::count(1).client(&request(Some("10.0.0.1"), &headers)), expected, "{value}");
        }
        let by_forwarded = Proxies::count(1).in_header(HeaderName::from_static("forwarded"));
        for (value, expected) in [
            ("for=6.6.6.6, for=198.51.100.7;proto=https;by=10.0.0.1", at("198.51.100.7")),
            (r#"for=6.6.6.6, For="[2001:db8::1]:4711""#, at("2001:db8::1")),
            // What stands in quotes is no element.
            (r#"for=198.51.100.7;host="a, for=6.6.6.6""#, at("198.51.100.7")),
            ("for=_hidden", None),
        ] {
            assert_eq!(by_forwarded.client(&request(Some("10.0.0.1"), &[("forwarded", value)])), expected, "{value}");
        }
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("198.51.100.7"), at("198.51.100.8"));
        assert!(!format!("{:?}", at("198.51.100.7")).contains("198"));
    }
}
