//! The chat as a browser gets it: its module, a page that shows it alone, and the document that tells apps how to speak.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

/// A file of the chat.
#[derive(Clone, Copy)]
struct Asset {
    kind: &'static str,
    content: &'static str,
}

const PAGE: Asset = Asset { kind: "text/html; charset=utf-8", content: include_str!("../assets/page.html") };
const STYLE: Asset = Asset { kind: "text/css; charset=utf-8", content: include_str!("../assets/page.css") };
const MODULE: Asset = Asset { kind: "text/javascript; charset=utf-8", content: include_str!("../assets/flow-chat.js") };
const DOCUMENT: Asset = Asset { kind: "application/json", content: include_str!("../openapi.json") };

/// What the page may do: nothing but what is its own, and pictures that the bot sends.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: https:; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/// The page and its files at this path.
pub(crate) fn routes(path: &str) -> Router {
    let last = path.rsplit('/').next().unwrap_or_default();
    let with_slash = format!("{last}/");
    let routes = Router::new()
        .route(&format!("{path}/"), get(|headers: HeaderMap| async move { PAGE.answer(&headers) }))
        .route(&format!("{path}/page.css"), get(|headers: HeaderMap| async move { STYLE.answer(&headers) }))
        .route(&format!("{path}/flow-chat.js"), get(|headers: HeaderMap| async move { MODULE.answer(&headers) }))
        .route(&format!("{path}/openapi.json"), get(|headers: HeaderMap| async move { DOCUMENT.answer(&headers) }));
    if path.is_empty() {
        return routes;
    }
    // The page names its files from where it lies.
    routes.route(path, get(move || async move { Redirect::permanent(&with_slash) }))
}

impl Asset {
    /// The file, unless the browser has it.
    fn answer(self, headers: &HeaderMap) -> Response {
        let mut hasher = DefaultHasher::new();
        self.content.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let mut response =
            if is_known { StatusCode::NOT_MODIFIED.into_response() } else { self.content.into_response() };
        let answered = response.headers_mut();
        answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        answered.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        answered.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answered.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        // Asked each time, and mostly answered by the tag: a new release is there at once.
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answered.insert(header::ETAG, tag);
        }
        response
    }
}
