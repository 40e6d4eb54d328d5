//! Who may speak for which session: [`Access`].

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, header::AUTHORIZATION, request::Parts};
use flow_core::SessionId;

use crate::Tokens;

/// Says for which session a request speaks. It is never an id from the client that decides.
#[derive(Clone)]
pub struct Access(pub(crate) Way);

#[derive(Clone)]
pub(crate) enum Way {
    Tokens(Tokens),
    Asked(Arc<Asked>),
}

type Asked = dyn Fn(&Parts) -> Result<SessionId, Refused> + Send + Sync;

/// A request speaks for no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It does not say who it comes from, or that is not known.
    #[error("it is not known who asks")]
    Unknown,
    /// Whoever it comes from may not speak here.
    #[error("whoever asks may not speak here")]
    Forbidden,
}

impl Access {
    /// A client opens a session without telling who it is, and comes back with the token that it was given: for a chat on a page
    /// that anybody may visit.
    pub fn by_token(tokens: Tokens) -> Self {
        Self(Way::Tokens(tokens))
    }

    /// An app says for which session a request speaks, by what it knows of its own users.
    ///
    /// ```
    /// use flow_core::{Secret, SessionId};
    /// use flow_http::{Access, Refused};
    ///
    /// let secret = Secret::new("a secret of at least sixteen bytes")?;
    /// let access = Access::by(move |request| {
    ///     // What the app's own middleware has found out.
    ///     let user = request.extensions.get::<String>().ok_or(Refused::Unknown)?;
    ///     Ok(SessionId::derived(&secret, "app", user))
    /// });
    /// # Ok::<(), flow_core::WeakSecret>(())
    /// ```
    pub fn by(session_of: impl Fn(&Parts) -> Result<SessionId, Refused> + Send + Sync + 'static) -> Self {
        Self(Way::Asked(Arc::new(session_of)))
    }

    /// The session that a request speaks for.
    pub(crate) fn session_of(&self, request: &Parts) -> Result<SessionId, Refused> {
        match &self.0 {
            Way::Tokens(tokens) => {
                bearer(&request.headers).and_then(|token| tokens.session(token)).ok_or(Refused::Unknown)
            }
            Way::Asked(session_of) => session_of(request),
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Way::Tokens(_) => "Access(by token)",
            Way::Asked(_) => "Access(by the app)",
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
