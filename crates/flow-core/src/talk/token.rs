//! What a button is sent as, so that it answers the question that it was shown with and no other: [`Token`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::base64url;

/// Names the visit of a state: from its entering to its leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VisitId([u8; 6]);

impl VisitId {
    /// The visit in which this write was the first to offer something. A write that is tried again has another id, and so no
    /// two visits have one.
    pub(crate) fn of(write_id: Uuid) -> Self {
        let mut id = [0; 6];
        id.copy_from_slice(&write_id.as_bytes()[..6]);
        Self(id)
    }

    pub(crate) fn bytes(self) -> [u8; 6] {
        self.0
    }
}

impl From<[u8; 6]> for VisitId {
    fn from(id: [u8; 6]) -> Self {
        Self(id)
    }
}

/// A button of a visit: `~`, the visit, and a hash of the payload. 15 letters, where Telegram allows 64.
///
/// It is no secret, and gives no power: it means what was offered to whoever presses it, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) visit: VisitId,
    payload: [u8; 4],
}

/// What a token begins with.
const MARK: &str = "~";

impl Token {
    pub(crate) fn new(visit: VisitId, payload: &str) -> Self {
        let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(payload));
        Self { visit, payload: [a, b, c, d] }
    }

    pub(crate) fn bytes(self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..6].copy_from_slice(&self.visit.0);
        bytes[6..].copy_from_slice(&self.payload);
        bytes
    }

    /// The token that this text is; none if it has not exactly the form of one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(MARK)?.as_bytes();
        let (visit, payload) = rest.split_at_checked(8)?;
        Some(Self { visit: VisitId(base64url::read(visit)?), payload: base64url::read(payload)? })
    }

    pub(crate) fn text(self) -> String {
        [MARK, &base64url::write(&self.visit.0), &base64url::write(&self.payload)].concat()
    }

    /// A payload as it is sent by a button of no question: as it is, but with one `~` more before what would otherwise be read as
    /// a token, or as a payload with one `~` more.
    pub(crate) fn spare(payload: &str) -> String {
        if Self::read(payload).is_some() || Self::spared(payload).is_some() {
            [MARK, payload].concat()
        } else {
            payload.to_owned()
        }
    }

    /// The payload that was sent with one `~` more; none if this was sent as it is.
    pub(crate) fn spared(text: &str) -> Option<&str> {
        let payload = text.strip_prefix(MARK)?;
        let token = payload.trim_start_matches(MARK);
        (payload.starts_with(MARK) && is_token_without_mark(token)).then_some(payload)
    }

    /// Whether it stands for this payload, in its visit.
    pub(crate) fn is_of(self, payload: &str) -> bool {
        self == Self::new(self.visit, payload)
    }
}

impl From<[u8; 10]> for Token {
    fn from(bytes: [u8; 10]) -> Self {
        let (mut visit, mut payload) = ([0; 6], [0; 4]);
        visit.copy_from_slice(&bytes[..6]);
        payload.copy_from_slice(&bytes[6..]);
        Self { visit: VisitId(visit), payload }
    }
}

fn is_token_without_mark(text: &str) -> bool {
    Token::read(&[MARK, text].concat()).is_some()
}

impl Serialize for VisitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::write(&self.0))
    }
}

impl<'de> Deserialize<'de> for VisitId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64url::read(text.as_bytes()).map(Self).ok_or_else(|| D::Error::custom("no id of a visit"))
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no token of a button"))
    }
}

/// The visit that a reply belongs to; none if it is of none, or was not said yet.
///
/// All are equal: two replies that say the same are equal, whenever they are said.
#[derive(Clone, Copy, Debug, Default, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Binding(pub(super) Option<VisitId>);

impl Binding {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for Binding {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_fifteen_letters_that_read_back() {
        let visit = VisitId::of(Uuid::from_u128(u128::MAX / 3));
        for payload in ["", "Yes", "a day with ä", &"x".repeat(4_000)] {
            let token = Token::new(visit, payload);
            assert_eq!((token.text().len(), Token::read(&token.text())), (15, Some(token)));
            assert!(token.is_of(payload) && !token.is_of("No"));
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_none() {
        let token = Token::new(VisitId::of(Uuid::nil()), "Yes").text();
        let others =
            ["", "~", "Yes", &token[1..], &token[..14], &format!("{token}A"), &token.to_uppercase().replace('~', "-")];
        for other in others.into_iter().chain(["~Ä", "~AAAAAAAÄA", "~AAAAAAAA AAAAA"]) {
            assert_eq!(Token::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_payload_that_looks_like_a_token_is_told_from_one() {
        let token = Token::new(VisitId::of(Uuid::nil()), "Yes").text();
        let (sent, twice) = (Token::spare(&token), Token::spare(&Token::spare(&token)));
        assert_eq!((sent.len(), twice.len(), Token::read(&sent)), (16, 17, None));
        assert_eq!([Token::spared(&sent), Token::spared(&twice)], [Some(&*token), Some(&*sent)]);
        for plain in ["", "~", "~~", "menu", "~menu", "~~menu", &token[1..], &format!("~{}", &token[..14])] {
            assert_eq!((&*Token::spare(plain), Token::spared(plain)), (plain, None));
        }
        assert_eq!(Token::spared(&token), None);
    }
}
