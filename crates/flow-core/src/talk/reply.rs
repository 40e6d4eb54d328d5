//! What goes out: a [`Reply`], the values that [`Speak`] in it, and a [`Reask`] where an answer was not understood.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use super::{
    Attachment, BadUrl, Choice, Contact, FileToSend, Place, ReplyButton, Template,
    numbering::Numbering,
    token::{Binding, VisitId},
};

/// One thing said to the visitor: a text, perhaps with choices, a link, and a picture or another [`Attachment`].
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attachment: Option<Box<Attachment>>,
    #[serde(rename = "withoutNumbers", default, skip_serializing_if = "Numbering::counts")]
    numbering: Numbering,
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

    /// Offers these instead of so many of its first choices.
    pub(crate) fn with_first_choices_replaced(mut self, count: usize, choices: Vec<Choice>) -> Self {
        let count = count.min(self.choices.len());
        self.choices.splice(..count, choices);
        self
    }

    /// Offers no more than what works at any time.
    pub(crate) fn without_choices(mut self) -> Self {
        self.choices.retain(Choice::is_menu);
        self
    }

    /// Has no choice picked by its number, because a number is an answer of its own: a count of guests, where the choice is "Many".
    ///
    /// A question whose answer is read as a number is so without this.
    #[must_use]
    pub fn without_numbers(self) -> Self {
        self.numbered_as(Numbering::Off)
    }

    pub(crate) fn numbered_as(self, numbering: Numbering) -> Self {
        Self { numbering, ..self }
    }

    /// Shows a link with it.
    #[must_use]
    pub fn with_link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// Shows this picture, with the text under it: by its address on the web, or one that a visitor sent.
    ///
    /// A reply has one [`Attachment`]: this, a file, a place, a card or a template. The last given counts.
    #[must_use]
    pub fn with_image(self, image: impl Into<FileToSend>) -> Self {
        self.with_attachment(Attachment::Image(image.into()))
    }

    /// Sends this file, with the text under it: by its address on the web, or one that a visitor sent.
    #[must_use]
    pub fn with_file(self, file: impl Into<FileToSend>) -> Self {
        self.with_attachment(Attachment::File(file.into()))
    }

    /// Shows this place on the map.
    #[must_use]
    pub fn with_place(self, place: Place) -> Self {
        self.with_attachment(Attachment::Place(place))
    }

    /// Sends this card for the address book.
    #[must_use]
    pub fn with_contact(self, contact: Contact) -> Self {
        self.with_attachment(Attachment::Contact(contact))
    }

    /// Goes as this template, where the platform wants one.
    #[must_use]
    pub fn with_template(self, template: Template) -> Self {
        self.with_attachment(Attachment::Template(template))
    }

    fn with_attachment(self, attachment: Attachment) -> Self {
        Self { attachment: Some(Box::new(attachment)), ..self }
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

    /// The number by which each of the [`choices`](Self::choices) is picked, from 1, where a channel shows them as lines: beside its label
    /// and its button. None for what works at any time, and for all of them where a number is an answer of its own: because the question
    /// asks for one, or because a choice is called by one.
    ///
    /// ```
    /// use flow_core::{Choice, Reply};
    ///
    /// let reply = Reply::new("Which one?").with_choices(["Red".into(), Choice::menu("Main menu", "menu"), "Blue".into()]);
    /// assert_eq!(reply.numbers(), [Some(1), None, Some(2)]);
    /// assert_eq!(Reply::new("How many?").with_choices(["2", "4"]).numbers(), [None, None]);
    /// ```
    pub fn numbers(&self) -> Vec<Option<usize>> {
        let is_number = |choice: &Choice| !choice.is_menu() && choice.label.trim().parse::<u64>().is_ok();
        if !self.numbering.counts() || self.choices.iter().any(is_number) {
            return vec![None; self.choices.len()];
        }
        let mut numbers = 1..;
        self.choices.iter().map(|choice| if choice.is_menu() { None } else { numbers.next() }).collect()
    }

    /// How its choices are numbered.
    pub(crate) fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// Forgets how its choices would be numbered, if it has none.
    pub(crate) fn settle_numbering(&mut self) {
        if self.choices.iter().all(Choice::is_menu) {
            self.numbering = Numbering::default();
        }
    }

    /// Belongs to this visit of a state.
    pub(crate) fn bind(&mut self, visit: VisitId) {
        self.visit = Binding(Some(visit));
    }

    /// The link shown with it, if there is one.
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// What is sent with it, if anything is.
    pub fn attachment(&self) -> Option<&Attachment> {
        self.attachment.as_deref()
    }

    /// Whether there is nothing in it to send.
    pub fn is_silence(&self) -> bool {
        self.text.is_empty() && self.choices.is_empty() && self.link.is_none() && self.attachment.is_none()
    }

    /// Fails if what goes with it cannot be sent.
    pub(crate) fn check(&self) -> Result<(), BadUrl> {
        self.attachment.as_deref().map_or(Ok(()), Attachment::check)
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
        write!(f, "Reply({} bytes, {} choices", self.text.len(), self.choices.len())?;
        match &self.attachment {
            Some(attachment) => write!(f, ", {})", attachment.kind()),
            None => f.write_str(")"),
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Media, MediaKind, privacy::masked};

    fn every_attachment() -> Vec<Reply> {
        let place = Place::new(52.5, 13.4).expect("a place").with_name("canary");
        let file = FileToSend::at("https://example.com/bot12:canary/f?canary").with_name("canary.pdf");
        let photo = Media::new(MediaKind::Image, "canary");
        vec![
            Reply::new("a").with_image("https://user:canary@example.com/canary.png"),
            Reply::new("b").with_file(file),
            Reply::new("c").with_image(&photo),
            Reply::default().with_place(place),
            Reply::default().with_contact(Contact::new("canary").with_phone("+canary")),
            Reply::new("f").with_template(Template::new("parcel", "en").with_parameters(["canary"])),
        ]
    }

    #[test]
    fn a_reply_of_each_kind_reads_back_and_is_no_silence() {
        for reply in every_attachment() {
            let read: Reply = serde_json::from_str(&serde_json::to_string(&reply).expect("JSON")).expect("a reply");
            assert!(read == reply && !reply.is_silence(), "{reply:?}");
        }
    }

    #[test]
    fn a_reply_without_an_attachment_is_written_as_it_always_was() {
        let reply = Reply::new("Pay?").with_choices(["Yes"]).with_link("https://pay.example/7");
        let written = r#"{"text":"Pay?","choices":[{"label":"Yes","payload":"Yes"}],"link":"https://pay.example/7"}"#;
        assert_eq!(serde_json::to_string(&reply).expect("JSON"), written);
        assert!(serde_json::from_str::<Reply>(written).expect("a reply") == reply);
        assert_eq!(serde_json::to_string(&Reply::new("hi")).expect("JSON"), r#"{"text":"hi"}"#);
    }

    #[test]
    fn an_attachment_is_written_as_documented() {
        let template = Template::new("parcel", "en").with_parameters(["Ana"]);
        let replies =
            [Reply::new("a").with_image("https://example.com/a.png"), Reply::new("b").with_template(template)];
        let written = serde_json::to_value(replies).expect("JSON");
        let image = json!({"image": {"from": {"url": "https://example.com/a.png"}}});
        let template = json!({"template": {"name": "parcel", "language": "en", "parameters": ["Ana"]}});
        assert_eq!(written, json!([{"text": "a", "attachment": image}, {"text": "b", "attachment": template}]));
    }

    #[test]
    fn nothing_of_an_attachment_is_shown() {
        for reply in every_attachment() {
            let attachment = reply.attachment().expect("one");
            let shown = format!("{reply:?} {attachment:?} {}", masked(&reply).expect("a view"));
            assert!(!shown.contains("canary") && !shown.contains("52.5"), "{shown}");
        }
    }
}
