//! What a stub answers, or that it does not: an [`Answer`].

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Response, StatusCode,
    body::Frame,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use super::server::Body;

/// What becomes of a call.
pub(in super::super) enum Answer {
    /// It is answered.
    Given(Given),
    /// The connection is closed, and nothing was said.
    Closed,
    /// Nothing is said, and the connection stays.
    Stalled,
}

/// An answer with its status, headers and body.
pub(in super::super) struct Given {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
}

impl Answer {
    /// This, as JSON.
    pub(in super::super) fn json(status: u16, value: &Value) -> Self {
        Self::of(status, "application/json", value.to_string())
    }

    /// These bytes, of this media type.
    pub(in super::super) fn of(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        Self::with_body(status, media_type, Full::new(body.into()).map_err(|never| match never {}).boxed_unsync())
    }

    /// Lines that come one after the other, until the sender is gone.
    pub(in super::super) fn stream(lines: UnboundedReceiver<Bytes>) -> Self {
        Self::with_body(200, "text/event-stream", UnsyncBoxBody::new(Lines(lines)))
    }

    /// The same, with this header.
    pub(in super::super) fn header(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Given(mut given) => {
                let value = HeaderValue::from_str(value).expect("a header without control characters");
                given.headers.push((HeaderName::from_static(name), value));
                Self::Given(given)
            }
            other => other,
        }
    }

    fn with_body(status: u16, media_type: &str, body: Body) -> Self {
        let media_type =
            HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let status = StatusCode::from_u16(status).expect("a status");
        Self::Given(Given { status, headers: vec![(CONTENT_TYPE, media_type)], body })
    }
}

impl Given {
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

struct Lines(UnboundedReceiver<Bytes>);

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
