//! What is offered where the list is known only as the bot runs: [`Offer`], and what was [`Picked`] of it.

use std::{collections::HashSet, fmt};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Error, Value};

use crate::{
    Button, Choice, Input, Reask, Reply, Speak,
    answers::please_choose,
    declare::graph::{Correction, Node},
    talk::{choice::numbered, numbering::Numbering},
};

/// A question with things of type `T` to pick from, as a handler puts it in a state with `offers = T`.
///
/// What is offered is stored with the session. So a number, a button and a word mean what the visitor saw, whatever the
/// list would be by now; whether the thing can still be had is the handler's to ask.
///
/// ```
/// use flow_core::{Ask, Flow, Offer, Result};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// # #[flow(name = "visit_with_an_offer")]
/// enum Visit {
///     #[state(start, offers = String, to(Booked))]
///     Welcome,
///     #[state(end, say = "See you on {day}!")]
///     Booked { day: String },
/// }
///
/// use visit::*;
///
/// struct Host {
///     free: Vec<String>,
/// }
///
/// impl VisitHandler for Host {
///     async fn ask_welcome(&self, _: &Welcome, _: Ask<'_, Welcome>) -> Result<Offer<String>> {
///         Ok(Offer::new("Which day?").items(self.free.clone()))
///     }
/// }
/// ```
///
/// A button sends the item as it is stored if that is a text or a number, else its label; where another button sends the
/// same, with its place in the list behind it.
#[derive(Clone)]
pub struct Offer<T> {
    reply: Reply,
    items: Vec<T>,
}

impl<T> Offer<T> {
    /// Asks this, and offers nothing yet.
    ///
    /// Choices of the question's own, such as a word that counts anywhere, stand behind the items, so that numbers fit.
    pub fn new(question: impl Into<Reply>) -> Self {
        Self { reply: question.into(), items: Vec::new() }
    }

    /// Offers these too, in this order, each called as it speaks.
    #[must_use]
    pub fn items(mut self, items: impl IntoIterator<Item = T>) -> Self {
        self.items.extend(items);
        self
    }
}

/// The number of items, without the items.
impl<T> fmt::Debug for Offer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("reply", &self.reply).field("items", &self.items.len()).finish()
    }
}

/// What can be offered and picked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be offered",
    label = "what is offered is said, written down, and read again",
    note = "write `#[derive(Serialize, Deserialize)]` on `{Self}`, and implement `Display` or `Speak` for it"
)]
pub trait Picked: Speak + Serialize + DeserializeOwned + Send {}

#[diagnostic::do_not_recommend]
impl<T: Speak + Serialize + DeserializeOwned + Send> Picked for T {}

/// What a state says on being entered, and what it offers, as it is stored.
#[derive(Default)]
pub struct Prompt {
    pub(crate) reply: Reply,
    /// None if it offers nothing to pick from, not even an empty list.
    pub(crate) offered: Option<Vec<Value>>,
    /// Why it cannot be stored.
    pub(crate) fault: Option<Error>,
    /// How stored items of the offered type are shown.
    shows: Option<Shows>,
}

/// Shows items of which only the stored form is known.
type Shows = fn(&[Value]) -> Vec<Choice>;

impl Prompt {
    /// The same question with the corrections that the state offers.
    pub(crate) fn offering_corrections(self, node: &Node) -> Self {
        let offered = node.corrects.iter().filter(|correction| correction.is_offered);
        let corrections: Vec<_> =
            offered.map(|Correction { words, .. }| Choice::new(words.label(), words.name)).collect();
        if corrections.is_empty() {
            return self;
        }
        let reply = self.reply.with_choices(corrections);
        // Their numbers are none that the type of the answer knows.
        let reply = match reply.numbering() {
            Numbering::Own => reply.numbered_as(Numbering::On),
            Numbering::On | Numbering::Off => reply,
        };
        Self { reply, ..self }
    }

    /// The same question with what was shown with it before, instead of what would be offered now.
    pub(crate) fn showing(mut self, shown: &[Value]) -> Self {
        if let (Some(shows), Some(offered)) = (self.shows, &mut self.offered) {
            self.reply = self.reply.with_first_choices_replaced(offered.len(), shows(shown));
            *offered = shown.to_vec();
        }
        self
    }
}

/// Without what is offered: whether it is private, only its type knew.
impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offered = self.offered.as_ref().map(Vec::len);
        f.debug_struct("Prompt").field("reply", &self.reply).field("offered", &offered).finish_non_exhaustive()
    }
}

impl From<Reply> for Prompt {
    fn from(reply: Reply) -> Self {
        Self { reply, ..Self::default() }
    }
}

