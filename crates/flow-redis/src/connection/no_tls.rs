//! A build without encryption: there is nobody to trust, and nothing of it to go wrong.

use redis::{Client, RedisError, cluster::ClusterClientBuilder};

use super::{Address, AddressError};

/// Nothing.
#[derive(Default)]
pub(crate) struct Trust {}

impl Trust {
    #[expect(clippy::unused_self, reason = "with encryption there is somebody to trust")]
    pub(crate) fn client(&self, address: &Address) -> Result<Client, AddressError> {
        Client::open(address.info().clone()).map_err(|_| AddressError::Form)
    }

    #[expect(clippy::unused_self, reason = "with encryption there is somebody to trust")]
    pub(crate) fn cluster(&self, builder: ClusterClientBuilder, _: &[Address]) -> ClusterClientBuilder {
        builder
    }
}

/// It never is what went wrong.
pub(crate) fn refusal(_: &RedisError) -> Option<&'static str> {
    None
}
