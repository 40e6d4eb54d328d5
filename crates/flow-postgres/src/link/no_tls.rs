//! A build without encryption: there is nobody to trust, and nothing of it to go wrong.

use deadpool_postgres::{Manager, ManagerConfig};
use tokio_postgres::NoTls;

use super::{Address, AddressError};

/// Nothing.
#[derive(Clone, Default)]
pub(crate) struct Trust {}

impl Trust {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with encryption there is somebody to trust")]
    pub(crate) fn manager(&self, address: &Address, config: ManagerConfig) -> Result<Manager, AddressError> {
        Ok(Manager::from_config(address.config().clone(), NoTls, config))
    }
}

/// It never is what went wrong.
pub(crate) fn refusal(_: &tokio_postgres::Error) -> Option<&'static str> {
    None
}
