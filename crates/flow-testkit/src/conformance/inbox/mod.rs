//! What waits beside a record: letters, in their order, until a commit takes them off.

mod keeping;
mod taking;
mod waking;

pub use keeping::*;
pub use taking::*;
pub use waking::*;

use flow_core::store::Letter;
use uuid::Uuid;

/// A letter of its own name that says this.
fn letter(body: &'static [u8]) -> Letter {
    Letter::new(Uuid::new_v4().into_bytes(), body)
}
