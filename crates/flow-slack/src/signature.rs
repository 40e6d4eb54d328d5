//! Whether a request is Slack's: what it signs with, and what it signs.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that Slack shows as the app's "Signing Secret".
#[derive(Clone)]
pub(crate) struct SigningSecret(String);

impl SigningSecret {
    pub(crate) fn new(secret: impl Into<String>) -> Self {
        Self(secret.into().trim().to_owned())
    }

    /// Whether this is the signature of these bytes at this time, as "Verifying requests from Slack" has it. However it is wrong, the
    /// answer takes the same time.
    pub(crate) fn knows(&self, at: &str, body: &[u8], signature: &[u8]) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes a key of any length");
        for part in [b"v0:", at.as_bytes(), b":", body] {
            mac.update(part);
        }
        // With no secret at all, anybody could sign.
        mac.verify_slice(signature).is_ok() && !self.0.is_empty()
    }
}

/// The bytes that a header's `v0=…` says; none if it says none.
pub(crate) fn read(header: &str) -> Option<Vec<u8>> {
    let digits = header.strip_prefix("v0=")?.as_bytes();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |pair: &[u8]| u8::try_from(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?).ok();
    digits.chunks(2).map(byte).collect()
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}
