//! How much a site takes from one client, and from all: [`Limits`].

use std::time::Duration;

/// Longer than anything is waited for, and so short that such a time from now on can be told.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

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
    pub(crate) head: usize,
    pub(crate) headers: usize,
    pub(crate) unread_time: Duration,
    pub(crate) connections: usize,
    pub(crate) streams: usize,
    pub(crate) streams_each: usize,
    pub(crate) burst: u32,
    pub(crate) pause: Duration,
    pub(crate) address_connections: usize,
    pub(crate) address_streams: usize,
    pub(crate) address_burst: u32,
    pub(crate) address_pause: Duration,
    pub(crate) openings: u32,
    pub(crate) opening_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 * 1024,
            body_time: Duration::from_secs(10),
            header_time: Duration::from_secs(10),
            head: 32 * 1024,
            headers: 64,
            unread_time: Duration::from_secs(30),
            connections: 12_000,
            streams: 10_000,
            streams_each: 16,
            burst: 20,
            pause: Duration::from_millis(500),
            // A school or an office may come from one address.
            address_connections: 2_000,
            address_streams: 1_000,
            address_burst: 400,
            address_pause: Duration::from_millis(50),
            openings: 100,
            opening_pause: Duration::from_millis(500),
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
    /// How many bytes the head of a request may have, of which 8 KiB are the least. 32 KiB unless set. As much is kept of what a
    /// client does not read.
    head: usize;
    /// How many headers a request may have. 64 unless set.
    headers: usize;
    /// For how long a client may leave what is sent to it unread, or unacknowledged, before the connection is closed: a stream goes on
    /// over the next one. 30 seconds unless set.
    unread_time: Duration;
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
    /// How many connections are open at once from one address, where clients [connect themselves](crate::Proxies); the next are closed.
    /// An address of IPv6 counts by its first 64 bits, here and below. 2,000 unless set.
    address_connections: usize;
    /// How many streams of replies are open at once from one address. 1,000 unless set.
    address_streams: usize;
    /// How many messages may come from one address at once, for whichever sessions; and four times as many questions, what was said and
    /// where a conversation stands. 400 unless set.
    address_burst: u32;
    /// After how long one more may. 50 ms unless set, so 20 a second.
    address_pause: Duration;
    /// How many conversations one address may open at once. 100 unless set.
    openings: u32;
    /// After how long it may open one more. Half a second unless set.
    opening_pause: Duration;
}

/// A limit that was met, as the figures name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Limit {
    Body,
    BodyTime,
    Head,
    HeadTime,
    Malformed,
    Unread,
    Connections,
    Streams,
    StreamsEach,
    Session,
    Inbox,
    Input,
    AddressConnections,
    AddressStreams,
    AddressMessages,
    AddressQuestions,
    AddressOpenings,
}

impl Limit {
    pub(crate) const ALL: [Self; 17] = [
        Self::Body,
        Self::BodyTime,
        Self::Head,
        Self::HeadTime,
        Self::Malformed,
        Self::Unread,
        Self::Connections,
        Self::Streams,
        Self::StreamsEach,
        Self::Session,
        Self::Inbox,
        Self::Input,
        Self::AddressConnections,
        Self::AddressStreams,
        Self::AddressMessages,
        Self::AddressQuestions,
        Self::AddressOpenings,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::BodyTime => "body_time",
            Self::Head => "headers",
            Self::HeadTime => "head_time",
            Self::Malformed => "malformed",
            Self::Unread => "slow_reader",
            Self::Connections => "connections",
            Self::Streams => "streams",
            Self::StreamsEach => "streams_each",
            Self::Session => "session",
            Self::Inbox => "inbox",
            Self::Input => "input",
            Self::AddressConnections => "address_connections",
            Self::AddressStreams => "address_streams",
            Self::AddressMessages => "address_messages",
            Self::AddressQuestions => "address_questions",
            Self::AddressOpenings => "address_openings",
        }
    }
}
