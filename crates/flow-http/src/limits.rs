//! How much a site takes from one client, and from all: [`Limits`].

use std::time::Duration;

/// How much a site takes. What is beyond is refused with an answer that says so, or the connection is closed.
///
/// ```
/// use flow_http::Limits;
///
/// let small = Limits::default().body(4 * 1024).streams(100);
/// ```
#[derive(Clone, Debug)]
#[must_use = "the limits count once the site has them"]
pub struct Limits {
    pub(crate) body: usize,
    pub(crate) body_time: Duration,
    pub(crate) header_time: Duration,
    pub(crate) headers: usize,
    pub(crate) connections: usize,
    pub(crate) streams: usize,
    pub(crate) streams_each: usize,
    pub(crate) burst: u32,
    pub(crate) pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 * 1024,
            body_time: Duration::from_secs(10),
            header_time: Duration::from_secs(10),
            headers: 64,
            connections: 12_000,
            streams: 10_000,
            streams_each: 16,
            burst: 20,
            pause: Duration::from_millis(500),
        }
    }
}

/// Setters, in one list.
macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty;)*) => {
        impl Limits {
            $($(#[doc = $doc])+
            pub fn $name(self, $name: $kind) -> Self {
                Self { $name, ..self }
            })*
        }
    };
}

setters! {
    /// How many bytes the body of a request may have. 32 KiB unless set.
    body: usize;
    /// How long a body may take to arrive. Ten seconds unless set.
    body_time: Duration;
    /// How long the head of a request may take to arrive, from when the connection is there or the request before it is done. Ten
    /// seconds unless set.
    header_time: Duration;
    /// How many headers a request may have. 64 unless set.
    headers: usize;
    /// How many connections are open at once; the next wait to be taken. 12,000 unless set.
    connections: usize;
    /// How many streams of replies are open at once. 10,000 unless set.
    streams: usize;
    /// How many of them for one session: a browser opens one for each of its tabs. 16 unless set.
    streams_each: usize;
    /// How many messages a session may send at once. 20 unless set.
    burst: u32;
    /// After how long it may send one more. Half a second unless set.
    pause: Duration;
}
