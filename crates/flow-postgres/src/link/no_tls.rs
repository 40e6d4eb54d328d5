//! A build without encryption: no certificate is checked or shown.

use deadpool_postgres::{Manager, ManagerConfig};
use tokio_postgres::NoTls;

use super::{Address, AddressError, Subscription};
use crate::postgres_failure::PostgresFailure;

/// Certificates, of which this build has none.
#[derive(Clone, Default)]
pub(crate) struct Trust {}

impl Trust {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with encryption there are certificates to use")]
    pub(crate) fn manager(&self, address: &Address, config: ManagerConfig) -> Result<Manager, AddressError> {
        Ok(Manager::from_config(address.config().clone(), NoTls, config))
    }

    pub(crate) async fn subscribe(
        &self,
        address: &Address,
        channels: &[&str],
    ) -> Result<Subscription, PostgresFailure> {
        Subscription::to(channels, address.config().connect(NoTls)).await
    }
}

/// Which check of a certificate failed: none in this build.
pub(crate) fn refusal(_: &tokio_postgres::Error) -> Option<&'static str> {
    None
}
