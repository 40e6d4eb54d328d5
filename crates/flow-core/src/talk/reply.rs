//! What goes out: a [`Reply`], the values that [`Speak`] in it, and a [`Reask`] where an answer was not understood.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use super::{
    Choice, ReplyButton,
    token::{Binding, VisitId},
};

/// One thing said to the visitor: a text, perhaps with choices and a link.
///
/// ```
/// use flow_core::Reply;
///
/// let reply = Reply::new("That is 12 euros.").with_choices(["Pay", "Cancel"]).with_link("https://pay.example/7");
/// assert_eq!((reply.text(), reply.choices().len()), ("That is 12 euros.", 2));
/// assert_eq!(reply.link(), Some("https://pay.example/7"));
/// ```
///
/// `Debug` tells the shape and never the text: replies speak of people.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// The visit of the state that the choices answer.
    #[serde(default, skip_serializing_if = "Binding::is_none")]
    visit: Binding,
}

impl Reply {
    /// Says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Says nothing: the engine sends no such reply.
    pub fn silence() -> Self {
        Self::default()
    }

    /// Offers these choices too, for buttons or for a numbered list.
    #[must_use]
    pub fn with_choices<C: Into<Choice>>(mut self, choices: impl IntoIterator<Item = C>) -> Self {
        self.choices.extend(choices.into_iter().map(Into::into));
        self
    }

    /// Offers these choices before all others.
    pub(crate) fn with_choices_first(mut self, choices: Vec<Choice>) -> Self {
        self.choices.splice(..0, choices);
        self
    }

    /// Shows a link with it.
    #[must_use]
    pub fn with_link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// What is said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is offered, in this order.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// What a channel sends for the choices, in this order: each with a token, by which a press is known to be of this question.
    ///
    /// ```
    /// use flow_core::Reply;
    ///
    /// let reply = Reply::new("Pay now?").with_choices(["Yes", "No"]);
    /// for button in reply.buttons() {
    ///     println!("{} comes back as {}", button.label(), button.token());
    /// }
    /// ```
    ///
    /// A press is given to the engine as it comes back: `engine.handle(id, Input::button(token))`. What the handler sees is the
    /// choice's payload.
    ///
    /// The replies of an outcome belong to their question. In one that no turn has said, as here, the payload itself is the token.
    pub fn buttons(&self) -> Vec<ReplyButton<'_>> {
        self.choices.iter().map(|choice| ReplyButton::of(choice, self.visit.0)).collect()
    }

    /// Belongs to this visit of a state.
    pub(crate) fn bind(&mut self, visit: VisitId) {
        self.visit = Binding(Some(visit));
    }

    /// The link shown with it, if there is one.
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Whether there is nothing in it to send.
    pub fn is_silence(&self) -> bool {
        self.text.is_empty() && self.choices.is_empty() && self.link.is_none()
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Reply {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} bytes, {} choices)", self.text.len(), self.choices.len())
    }
}

/// A value that may be said to the visitor it belongs to: every `Display`, every private type, and every derived
/// [`Answer`](macro@crate::Answer).
///
/// The private types speak and have no `Display`, so that a stray name in a log line does not compile:
///
/// ```
/// use flow_core::{Speak, answers::Name};
///
/// let name: Name = "John Doe".parse()?;
/// assert_eq!(format!("Thanks, {}.", name.speak()), "Thanks, John Doe.");
/// # Ok::<(), flow_core::answers::NotA>(())
/// ```
///
/// ```compile_fail,E0277
/// # let name: flow_core::answers::Name = "John Doe".parse().unwrap();
/// println!("booked for {name}");
/// ```
#[diagnostic::on_unimplemented(
    message = "a prompt cannot say `{Self}`",
    label = "a prompt names the field of this type",
    note = "implement `Display` or `Speak` for a type of yours, and derive `Answer` for an enum of choices; a type of another crate, \
            or an `Option`, is put into words by the handler: take the prompt away, and write the question in `ask_…`"
)]
pub trait Speak {
    /// The value in words.
    fn speak(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display> Speak for T {
    fn speak(&self) -> String {
        self.to_string()
    }
}

/// An answer was not understood, and this is how to say so. The state's question is asked again after it.
///
/// It is no error: `?` on it in a handler asks again instead of failing.
///
/// ```
/// use flow_core::Reask;
///
/// fn guests(said: &str) -> Result<u8, Reask> {
///     said.parse().map_err(|_| Reask::because("How many will you be, in digits?"))
/// }
///
/// assert_eq!(guests("four").unwrap_err().hint().text(), "How many will you be, in digits?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reask {
    hint: Reply,
    /// Whether it is not known what there was to pick from.
    lacks_offer: bool,
}

impl Reask {
    /// Asks again, with this hint before the question.
    pub fn because(hint: impl Into<Reply>) -> Self {
        Self { hint: hint.into(), lacks_offer: false }
    }

    /// The same, because it is not known what there was to pick from.
    pub(crate) fn for_lack_of_offer(self) -> Self {
        Self { lacks_offer: true, ..self }
    }

    pub(crate) fn lacks_offer(&self) -> bool {
        self.lacks_offer
    }

    /// What is said before the question.
    pub fn hint(&self) -> &Reply {
        &self.hint
    }

    /// What is said before the question, taken out.
    pub fn into_hint(self) -> Reply {
        self.hint
    }
}
