//! Encryption: the authorities that we trust, the certificate that we show, and which check failed.

use std::{error::Error, io, iter, sync::Arc};

use deadpool_postgres::{Manager, ManagerConfig};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Address, AddressError, Subscription};
use crate::postgres_failure::PostgresFailure;

/// The authorities that we trust instead of the machine's, and the certificate that we show.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    /// Certificates of authorities, as PEM; none for those of the machine.
    pub(crate) authorities: Option<Vec<u8>>,
    /// Our certificate and its key, as PEM.
    pub(crate) identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Trust {
    /// What makes connections to this address.
    ///
    /// Fails if the certificates or the key are none.
    pub(crate) fn manager(&self, address: &Address, config: ManagerConfig) -> Result<Manager, AddressError> {
        if !address.is_encrypted() {
            return Ok(Manager::from_config(address.config().clone(), NoTls, config));
        }
        let client = self.client().ok_or(AddressError::Certificates)?;
        Ok(Manager::from_config(address.config().clone(), MakeRustlsConnect::new(client), config))
    }

    /// A connection to this address, of its own, on which the channels are heard.
    pub(crate) async fn subscribe(
        &self,
        address: &Address,
        channels: &[&str],
    ) -> Result<Subscription, PostgresFailure> {
        if !address.is_encrypted() {
            return Subscription::to(channels, address.config().connect(NoTls)).await;
        }
        // The certificates were looked at when the pool was made.
        let client = self.client().ok_or(PostgresFailure::Untrusted("the certificates or the key cannot be used"))?;
        Subscription::to(channels, address.config().connect(MakeRustlsConnect::new(client))).await
    }

    fn client(&self) -> Option<ClientConfig> {
        // The process's cryptography, if it has chosen one.
        let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
        let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        let client = client.with_root_certificates(self.roots()?);
        match &self.identity {
            Some((certificate, key)) => {
                client.with_client_auth_cert(certificates(certificate)?, PrivateKeyDer::from_pem_slice(key).ok()?).ok()
            }
            None => Some(client.with_no_client_auth()),
        }
    }

    fn roots(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        match &self.authorities {
            Some(authorities) => {
                for certificate in certificates(authorities)? {
                    roots.add(certificate).ok()?;
                }
            }
            // A machine may have certificates that cannot be read.
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        Some(roots)
    }
}

/// At least one certificate.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    (!certificates.is_empty()).then_some(certificates)
}

/// Which check failed, if encryption is what went wrong.
pub(crate) fn refusal(error: &tokio_postgres::Error) -> Option<&'static str> {
    let causes = iter::successors(error.source(), |cause| (*cause).source());
    let mut failures = causes.filter_map(|cause| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.and_then(|inner| inner.downcast_ref()).or_else(|| cause.downcast_ref::<rustls::Error>())
    });
    Some(match failures.next()? {
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
