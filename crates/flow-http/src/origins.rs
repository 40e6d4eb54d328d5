//! Pages of other origins that may have the chat in them: [`Origins`].

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use thiserror::Error;

use crate::problem::Problem;

/// How a browser says from where a page asks.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins of pages, other than the site's own, that may have the chat in them, for [`Site::origins`](crate::Site::origins) (CORS).
///
/// ```
/// use flow_http::Origins;
///
/// let origins = Origins::new(["https://salon.example", "https://www.salon.example"])?;
/// # Ok::<(), flow_http::InvalidOrigin>(())
/// ```
///
/// Each is named as browsers do: scheme and host, and the port unless it is the scheme's own. There is no wildcard. Such a page sends no
/// cookies to the site, and needs none: the chat says by its token for whom it speaks.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<BTreeSet<String>>);

/// What is named is not the origin of a page.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{origin:?} is not an origin as browsers name it: a scheme and a host in small letters, and a port unless it is the scheme's own, such as https://salon.example"
)]
pub struct InvalidOrigin {
    origin: String,
}

impl Origins {
    /// These, and no other.
    ///
    /// Fails if one of them is no origin, so that a browser would never name it.
    pub fn new<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Result<Self, InvalidOrigin> {
        let checked = origins
            .into_iter()
            .map(Into::into)
            .map(|origin: String| if is_origin(&origin) { Ok(origin) } else { Err(InvalidOrigin { origin }) });
        checked.collect::<Result<_, _>>().map(|origins| Self(Arc::new(origins)))
    }

    /// The origin that asks, if it is one of these.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        origin.to_str().is_ok_and(|origin| self.0.contains(origin)).then(|| origin.clone())
    }
}

/// Answers pages of other origins: those that may ask, and those that may not.
pub(crate) async fn across(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let allowed = origins.allowed(headers);
    let is_preflight = request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && !origins.0.is_empty();
    let mut response = if is_preflight {
        allowed.as_ref().map_or_else(|| Problem::ELSEWHERE.into_response(), |_| preflight())
    } else if allowed.is_none() && is_across(headers) && !request.method().is_safe() {
        // A browser asks before most of that, but not before all: not where an app knows its users by their cookies.
        Problem::ELSEWHERE.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if !origins.0.is_empty() {
        // Also where it is not allowed: a cache keeps one answer for each who asks.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    }
    response
}

/// What a page may ask, and for how long it need not ask about that again: two hours are the most that browsers keep.
fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Whether a browser says that a page of another origin asks.
fn is_across(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none")
}

fn is_origin(origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let is_plain = |text: &str, besides: &str| {
        let mut letters = text.chars();
        !text.is_empty() && letters.all(|letter| matches!(letter, 'a'..='z' | '0'..='9') || besides.contains(letter))
    };
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "\0",
    };
    is_plain(scheme, "+-.") && is_plain(host, "-._:[]") && !host.ends_with(own_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_named_as_browsers_name_it() {
        for origin in ["https://salon.example", "http://127.0.0.1:8080", "http://[::1]:3000", "capacitor://localhost"] {
            assert!(Origins::new([origin]).is_ok(), "{origin}");
        }
        for origin in [
            "*",
            "null",
            "",
            "salon.example",
            "https://",
            "https://salon.example/",
            "https://salon.example/chat",
            "https://*.salon.example",
            "https://Salon.example",
            "https://salon.example:443",
            "http://salon.example:80",
            "https://ana@salon.example",
            "https://sal\u{f6}n.example",
            "https://salon.example ",
        ] {
            let error = Origins::new([origin]).expect_err(origin);
            assert!(error.to_string().contains("https://salon.example"), "{error}");
        }
    }
}
