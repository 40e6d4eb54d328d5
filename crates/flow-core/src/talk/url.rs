//! What of an address on the web may be asked and shown: whether a channel can send what is there, and its host.

/// Whether a channel can send what is at this address: it begins with `http://` or `https://`, has a host, and no space in it.
pub(crate) fn is_sendable(url: &str) -> bool {
    after_scheme(url).is_some_and(|rest| !host(rest).is_empty()) && !url.contains(|letter: char| breaks(letter))
}

/// As much of an address as may be shown: its scheme and its host. What stands behind them, and before the host, may be a secret.
pub(crate) fn masked(url: &str) -> String {
    let Some(rest) = after_scheme(url) else { return "***".to_owned() };
    format!("{}{}/***", &url[..url.len() - rest.len()], host(rest))
}

/// The text with each address in it masked.
pub(crate) fn masked_in(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = begin(rest) {
        shown.push_str(&rest[..at]);
        let end = rest[at..].find(|letter: char| breaks(letter) || "\"'`<>()".contains(letter));
        let url = rest[at..end.map_or(rest.len(), |length| at + length)].trim_end_matches(['.', ',', ':', ';']);
        let end = at + url.len();
        shown.push_str(&masked(url));
        rest = &rest[end..];
    }
    shown + rest
}

/// Where the first address begins.
fn begin(text: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|&at| after_scheme(&text[at..]).is_some())
}

/// What stands behind the scheme; none if it is another.
fn after_scheme(url: &str) -> Option<&str> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let (begin, rest) = url.split_at_checked(scheme.len())?;
        begin.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// The host, without a user and a password before it.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

fn breaks(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_sent_is_on_the_web() {
        for url in
            ["https://example.com", "HTTP://example.com:8080/a?b#c", "https://münchen.example/ä", "http://[::1]/x"]
        {
            assert!(is_sendable(url), "{url}");
        }
        for other in [
            "",
            "example.com/a",
            "ftp://example.com",
            "file:///etc/passwd",
            "data:image/png;base64,AA",
            "https://",
            "http:///a",
            "https://user@/a",
            "javascript:alert(1)",
            "https://example.com/a b",
            "https://example.com/\n",
            " https://example.com",
        ] {
            assert!(!is_sendable(other), "{other}");
        }
    }

    #[test]
    fn of_an_address_the_host_alone_is_shown() {
        let text = "GET (https://api.telegram.org/file/bot12:SECRET/photo.jpg), then HTTP://user:SECRET@example.com?SECRET: 404";
        let shown = masked_in(text);
        assert_eq!(shown, "GET (https://api.telegram.org/***), then HTTP://example.com/***: 404");
        for plain in ["", "no row", "äöü https:/", "http:// "] {
            assert!(!masked_in(plain).contains("SECRET"));
        }
        assert_eq!(masked("AgACAgSECRET"), "***");
    }
}
