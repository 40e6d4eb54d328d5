//! The name of a conversation: [`SessionId`], and the [`Secret`] that ids are derived under.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;
use uuid::{Builder, Uuid};

use crate::Address;

/// The name of one session: always a UUID, always made by the server.
///
/// ```
/// use flow_core::{Secret, SessionId};
///
/// let secret = Secret::new("a secret of at least sixteen bytes")?;
/// let id = SessionId::derived(&secret, "whatsapp", "+1 234 567 890");
/// assert_eq!(id, SessionId::derived(&secret, "whatsapp", "+1 234 567 890"));
/// assert_ne!(id, SessionId::derived(&secret, "telegram", "+1 234 567 890"));
/// # Ok::<(), flow_core::WeakSecret>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(Uuid);

impl SessionId {
    /// A new id out of the operating system's randomness.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The one id that this user of this channel has under `secret` (an HMAC).
    ///
    /// Without the secret an id does not tell which user it belongs to, and the id of another user cannot be guessed.
    pub fn derived(secret: &Secret, channel: &str, user: &str) -> Self {
        let mut mac = secret.mac();
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        mac.update(&(channel.len() as u64).to_be_bytes());
        mac.update(channel.as_bytes());
        mac.update(user.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The one id that whoever is reached at this address has under `secret`: derived of the channel's name and the place.
    ///
    /// Where several people write from one place, a group say, [`derived`](Self::derived) with the name of the one who writes
    /// gives each a session.
    pub fn reached_at(secret: &Secret, address: &Address) -> Self {
        Self::derived(secret, address.channel(), address.place())
    }

    /// The id as a UUID.
    pub fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    /// Reads the hyphenated form, in either case.
    ///
    /// Fails on everything else, the nil UUID included; the error does not repeat what was given.
    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        if text.len() != uuid::fmt::Hyphenated::LENGTH {
            return Err(InvalidSessionId);
        }
        match Uuid::try_parse(text) {
            Ok(uuid) if !uuid.is_nil() => Ok(Self(uuid)),
            _ => Err(InvalidSessionId),
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = InvalidSessionId;

    fn try_from(text: String) -> Result<Self, InvalidSessionId> {
        text.parse()
    }
}

impl TryFrom<Uuid> for SessionId {
    type Error = InvalidSessionId;

    fn try_from(uuid: Uuid) -> Result<Self, InvalidSessionId> {
        if uuid.is_nil() { Err(InvalidSessionId) } else { Ok(Self(uuid)) }
    }
}

/// What was given is no session id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a session id: a UUID in its hyphenated form is expected")]
pub struct InvalidSessionId;

/// What names a session: its [`SessionId`]. Sealed: nothing else does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no session id",
    label = "whose message it is",
    note = "for somebody new write `SessionId::random()`; for a visitor whom a channel knows, `SessionId::derived(&secret, \"web\", \"visitor-7\")`"
)]
pub trait Identifies: sealed::Sealed {
    #[doc(hidden)]
    fn session_id(self) -> SessionId;
}

impl Identifies for SessionId {
    fn session_id(self) -> SessionId {
        self
    }
}

impl Identifies for &SessionId {
    fn session_id(self) -> SessionId {
        *self
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::SessionId {}
    impl Sealed for &super::SessionId {}
}

/// The key that session ids are derived under. Its `Debug` shows nothing of it.
///
/// ```
/// use flow_core::Secret;
///
/// let secret = Secret::new("a secret of at least sixteen bytes")?;
/// assert_eq!(format!("{secret:?}"), "Secret(***)");
/// assert!(Secret::new("too short").is_err());
/// # Ok::<(), flow_core::WeakSecret>(())
/// ```
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The fewest bytes that a secret may have.
    pub const SHORTEST: usize = 16;

    /// Takes the bytes of the secret.
    ///
    /// Fails if there are fewer than [`Secret::SHORTEST`]: the ids could be guessed.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, WeakSecret> {
        let bytes = bytes.into();
        if bytes.len() < Self::SHORTEST { Err(WeakSecret) } else { Ok(Self(bytes)) }
    }

    /// A tag by which these bytes are known again to be ours: an HMAC. What is tagged for one purpose is not known for another.
    ///
    /// With it an id can be given to a client and be taken back, and one that the client has invented opens nothing.
    ///
    /// ```
    /// use flow_core::Secret;
    ///
    /// let secret = Secret::new("a secret of at least sixteen bytes")?;
    /// let tag = secret.tag("visitors", b"visitor 7");
    /// assert!(secret.knows("visitors", b"visitor 7", &tag));
    /// assert!(secret.knows("visitors", b"visitor 7", &tag[..16]));
    /// assert!(!secret.knows("visitors", b"visitor 8", &tag));
    /// assert!(!secret.knows("operators", b"visitor 7", &tag));
    /// # Ok::<(), flow_core::WeakSecret>(())
    /// ```
    pub fn tag(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.mac_for(purpose, bytes).finalize().into_bytes().into()
    }

    /// Whether this is a [`tag`](Self::tag) of these bytes, or the beginning of one: sixteen bytes of it at least. However it is
    /// wrong, the answer takes the same time.
    pub fn knows(&self, purpose: &str, bytes: &[u8], tag: &[u8]) -> bool {
        tag.len() >= Self::SHORTEST && self.mac_for(purpose, bytes).verify_truncated_left(tag).is_ok()
    }

    fn mac_for(&self, purpose: &str, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac();
        // No channel's name is so long: what is tagged is no derived id.
        mac.update(&u64::MAX.to_be_bytes());
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(bytes);
        mac
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The secret is shorter than [`Secret::SHORTEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the secret needs at least {} bytes", Secret::SHORTEST)]
pub struct WeakSecret;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_session_id_is_refused_without_an_echo() {
        let huge = "9".repeat(100_000);
        for forged in ["", " ", "abc", "../../etc/passwd", "00000000-0000-0000-0000-000000000000", &huge] {
            let error = forged.parse::<SessionId>().expect_err("forged").to_string();
            assert!(forged.trim().is_empty() || !error.contains(forged), "{error}");
        }
        let braced = "{6fa459ea-ee8a-4ca4-894e-db77e160355e}";
        assert_eq!(braced.parse::<SessionId>(), Err(InvalidSessionId));
        assert_eq!("6fa459eaee8a4ca4894edb77e160355e".parse::<SessionId>(), Err(InvalidSessionId));
    }

    #[test]
    fn an_id_reads_back_from_what_it_displays() {
        let id = SessionId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
    }

    #[test]
    fn a_derived_id_depends_on_secret_channel_and_user_and_on_where_they_part() {
        let one = Secret::new("0123456789abcdef").expect("long enough");
        let two = Secret::new("0123456789abcdeF").expect("long enough");
        let id = SessionId::derived(&one, "ab", "c");
        assert_ne!(id, SessionId::derived(&two, "ab", "c"));
        assert_ne!(id, SessionId::derived(&one, "a", "bc"));
        assert_eq!(id.as_uuid().get_version_num(), 8);
    }

    #[test]
    fn a_derived_id_stays_the_same_from_release_to_release() {
        let secret = Secret::new("0123456789abcdef").expect("long enough");
        let id = SessionId::derived(&secret, "whatsapp", "+1 234 567 890");
        insta::assert_snapshot!(id, @"e2a86d24-a339-88cf-83f2-8303c4403191");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(Secret::new("too short").err(), Some(WeakSecret));
    }
}
