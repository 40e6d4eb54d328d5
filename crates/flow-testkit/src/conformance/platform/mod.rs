//! What every [`Platform`](flow_http::platform::Platform) must do: one function a behaviour, each with a fresh [`Counterpart`].
//!
//! A counterpart is the platform itself, as a test plays it: it signs and delivers as the platform's documentation says, judges by the
//! documented limits what it is sent, and answers as the platform does when all is not well. It is written from the documentation and
//! not from the crate that is tested, so that two readings of the same page check each other.
//!
//! [`platform_conformance!`](crate::platform_conformance) makes a test of each behaviour. [`all`] gives them as a list, for a harness of
//! another kind. A behaviour that a platform does not have fails in words: what was done, what is promised, what had to come and what came
//! instead.
//!
//! What the trait leaves open, the suite decides:
//!
//! - A signature that is given twice is none, even if both are right: one of the two was put there by somebody else.
//! - A request whose signature covers a time is refused from one second beyond the window on, before and after.
//! - A field that is new changes nothing: a platform adds some every month.
//! - A text comes as it was written, with all its spaces.
//! - A message has an id, and the same one however often it is delivered.
//! - A wrong key of the bot loses no reply: an operator puts it right, and then all is sent.
//! - What a platform cannot do by its nature (buttons, several messages in one request, a key with a message) is not asked of it.

mod behaviour;
mod counterpart;
mod delivery;
mod hearing;
mod pressing;
mod random;
mod reading;
mod sample;
mod secrecy;
mod sending;
mod showing;
mod shown;
mod stage;
mod telling_apart;
mod trouble;
mod verifying;
mod whole;

pub use behaviour::all;
pub use counterpart::Counterpart;
pub use delivery::{Delivery, Signature, Signer};
pub use pressing::*;
pub use reading::*;
pub use sample::Sample;
pub use secrecy::*;
pub use sending::*;
pub use showing::*;
pub use shown::{Shown, Taken};
pub use telling_apart::*;
pub use trouble::Trouble;
pub use verifying::*;
pub use whole::*;

use super::promise::{broken, kept};
