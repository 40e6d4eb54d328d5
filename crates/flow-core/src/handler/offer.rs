//! What is offered where the list is known only as the bot runs: [`Offer`], and what was [`Picked`] of it.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Choice, Reply, Speak, talk::offered::Offered};

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
/// A button sends the item as it is stored if that is a text or a number, else its label.
#[derive(Clone)]
pub struct Offer<T> {
    reply: Reply,
    items: Vec<T>,
}

impl<T> Offer<T> {
    /// Asks this, and offers nothing yet.
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
#[derive(Debug, Default)]
pub struct Prompt {
    pub(crate) reply: Reply,
    pub(crate) offered: Offered,
    /// Why it cannot be stored.
    pub(crate) fault: Option<serde_json::Error>,
}

impl From<Reply> for Prompt {
    fn from(reply: Reply) -> Self {
        Self { reply, ..Self::default() }
    }
}

impl<T: Picked> From<Offer<T>> for Prompt {
    fn from(offer: Offer<T>) -> Self {
        let written: Result<Vec<Value>, _> = offer.items.iter().map(serde_json::to_value).collect();
        match written {
            Ok(offered) => {
                let choices = offer.items.iter().zip(&offered).map(|(item, stored)| choice(&item.speak(), stored));
                Self { reply: offer.reply.with_choices(choices), offered: Offered::new(offered), fault: None }
            }
            Err(fault) => Self { fault: Some(fault), ..Self::default() },
        }
    }
}

fn choice(label: &str, stored: &Value) -> Choice {
    Choice::new(label, key(stored).unwrap_or_else(|| label.to_owned()))
}

/// What a button sends for an item, if it is not its label.
pub(crate) fn key(stored: &Value) -> Option<String> {
    match stored {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
