//! What a declaration needs of the user's types. Each need is one function, called with the type as it is written there:
//! a type that falls short is one error then, at that token, in however many places the generated code makes use of it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Error, Value};

use crate::{
    Choice, Input, Offer, Reask, Reply, Speak,
    answers::{Answer, Choices, Words},
    handler::{
        offer::{Picked, Prompt},
        said::Said,
    },
    talk::numbering::Numbering,
};

/// How an answer of this type is read.
#[derive(Debug)]
pub struct Reading<T> {
    pub(super) read: fn(&Input) -> Result<T, Reask>,
    /// What is offered with the question.
    pub(super) choices: fn() -> Vec<Choice>,
    /// What it can be called, of a closed set.
    pub words: &'static [Words],
}

impl<T> Reading<T> {
    /// The question, whose choices are numbered as its answer is read. `is_own` says whether they are those of the answer's type.
    pub(super) fn numbered(&self, question: Reply, is_own: bool) -> Reply {
        let count = question.choices().iter().filter(|choice| !choice.is_menu()).count();
        let reads = |said: String| (self.read)(&Input::text(said)).is_ok();
        let reads_beyond = (count + 1..=count + 3).any(|beyond| reads(beyond.to_string()));
        // What any words will do for takes a number as words.
        let reads_anything = reads("\u{fffd}?".to_owned());
        if reads_beyond && !reads_anything {
            question.numbered_as(Numbering::Off)
        } else if is_own && !reads_anything && (1..=count).all(|number| reads(number.to_string())) {
            question.numbered_as(Numbering::Own)
        } else {
            question
        }
    }
}

/// How an answer of this type is read.
pub const fn reading<T: Answer>() -> Reading<T> {
    Reading { read: T::read, choices: T::choices, words: &[] }
}

/// How one of this closed set is read.
pub const fn choosing<T: Choices>() -> Reading<T> {
    Reading { words: T::CHOICES, ..reading() }
}

/// How things of this type are offered, and picked.
#[derive(Debug)]
pub struct Offering<T> {
    pub(super) write: fn(Offer<T>) -> Prompt,
    pub(super) pick: fn(Said<'_>) -> Result<T, Reask>,
}

/// How things of this type are offered, and picked.
pub const fn offering<T: Picked>() -> Offering<T> {
    Offering { write: Prompt::from, pick: |said| said.picked() }
}

/// How a value of this type is put into words.
pub const fn speaking<T: Speak>() -> fn(&T) -> String {
    T::speak
}

/// What a signal or an effect may carry.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a signal or an effect",
    label = "it is written down, and read again",
    note = "write `#[derive(Serialize, Deserialize)]` on `{Self}`"
)]
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Payload for T {}

/// How a payload is written and read.
#[derive(Debug)]
pub struct Carried<T> {
    /// Writes it.
    pub write: fn(&T) -> Result<Value, Error>,
    /// Reads it.
    pub read: fn(Value) -> Result<T, Error>,
}

/// How a payload of this type is written and read.
pub const fn carried<T: Payload>() -> Carried<T> {
    Carried { write: |payload| serde_json::to_value(payload), read: |payload| serde_json::from_value(payload) }
}
