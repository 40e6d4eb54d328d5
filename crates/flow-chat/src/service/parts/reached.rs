//! Where a bot is reached from outside: [`Reached`].

use std::net::IpAddr;

use crate::service::mistake::Fault;

/// Where the bot is reached from outside, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Reached(String);

impl Reached {
    /// Fails unless it is encrypted, or on this machine: what is delivered there is private.
    pub(in crate::service) fn read(text: &str) -> Result<Self, Fault> {
        let right = "it is such as `https://salon.example`";
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or_else(|| Fault::new("it begins with neither `https://` nor `http://`", right))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_written = |letter: char| letter.is_ascii_graphic() && !"?#@\\".contains(letter);
        if authority.is_empty() || !authority.chars().chain(path.chars()).all(is_written) {
            return Err(Fault::new("not an address without a name, a password and a question", right));
        }
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        if text.starts_with("http://") && !is_here {
            return Err(Fault::new("it is not encrypted", "let it begin with `https://`, but on this machine"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    pub(in crate::service) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Reached;

    #[test]
    fn where_a_bot_is_reached_is_encrypted_or_here_and_says_nothing_else() {
        for (text, read) in [
            ("https://salon.example", Some("https://salon.example")),
            ("https://salon.example:8443/bots/", Some("https://salon.example:8443/bots")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://salon.example", None),
            ("http://127.salon.example", None),
            ("salon.example", None),
            ("https://", None),
            ("https://name:word@salon.example", None),
            ("https://salon.example/?a=b", None),
            ("https://salon.example/a b", None),
        ] {
            assert_eq!(Reached::read(text).ok().as_ref().map(Reached::as_str), read, "{text}");
        }
    }
}
