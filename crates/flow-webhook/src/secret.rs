//! What both sides sign with: a [`SigningSecret`].

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use crate::base64;

/// What libraries of the standard show secrets with.
const PREFIX: &str = "whsec_";

/// The secret that a webhook shares with the platform, as [Standard Webhooks](https://www.standardwebhooks.com) writes it: `whsec_`, and
/// 24 to 64 bytes in base64.
///
/// One is made by `echo "whsec_$(openssl rand -base64 32)"`.
///
/// ```
/// use flow_webhook::SigningSecret;
///
/// let secret: SigningSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".parse()?;
/// // The vector that the standard's own libraries are tested with.
/// let body = br#"{"email":"test@example.com","username":"test_user"}"#;
/// let signature = secret.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
/// assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
/// # Ok::<(), flow_webhook::BadSecret>(())
/// ```
///
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// What a request with this id, of this time in seconds, and with this body is signed with, as its header says it: `v1,…`. For a
    /// test that plays the platform, or a platform that is written in Rust.
    pub fn sign(&self, id: &str, at: i64, body: &[u8]) -> String {
        let signed = self.signed(id, &at.to_string(), body).finalize().into_bytes();
        format!("v1,{}", base64::write(&signed))
    }

    /// Whether one of these signatures is ours. However one is wrong, the answer takes the same time.
    pub(crate) fn knows(&self, id: &str, at: &str, body: &[u8], signatures: &[Vec<u8>]) -> bool {
        let signed = self.signed(id, at, body);
        // Each is looked at, so that the time does not tell which of them it was.
        signatures.iter().filter(|signature| signed.clone().verify_slice(signature).is_ok()).count() > 0
    }

    fn signed(&self, id: &str, at: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

/// Fails unless it is base64, with `whsec_` before it or without, of 24 to 64 bytes.
impl FromStr for SigningSecret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let text = text.trim();
        let bytes = base64::read(text.strip_prefix(PREFIX).unwrap_or(text)).ok_or(BadSecret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadSecret) }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The secret of a webhook is not what the standard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a webhook's secret is `whsec_` and 24 to 64 bytes in base64: echo \"whsec_$(openssl rand -base64 32)\" makes one"
)]
#[non_exhaustive]
pub struct BadSecret;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_none_is_refused_without_an_echo() {
        let short = base64::write(&[7; 23]);
        let long = base64::write(&[7; 65]);
        for text in ["", "whsec_", "canary", "whsec_canary canary canary canary can", &short, &long] {
            let error = text.parse::<SigningSecret>().expect_err("no secret");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        for bytes in [24, 32, 64] {
            let text = base64::write(&vec![7; bytes]);
            let secret = format!(" {PREFIX}{text}\n").parse::<SigningSecret>().expect("a secret");
            assert_eq!(secret.0, text.parse::<SigningSecret>().expect("a secret").0);
            assert_eq!(format!("{secret:?}"), "SigningSecret(***)");
        }
    }
}
