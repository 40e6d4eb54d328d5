//! How the bytes of a file come to the handler that asks for them: [`Fetch`], and [`Fetching`] for a turn.

use std::{collections::BTreeMap, error::Error as StdError, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::{
    download::{Download, TooLarge},
    fetch_error::{FetchError, FetchFailure},
};
use crate::{Media, resilience::deadline, wiring::BoxFuture};

/// What gets the bytes of a file from its channel. Given to an engine with
/// [`EngineBuilder::fetch_media`](crate::EngineBuilder::fetch_media).
///
/// ```
/// use std::{collections::HashMap, error::Error};
///
/// use flow_core::{Download, Fetch, Media};
///
/// /// A channel that keeps what was sent; another would ask its platform, piece by piece.
/// struct Shelf(HashMap<String, Vec<u8>>);
///
/// impl Fetch for Shelf {
///     async fn fetch(&self, media: &Media, into: &mut Download) -> Result<(), Box<dyn Error + Send + Sync>> {
///         let bytes = self.0.get(media.reference()).ok_or("it is gone")?;
///         into.expect(bytes.len())?;
///         for piece in bytes.chunks(64 * 1024) {
///             into.push(piece)?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Fetch: Send + Sync + 'static {
    /// Puts the bytes of the file into the download, in pieces as they come.
    ///
    /// Fails as the channel does, and, by `?` on what the download says, as soon as the file is seen to be too large.
    fn fetch(
        &self,
        media: &Media,
        into: &mut Download,
    ) -> impl Future<Output = Result<(), Box<dyn StdError + Send + Sync>>> + Send;
}

/// What fetches, with its type forgotten.
pub(crate) trait Fetcher: Send + Sync {
    fn begin<'t>(
        &'t self,
        media: &'t Media,
        into: &'t mut Download,
    ) -> BoxFuture<'t, Result<(), Box<dyn StdError + Send + Sync>>>;
}

impl<T: Fetch> Fetcher for T {
    fn begin<'t>(
        &'t self,
        media: &'t Media,
        into: &'t mut Download,
    ) -> BoxFuture<'t, Result<(), Box<dyn StdError + Send + Sync>>> {
        Box::pin(self.fetch(media, into))
    }
}

/// What fetches files: those of a channel by its own, and all others by one for all.
#[derive(Clone, Default)]
pub(crate) struct Fetchers {
    for_all: Option<Arc<dyn Fetcher>>,
    by_channel: BTreeMap<String, Arc<dyn Fetcher>>,
}

impl Fetchers {
    pub(crate) fn set_for_all(&mut self, fetcher: impl Fetch) {
        self.for_all = Some(Arc::new(fetcher));
    }

    pub(crate) fn set(&mut self, channel: String, fetcher: impl Fetch) {
        self.by_channel.insert(channel, Arc::new(fetcher));
    }

    /// What fetches this file.
    fn of(&self, media: &Media) -> Option<&dyn Fetcher> {
        let own = media.channel().and_then(|channel| self.by_channel.get(channel));
        own.or(self.for_all.as_ref()).map(|fetcher| &**fetcher)
    }
}

/// How a turn fetches files.
#[derive(Clone, Copy)]
pub(crate) struct Fetching<'t> {
    pub(crate) fetchers: &'t Fetchers,
    pub(crate) limit: usize,
    pub(crate) patience: Duration,
}

impl Fetching<'_> {
    /// The bytes of the file.
    pub(crate) async fn fetch(self, media: &Media) -> Result<Bytes, FetchError> {
        let fetcher = self.fetchers.of(media).ok_or(FetchError::NoFetcher)?;
        let too_large = FetchError::TooLarge(TooLarge { limit: self.limit });
        if media.size().is_some_and(|size| usize::try_from(size).map_or(true, |size| size > self.limit)) {
            return Err(too_large);
        }
        let mut download = Download::within(self.limit);
        let until = deadline::end_of(self.patience);
        let within = until.saturating_duration_since(Instant::now());
        let ended = timeout_at(until, fetcher.begin(media, &mut download)).await;
        match ended {
            // Whatever the fetcher makes of it: half a file is none.
            _ if download.is_too_large => Err(too_large),
            Ok(Ok(())) => Ok(download.bytes.into()),
            Ok(Err(cause)) => Err(FetchError::Failed(FetchFailure(cause))),
            Err(_) => Err(FetchError::Late { within }),
        }
    }
}
