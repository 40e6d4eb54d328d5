//! What a stub is asked: a [`Request`].

use bytes::Bytes;
use hyper::{HeaderMap, Method, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use super::{Upload, form, multipart};

/// A request that has arrived whole.
pub(in super::super) struct Request {
    pub(in super::super) method: Method,
    pub(in super::super) path: String,
    pub(in super::super) query: String,
    pub(in super::super) headers: HeaderMap,
    pub(in super::super) body: Bytes,
}

impl Request {
    /// The header of this name, if it is text.
    pub(in super::super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer`.
    pub(in super::super) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The arguments, wherever they stand: in the query, as a form, as parts, as JSON. Later ones win in that order.
    ///
    /// None if the body is not what its header says.
    pub(in super::super) fn arguments(&self) -> Option<(Map<String, Value>, Vec<Upload>)> {
        let mut arguments = form::read(self.query.as_bytes());
        let mut uploads = Vec::new();
        let media_type = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if self.body.is_empty() {
            return Some((arguments, uploads));
        }
        if media_type.starts_with("application/json") {
            let Ok(Value::Object(body)) = serde_json::from_slice(&self.body) else { return None };
            arguments.extend(body);
        } else if media_type.starts_with("application/x-www-form-urlencoded") {
            arguments.extend(form::read(&self.body));
        } else if media_type.starts_with("multipart/form-data") {
            let (fields, files) = multipart::read(media_type, &self.body)?;
            arguments.extend(fields);
            uploads = files;
        }
        Some((arguments, uploads))
    }
}
