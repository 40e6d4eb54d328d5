//! Conversations that survive.

mod clock;
mod input;
mod record;
mod reply;
mod session_id;
pub mod store;

pub use clock::{Clock, SystemClock};
pub use input::{Button, Input, Message, Signal, Timer};
pub use record::{NoStamp, Record, Stamp};
pub use reply::{Choice, Reply};
pub use session_id::{InvalidSessionId, Secret, SessionId, WeakSecret};
pub use store::{Store, StoreError};