impl<T: Picked> From<Offer<T>> for Prompt {
    fn from(offer: Offer<T>) -> Self {
        match kept(&offer.items) {
            Ok((offered, items)) => {
                let reply = offer.reply.with_choices_first(choices(&offered, &items));
                Self { reply, offered: Some(offered), fault: None, shows: Some(shown::<T>) }
            }
            Err(fault) => Self { fault: Some(fault), ..Self::default() },
        }
    }
}

/// The items as they are stored, and as they will be read again.
///
/// Fails if one of them would not: it would be offered again and again, and could never be picked.
fn kept<T: Picked>(items: &[T]) -> Result<(Vec<Value>, Vec<Option<T>>), Error> {
    let stored: Vec<Value> = items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    let items: Vec<Option<T>> =
        stored.iter().map(|stored| T::deserialize(stored).map(Some)).collect::<Result<_, _>>()?;
    Ok((stored, items))
}

/// What there is to pick from, as it is stored.
#[derive(Clone, Copy)]
pub(crate) enum Offered<'t> {
    /// What the visitor was shown.
    Shown(&'t [Value]),
    /// What would be shown now. A number in the visitor's answer is of another list.
    Anew(&'t [Value]),
    /// An older release wrote the record.
    Unknown,
}

/// How many, without the items.
impl fmt::Debug for Offered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown(items) => write!(f, "Shown({})", items.len()),
            Self::Anew(items) => write!(f, "Anew({})", items.len()),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// Which of what was offered is meant: by its button, its words or its number. A text is first what the visitor reads.
pub(crate) fn picked<T: Picked>(offered: Offered<'_>, input: &Input) -> Result<T, Reask> {
    match offered {
        Offered::Shown(items) => picked_of(items, input, items.len()),
        Offered::Anew(items) => picked_of(items, input, 0),
        Offered::Unknown => return Err(please_choose().for_lack_of_offer()),
    }
    .ok_or_else(|| match offered {
        // With nothing to take one of, the question alone is asked again: by now it may offer something.
        Offered::Shown([]) | Offered::Anew([]) => Reask::because(Reply::silence()),
        Offered::Shown(_) | Offered::Anew(_) | Offered::Unknown => please_choose(),
    })
}

/// Which of these is meant, of which so many can be called by a number.
fn picked_of<T: Picked>(offered: &[Value], input: &Input, numbers: usize) -> Option<T> {
    let mut items = read::<T>(offered);
    let choices = choices(offered, &items);
    let sends = |said: &str| choices.iter().position(|choice| choice.payload == said);
    let is_called = |said: &str| {
        let said = said.trim().to_lowercase();
        choices.iter().position(|choice| !said.is_empty() && choice.label.trim().to_lowercase() == said)
    };
    let by_words = |said: &str| is_called(said).or_else(|| sends(said)).or_else(|| numbered(said, numbers));
    let index = match input {
        Input::Text(said) if said.trim().is_empty() => None,
        Input::Text(said) => by_words(said),
        Input::Media(media) => media.caption().filter(|said| !said.trim().is_empty()).and_then(by_words),
        Input::Command(command) => is_called(command.name()).or_else(|| sends(command.name())),
        Input::Button(Button { payload, label, .. }) => {
            sends(payload).or_else(|| is_called(payload)).or_else(|| is_called(label.as_deref()?))
        }
        Input::Place(_) | Input::Contact(_) | Input::Signal(_) => None,
    };
    // One that this release cannot read keeps its place, and cannot be picked.
    items.get_mut(index?)?.take()
}

/// What is offered, as the visitor sees it, with a button for each that no other has.
fn choices<T: Speak>(offered: &[Value], items: &[Option<T>]) -> Vec<Choice> {
    let mut sent = HashSet::new();
    let choices = offered.iter().zip(items).zip(1..).map(|((stored, item), number)| {
        let label = item.as_ref().map(Speak::speak).unwrap_or_default();
        let mut payload = key(stored).unwrap_or_else(|| label.clone());
        while !sent.insert(payload.clone()) {
            payload = format!("{payload} ({number})");
        }
        Choice::new(label, payload)
    });
    choices.collect()
}

/// What [`Shows`] is for items of type `T`.
fn shown<T: Picked>(stored: &[Value]) -> Vec<Choice> {
    choices(stored, &read::<T>(stored))
}

/// The items, as far as this release can read them.
fn read<T: Picked>(stored: &[Value]) -> Vec<Option<T>> {
    stored.iter().map(|stored| T::deserialize(stored).ok()).collect()
}

/// What a button sends for an item, if it is not its label.
fn key(stored: &Value) -> Option<String> {
    match stored {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
