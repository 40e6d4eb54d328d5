//! A build without encryption: no certificate is checked or shown.

use redis::{Client, RedisError, cluster::ClusterClientBuilder};

use super::{Address, AddressError};

/// Certificates, of which this build has none.
#[derive(Default)]
pub(crate) struct Trust {}

impl Trust {
    #[expect(clippy::unused_self, reason = "with encryption there are certificates to use")]
    pub(crate) fn client(&self, address: &Address) -> Result<Client, AddressError> {
        Client::open(address.info().clone()).map_err(|_| AddressError::Form)
    }

    #[expect(clippy::unused_self, reason = "with encryption there are certificates to use")]
    pub(crate) fn cluster(&self, builder: ClusterClientBuilder, _: &[Address]) -> ClusterClientBuilder {
        builder
    }
}

/// Which check of a certificate failed: none in this build.
pub(crate) fn refusal(_: &RedisError) -> Option<&'static str> {
    None
}
