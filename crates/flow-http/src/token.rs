//! The names by which clients come back to their sessions, issued and signed by the server: [`Tokens`].

use std::fmt;

use flow_core::{Secret, SessionId};
use uuid::Uuid;

/// What a tag is for.
const PURPOSE: &str = "flow-http: token";

/// How many bytes of a tag a token has: as many as nobody can guess.
const TAG: usize = 16;

/// Issues the names by which clients come back to their sessions, and knows them again. One that was invented opens nothing.
///
/// A token is a secret of its client: whoever has it reads and says what that client may.
///
/// ```
/// use flow_core::{Secret, SessionId};
/// use flow_http::Tokens;
///
/// let tokens = Tokens::signed_with(Secret::new("a secret of at least sixteen bytes")?);
/// let (id, token) = tokens.issue();
/// assert_eq!(tokens.session(&token), Some(id));
/// assert_eq!(tokens.session(&token.replace('A', "B").replace('b', "c")), None);
///
/// // The secret is changed; tokens of before are known as long as it stands here.
/// let renewed = Tokens::signed_with(Secret::new("another secret of sixteen bytes")?).known_by(Secret::new("a secret of at least sixteen bytes")?);
/// assert_eq!(renewed.session(&token), Some(id));
/// # Ok::<(), flow_core::WeakSecret>(())
/// ```
#[derive(Clone)]
pub struct Tokens {
    secret: Secret,
    before: Vec<Secret>,
}

impl Tokens {
    /// Issues tokens with this secret, which all processes of a bot share.
    pub fn signed_with(secret: Secret) -> Self {
        Self { secret, before: Vec::new() }
    }

    /// Knows tokens that were issued with an earlier secret, too.
    #[must_use]
    pub fn known_by(mut self, before: Secret) -> Self {
        self.before.push(before);
        self
    }

    /// A token for a session that there is not yet.
    pub fn issue(&self) -> (SessionId, String) {
        let id = SessionId::random();
        (id, self.token_of(id))
    }

    /// The token of this session.
    pub fn token_of(&self, id: SessionId) -> String {
        let bytes = id.as_uuid().into_bytes();
        let tag = self.secret.tag(PURPOSE, &bytes);
        let mut token = String::with_capacity(2 * (bytes.len() + TAG));
        for byte in bytes.iter().chain(&tag[..TAG]) {
            token.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            token.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
        token
    }

    /// The session that a token names; none if it was not issued here.
    pub fn session(&self, token: &str) -> Option<SessionId> {
        let bytes = read(token)?;
        let (id, tag) = bytes.split_at(16);
        let mut secrets = std::iter::once(&self.secret).chain(&self.before);
        secrets.any(|secret| secret.knows(PURPOSE, id, tag)).then_some(())?;
        Uuid::from_slice(id).ok()?.to_string().parse().ok()
    }
}

/// Without the secrets.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// The bytes that a token is written of; none if it is none.
fn read(token: &str) -> Option<[u8; 16 + TAG]> {
    let mut bytes = [0; 16 + TAG];
    let digits = token.as_bytes();
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        // One way to write each, so that no two tokens are one.
        let digit = |digit: u8| char::from(digit).to_digit(16).filter(|_| !digit.is_ascii_uppercase());
        *byte = u8::try_from(digit(digits[0])? << 4 | digit(digits[1])?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::signed_with(Secret::new(secret).expect("long enough"))
    }

    #[test]
    fn a_token_that_was_changed_anywhere_or_issued_elsewhere_opens_nothing() {
        let tokens = tokens("a secret of at least sixteen bytes");
        let (id, token) = tokens.issue();
        assert_eq!(tokens.session(&token), Some(id));
        for place in 0..token.len() {
            for other in ["0", "f"] {
                let mut forged = token.clone();
                forged.replace_range(place..=place, other);
                assert_eq!(tokens.session(&forged), (forged == token).then_some(id), "{place}");
            }
        }
        let elsewhere = Tokens::signed_with(Secret::new("another one of sixteen bytes").expect("long enough"));
        assert_eq!(elsewhere.session(&token), None);
        for nonsense in ["", "abc", &id.to_string(), &token.to_uppercase(), &token[..62], &format!("{token}00"), "ä"] {
            assert!(nonsense == token || tokens.session(nonsense).is_none(), "{nonsense}");
        }
    }
}
