//! One number of a business, as it is set up: [`WhatsApp`].

use std::{fmt, sync::Once};

use flow_core::engine::Doubt;
use flow_http::client::Client;
use thiserror::Error;

use crate::{
    bounded::{Answerable, Confirmed},
    graph::Graph,
    media::WhatsAppMedia,
    signature::Signatures,
    visitor::KnownBy,
};

/// What stands on the button that opens a list, unless it is set.
const LIST_LABEL: &str = "Choose";

/// The longest label of that button ("Interactive list messages").
const LONGEST_LIST_LABEL: usize = 20;

/// One number of a business on WhatsApp, by Meta's Cloud API. `Debug` shows none of its secrets.
///
/// ```
/// use flow_core::Secret;
/// use flow_http::platform::Line;
/// use flow_whatsapp::WhatsApp;
///
/// # fn example(token: &str, app_secret: &str, verify_token: &str, secret: Secret) -> Result<(), flow_whatsapp::Misconfigured> {
/// let whatsapp = WhatsApp::new("106540352242922", token)?.app_secret(app_secret)?.verify_token(verify_token)?;
/// let line = Line::new("whatsapp", whatsapp, secret);
/// # let _ = line;
/// # Ok(())
/// # }
/// # let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
/// # example("EAAJB", "0123456789abcdef", "a word of mine", secret).expect("well set up");
/// ```
pub struct WhatsApp {
    pub(crate) graph: Graph,
    pub(crate) signatures: Signatures,
    pub(crate) list_label: String,
    pub(crate) in_doubt: Doubt,
    pub(crate) known_by: KnownBy,
    pub(crate) confirmed: Confirmed,
    pub(crate) answerable: Answerable,
    /// Whether it was told that another number's messages come here.
    pub(crate) another_number: Once,
}

impl WhatsApp {
    /// The number of this id, for which the token speaks. Both stand in Meta's App Dashboard under "API Setup".
    ///
    /// Fails if the id is none, as the phone number itself is, or if the token is empty.
    pub fn new(number_id: impl Into<String>, token: impl Into<String>) -> Result<Self, Misconfigured> {
        let number_id = number_id.into();
        if number_id.is_empty() || !number_id.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Misconfigured::NumberId);
        }
        Ok(Self {
            graph: Graph::new(number_id, visible(&token.into()).ok_or(Misconfigured::Token)?),
            signatures: Signatures::default(),
            list_label: LIST_LABEL.to_owned(),
            in_doubt: Doubt::default(),
            known_by: KnownBy::default(),
            confirmed: Confirmed::default(),
            answerable: Answerable::default(),
            another_number: Once::new(),
        })
    }

    /// Knows what comes from Meta by the secret of the app: "App settings", "Basic", "App secret". Until it is set, nothing comes in.
    ///
    /// Fails if it is empty: what anybody signs would be known.
    pub fn app_secret(mut self, secret: impl Into<String>) -> Result<Self, Misconfigured> {
        self.signatures.present = Some(visible(&secret.into()).ok_or(Misconfigured::AppSecret)?);
        Ok(self)
    }

    /// Knows what comes from Meta by this secret, too: the one before, until Meta signs with the new one.
    ///
    /// Fails if it is empty.
    pub fn previous_app_secret(mut self, secret: impl Into<String>) -> Result<Self, Misconfigured> {
        self.signatures.previous = Some(visible(&secret.into()).ok_or(Misconfigured::AppSecret)?);
        Ok(self)
    }

    /// Answers Meta when it asks whether the webhook is ours: by this word, which is given to Meta with the webhook's address.
    ///
    /// Fails if it is empty.
    pub fn verify_token(mut self, token: impl Into<String>) -> Result<Self, Misconfigured> {
        self.signatures.verify_token = Some(visible(&token.into()).ok_or(Misconfigured::VerifyToken)?);
        Ok(self)
    }

    /// Writes this on the button that opens a list: in the language of the bot. "Choose" unless set.
    ///
    /// Fails if it is empty or longer than 20 characters.
    pub fn list_label(mut self, label: impl Into<String>) -> Result<Self, Misconfigured> {
        self.list_label = label.into();
        let fits = (1..=LONGEST_LIST_LABEL).contains(&self.list_label.encode_utf16().count());
        if fits { Ok(self) } else { Err(Misconfigured::ListLabel) }
    }

    /// Does this with a message of which it is not known whether it was sent, and of which no status has come. It is sent again
    /// unless this is set: rather twice than never.
    #[must_use]
    pub fn in_doubt(self, doubt: Doubt) -> Self {
        Self { in_doubt: doubt, ..self }
    }

    /// Knows visitors by their phone number where WhatsApp tells it: for a bot that writes first, to numbers that it has.
    ///
    /// Unless this is set, visitors are known by the id that they have for this business (BSUID), which stays when somebody takes a
    /// username and WhatsApp no longer tells the number. A conversation is another one when what it is known by changes.
    #[must_use]
    pub fn known_by_number(self) -> Self {
        Self { known_by: KnownBy::Number, ..self }
    }

    /// Speaks with a server at this address instead of `https://graph.facebook.com`: a stub, or somebody between.
    #[must_use]
    pub fn api(mut self, base: impl Into<String>) -> Self {
        base.into().trim_end_matches('/').clone_into(&mut self.graph.base);
        self
    }

    /// Speaks by this client.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.graph.client = client;
        self
    }

    /// What gets the files that visitors send to this number, for [`EngineBuilder::fetch_media`](flow_core::EngineBuilder::fetch_media).
    pub fn media(&self) -> WhatsAppMedia {
        WhatsAppMedia::new(self.graph.clone())
    }

    /// The number's id.
    pub fn number_id(&self) -> &str {
        &self.graph.number_id
    }
}

/// What can stand in a header, without the line's end that a file of secrets has.
fn visible(text: &str) -> Option<String> {
    let text = text.trim();
    let is_visible = !text.is_empty() && text.chars().all(|letter| !letter.is_control());
    is_visible.then(|| text.to_owned())
}

impl fmt::Debug for WhatsApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsApp").field("number_id", &self.graph.number_id).finish_non_exhaustive()
    }
}

/// A number is set up with what cannot be right. What was given is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misconfigured {
    /// It is no id of a number.
    #[error(
        "the id of a WhatsApp number is digits alone: the \"Phone number ID\" of \"API Setup\", and not the phone number"
    )]
    NumberId,
    /// The access token is none.
    #[error("the access token of WhatsApp is empty, or has a character that none has")]
    Token,
    /// The app secret is none.
    #[error("the app secret of WhatsApp is empty, or has a character that none has")]
    AppSecret,
    /// The verify token is none.
    #[error("the verify token of WhatsApp is empty, or has a character that none has")]
    VerifyToken,
    /// The label of a list is none.
    #[error("the label of WhatsApp's lists is empty, or longer than 20 characters")]
    ListLabel,
}
