//! What encryption needs of the process.

use rustls::crypto::{CryptoProvider, ring};

/// Chooses the process's cryptography if nobody has: without a choice the first connection would panic.
pub(crate) fn choose_cryptography() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have chosen meanwhile; then that choice stands.
        let _ = ring::default_provider().install_default();
    }
}
