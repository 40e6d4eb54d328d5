//! Whether a request comes from Meta: [`Signatures`].

use flow_http::{
    axum::{
        extract::Query,
        http::{Method, Uri},
    },
    platform::{Forged, Hook},
};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// The header with the HMAC of a request's body ("Webhooks", "Validate payloads").
const HEADER: &str = "x-hub-signature-256";

/// By what Meta is known. What is not set knows nothing.
#[derive(Default)]
pub(crate) struct Signatures {
    pub(crate) present: Option<String>,
    /// The app secret of before, while Meta may sign with either.
    pub(crate) previous: Option<String>,
    pub(crate) verify_token: Option<String>,
}

/// What Meta asks when it is told of a webhook ("Create a webhook endpoint").
#[derive(Deserialize)]
pub(crate) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
    #[serde(rename = "hub.challenge", default)]
    pub(crate) challenge: String,
}

impl Signatures {
    /// Fails unless the request is a handshake with our token, or its body is signed with one of our secrets.
    pub(crate) fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        if hook.method() == Method::GET {
            return self.verify_handshake(hook.uri());
        }
        let tag = hook.header(HEADER).ok_or(Forged::Unsigned)?;
        let tag = tag.strip_prefix("sha256=").and_then(bytes_of).ok_or(Forged::Wrong)?;
        // No short cut: the time does not tell which of them it was.
        let known = [&self.present, &self.previous]
            .map(|secret| secret.as_ref().is_some_and(|secret| signs(secret, hook.body(), &tag)));
        if known == [false, false] { Err(Forged::Wrong) } else { Ok(()) }
    }

    fn verify_handshake(&self, uri: &Uri) -> Result<(), Forged> {
        let handshake = Handshake::of(uri).ok_or(Forged::Unsigned)?;
        let token = self.verify_token.as_deref().ok_or(Forged::Wrong)?;
        // The tags are compared, so that the time tells nothing of how much of the token was right.
        let tag = mac(token, token.as_bytes()).finalize().into_bytes();
        let is_ours = handshake.mode == "subscribe" && signs(token, handshake.verify_token.as_bytes(), &tag);
        if is_ours { Ok(()) } else { Err(Forged::Wrong) }
    }
}

impl Handshake {
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Query::try_from_uri(uri).ok().map(|Query(handshake)| handshake)
    }
}

fn signs(secret: &str, bytes: &[u8], tag: &[u8]) -> bool {
    mac(secret, bytes).verify_slice(tag).is_ok()
}

fn mac(secret: &str, bytes: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.chain_update(bytes)
}

/// The bytes that these 64 hexadecimal digits are.
fn bytes_of(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
