//! What a pressed button means: an answer to the present question, or nothing any more.

use std::borrow::Cow;

use super::{Turns, draft::Draft, request::Stop};
use crate::{Flow, Input, Message, Session, session::Press, talk::token::Token};

/// A message, with the payload that its button stands for; one that names a choice is that choice's button.
pub(super) struct Meant<'m> {
    pub(super) message: Cow<'m, Message>,
    /// Whether it is a button whose question is over.
    pub(super) is_over: bool,
}

impl<'m> Meant<'m> {
    /// What the message means to this session; none if no question of before can be answered any more.
    pub(super) fn to<F: Flow>(session: Option<&Session<F>>, message: &'m Message) -> Self {
        if let (Input::Text(said), Some(session)) = (message.input(), session)
            && let Some(choice) = session.named(said)
        {
            return Self { message: Cow::Owned(message.clone().choosing(choice)), is_over: false };
        }
        let Some(token) = token_of(message) else {
            let spared = payload_of(message).and_then(Token::spared).map(str::to_owned);
            let spared = spared.map(|payload| Cow::Owned(message.clone().with_payload(payload)));
            return Self { message: spared.unwrap_or(Cow::Borrowed(message)), is_over: false };
        };
        let (payload, is_over) = match session.map(|session| session.press(token)) {
            Some(Press::Answer(payload)) => (payload, false),
            // What was offered under it is not known any more, and nothing else is said for it.
            Some(Press::Again { .. } | Press::Over) | None => (String::new(), true),
        };
        Self { message: Cow::Owned(message.clone().with_payload(payload)), is_over }
    }

    /// The same, to a question that the visitor has not seen when they wrote it: a number of it was meant for another one.
    pub(super) fn unless_number_of<F: Flow>(self, session: &Session<F>) -> Self {
        let is_number = matches!(self.message.input(), Input::Text(said) if session.picks_unseen(said));
        Self { is_over: self.is_over || is_number, ..self }
    }
}

impl<F: Flow> Turns<F> {
    /// Says that the button's question is over, and asks the present one.
    pub(super) async fn tell_over(&self, draft: Draft<F>, message: &Message) -> Result<Draft<F>, Stop> {
        // It is no answer, and may be days old: no sign of life. A session that it takes up would be expired again at once.
        let is_taken_up = draft.resumed.is_some();
        let mut draft = if is_taken_up { draft } else { draft.without_renewal() };
        if let Some(language) = message.language() {
            draft.session.speak(Some(language.to_owned()));
        }
        draft.replies.push(self.settings.phrases.question_is_over.clone());
        self.ask(&mut draft).await?;
        Ok(draft)
    }

    /// Says that what was answered is over, where the present question has just been asked.
    pub(super) fn tell_over_before_question(&self, mut draft: Draft<F>) -> Draft<F> {
        let place = draft.replies.len().saturating_sub(1);
        draft.replies.insert(place, self.settings.phrases.question_is_over.clone());
        draft
    }
}

/// The token that was pressed; none if it is another input, or a button that is no token: a menu's, or one of a channel that has
/// not sent it as a token.
pub(super) fn token_of(message: &Message) -> Option<Token> {
    payload_of(message).and_then(Token::read)
}

fn payload_of(message: &Message) -> Option<&str> {
    match message.input() {
        Input::Button(button) => Some(&button.payload),
        _ => None,
    }
}
