//! Files that visitors sent: [`WhatsAppMedia`].

use std::error::Error as StdError;

use flow_core::{Download, Fetch, Media};
use flow_http::client::{Answer, NoAnswer};
use serde::Deserialize;
use thiserror::Error;

use crate::graph::{Graph, GraphError};

/// Gets the files that visitors send to a number, when a handler asks: given to an engine with
/// [`EngineBuilder::fetch_media`](flow_core::EngineBuilder::fetch_media).
///
/// ```
/// # use flow_core::{EngineBuilder, Flow};
/// # use flow_whatsapp::WhatsApp;
/// fn with_files<F: Flow>(builder: EngineBuilder<F>, whatsapp: &WhatsApp) -> EngineBuilder<F> {
///     builder.fetch_media(whatsapp.media())
/// }
/// ```
///
/// A file is there for seven days from when it was sent ("Media": "Media IDs in webhooks expire after 7 days").
#[derive(Clone, Debug)]
pub struct WhatsAppMedia(Graph);

/// Where a file is: for five minutes, and for the number's token alone.
#[derive(Deserialize)]
struct Found {
    url: String,
    #[serde(default)]
    file_size: Option<usize>,
}

impl WhatsAppMedia {
    pub(crate) fn new(graph: Graph) -> Self {
        Self(graph)
    }
}

impl Fetch for WhatsAppMedia {
    async fn fetch(&self, media: &Media, into: &mut Download) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let id = media.reference();
        // It becomes part of an address.
        if id.is_empty() || !id.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(MediaError::Foreign.into());
        }
        let told = answered(self.0.ask(&format!("{id}?phone_number_id={}", self.0.number_id)).await)?;
        let found: Found = told.json()?;
        // A file that is too large is not begun.
        found.file_size.map_or(Ok(()), |size| into.expect(size))?;
        // With a byte to spare, so that one which is larger than was told is known to be.
        let file = answered(self.0.get(&found.url, into.limit().saturating_add(1)).await)?;
        into.push(file.body())?;
        Ok(())
    }
}

fn answered(answer: Result<Answer, NoAnswer>) -> Result<Answer, MediaError> {
    let answer = answer.map_err(|no_answer| MediaError::NoAnswer(no_answer.to_string()))?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    match (GraphError::of(&answer), answer.status().as_u16()) {
        (Some(GraphError { code: 100, .. }), _) | (_, 404) => Err(MediaError::Gone),
        (Some(GraphError { code, .. }), status) => Err(MediaError::Refused { status, code: Some(code) }),
        (None, status) => Err(MediaError::Refused { status, code: None }),
    }
}

/// A file that a visitor sent cannot be got.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MediaError {
    /// It is none of WhatsApp's.
    #[error("the file is named as WhatsApp names none")]
    Foreign,
    /// It was sent more than seven days ago, or to another number.
    #[error("WhatsApp does not have the file any more, or not for this number")]
    Gone,
    /// WhatsApp refuses it.
    #[error("WhatsApp refuses the file, with status {status}{}", code.map(|code| format!(" and error {code}")).unwrap_or_default())]
    Refused {
        /// The status of its answer.
        status: u16,
        /// The code of its error, if it tells one.
        code: Option<i64>,
    },
    /// There was no answer.
    #[error("WhatsApp did not answer for the file: {0}")]
    NoAnswer(String),
}
