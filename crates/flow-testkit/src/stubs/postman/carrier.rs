//! What a platform says of its deliveries: a [`Carrier`] of [`Parcel`]s.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;

use super::super::faults::Flaw;

/// What is delivered.
#[derive(Clone)]
pub(in super::super) struct Parcel {
    /// The platform's number for it.
    pub(in super::super) id: u64,
    pub(in super::super) chat: String,
    /// What is in one lane is delivered in order.
    pub(in super::super) lane: String,
    pub(in super::super) body: Bytes,
    /// Which of a platform's addresses it goes to, where there are several.
    pub(in super::super) kind: &'static str,
    pub(in super::super) trip: Option<u64>,
}

/// Why the bot did not take it.
#[derive(Clone, Copy)]
pub(in super::super) enum Failure {
    NotConnected,
    TimedOut,
    Status {
        status: u16,
        /// In seconds.
        retry_after: Option<u64>,
        /// Whether the bot wants it again.
        retry: bool,
    },
}

/// A platform, as it delivers.
pub(in super::super) trait Carrier: Send + Sync + 'static {
    /// The request by which this is delivered now. None if there is no address.
    fn request(&self, parcel: &Parcel, failures: &[Failure], flaw: Flaw) -> Option<Request<Full<Bytes>>>;

    /// Whether what follows in a lane waits until what is before it was taken, or only until it was tried.
    fn keeps_order(&self) -> bool {
        false
    }

    /// How long the bot may take.
    fn patience(&self) -> Duration;

    /// How long to wait before the next try after these. None: it is given up.
    fn pause(&self, parcel: &Parcel, failures: &[Failure]) -> Option<Duration>;

    /// The bot has it, and answered this.
    fn taken(&self, parcel: &Parcel, body: &Bytes);

    /// A try has failed.
    fn failed(&self, _: &Parcel, _: &Failure) {}

    /// It is given up.
    fn dropped(&self, _: &Parcel) {}
}
