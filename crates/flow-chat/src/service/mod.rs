//! A bot that is run as a service: its [`Settings`], from the environment and a file.
//!
//! An operator says where conversations are kept and what is done in which case, without a change of the code:
//!
//! ```sh
//! FLOW_STORE=redis://127.0.0.1 FLOW_ARCHIVE=postgres://127.0.0.1/salon FLOW_EXPIRY_IDLE=24h salon
//! ```
//!
//! and everything that is wrong is told at once, a line each:
//!
//! ```text
//! 3 mistakes in the settings
//! - `expiry.idel` (/etc/salon/flow.toml, line 7): there is no such setting; it may be `expiry.idle`
//! - `deadlines.store` (FLOW_DEADLINES_STORE): a number without a unit; it is a time such as `300ms`, `90s` or `1h 30m`
//! - `store`: it is missing; it is `sqlite:PATH`, `redis://HOST:PORT`, …
//! ```
//!
//! In reading order: [`Settings`], [`Storage`], [`Sources`], [`Key`], [`ChannelSecrets`], [`Mistakes`]; with a platform, `Channels`. All settings are listed in the operator's
//! guide, and by [`Settings::keys`].

mod channels;
mod entry;
mod file;
mod hidden;
mod key;
mod mistake;
mod nearest;
mod origin;
mod parts;
mod place;
mod reading;
mod settings;
#[cfg(feature = "http")]
mod site;
mod sources;
mod storage;
mod table;
mod telling;
mod whole;
mod written;

pub use channels::ChannelSecrets;
#[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
pub use channels::{Channels, Standing};
pub use key::Key;
pub use mistake::{Mistake, Mistakes};
pub use origin::Origin;
pub use settings::Settings;
pub use sources::Sources;
pub use storage::{Storage, StorageError};
