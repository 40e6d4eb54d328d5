//! What a platform's answer means for a message.

use std::time::Duration;

use flow_core::{Fate, engine::Scope};
use flow_http::client::Answer;
use thiserror::Error;

/// How long nothing is sent to an address that takes nothing: it is mended by a person.
const REST: Duration = Duration::from_secs(60);

#[derive(Debug, Error)]
#[error("the webhook answered with status {0}")]
struct Refused(u16);

/// What becomes of a message that was answered so.
pub(crate) fn fate(answer: &Answer) -> Result<(), Fate> {
    let status = answer.status().as_u16();
    match (status, answer.retry_after()) {
        (200..=299, _) => Ok(()),
        (400 | 403 | 410 | 413 | 415 | 422, _) => {
            Err(Fate::never(format!("the webhook refused it for good, with status {status}")))
        }
        // It is about the address and no message of it, so it does not count as a try.
        (300..=399 | 401 | 404 | 405 | 407, _) => {
            tracing::error!(status, "a webhook takes no message at all: its address or its secret is wrong");
            Err(Fate::again_after(REST, Scope::Channel))
        }
        (_, Some(time)) => Err(Fate::again_after(time, Scope::Channel)),
        // It asks to be left alone, and does not say for how long: that is no fault of the message's.
        (429 | 503, None) => Err(Fate::again_after(Duration::ZERO, Scope::Channel)),
        // What answers stands before the platform, which may have had the message.
        (502 | 504, None) => Err(Fate::in_doubt(Refused(status))),
        (_, None) => Err(Refused(status).into()),
    }
}
