//! Encryption: the authorities that we trust, the certificate that we show, and which check failed.

use std::{error::Error, io, sync::Arc};

use redis::{Client, ClientTlsConfig, RedisError, TlsCertificates, cluster::ClusterClientBuilder};
use rustls::{
    AlertDescription, CertificateError,
    crypto::{CryptoProvider, ring},
};

use super::{Address, AddressError};

/// The authorities that we trust instead of the machine's, and the certificate that we show.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    /// Certificates of authorities, as PEM; none for those of the machine.
    pub(crate) authorities: Option<Vec<u8>>,
    /// Our certificate and its key, as PEM.
    pub(crate) identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Trust {
    /// The client for this address.
    ///
    /// Fails if the certificates or the key are none.
    pub(crate) fn client(&self, address: &Address) -> Result<Client, AddressError> {
        if !address.is_encrypted() {
            return Client::open(address.info().clone()).map_err(|_| AddressError::Form);
        }
        choose_cryptography();
        Client::build_with_tls(address.info().clone(), self.certificates()).map_err(|_| AddressError::Certificates)
    }

    /// The same, for the nodes of a cluster.
    pub(crate) fn cluster(&self, builder: ClusterClientBuilder, nodes: &[Address]) -> ClusterClientBuilder {
        if !nodes.iter().any(Address::is_encrypted) {
            return builder;
        }
        choose_cryptography();
        builder.certs(self.certificates())
    }

    fn certificates(&self) -> TlsCertificates {
        let identity = self.identity.clone();
        let client_tls = identity.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key });
        TlsCertificates { client_tls, root_cert: self.authorities.clone() }
    }
}

/// Chooses the process's cryptography if that has not been done: without a choice the first connection would panic.
fn choose_cryptography() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have chosen meanwhile; then that choice stands.
        let _ = ring::default_provider().install_default();
    }
}

/// Which check failed, if encryption is what went wrong.
pub(crate) fn refusal(error: &RedisError) -> Option<&'static str> {
    let cause = error.source()?;
    let cause = match cause.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(shared) => shared.downcast_ref::<io::Error>(),
        None => cause.downcast_ref::<io::Error>(),
    };
    Some(match cause?.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::UnknownIssuer => "nobody whom we trust has issued the server's certificate",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another name"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet"
            }
            _ => "the server's certificate is not valid",
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server wants a certificate of ours, and we have none"
        }
        rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied,
        ) => "the server does not accept our certificate",
        _ => "the server does not encrypt as we do",
    })
}
