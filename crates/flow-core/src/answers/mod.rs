//! What answers are read as: [`Answer`], for the types of the standard library and of chrono, and for [`Name`],
//! [`Email`] and [`Phone`], which are private by type.

mod dates;
mod email;
mod name;
mod numbers;
#[cfg(feature = "phone")]
mod phone;
mod private_text;
mod words;

use crate::{Choice, Reask};

pub use email::Email;
pub use name::Name;
#[cfg(feature = "phone")]
pub use phone::Phone;
pub use private_text::NotA;

/// A type that an answer can be read as.
///
/// ```
/// use flow_core::{Reask, answers::Answer};
///
/// struct Table(u8);
///
/// impl Answer for Table {
///     fn parse(said: &str) -> Result<Self, Reask> {
///         match u8::parse(said)? {
///             table @ 1..=20 => Ok(Self(table)),
///             _ => Err(Reask::because("We have the tables 1 to 20.")),
///         }
///     }
/// }
/// # assert_eq!(Table::parse(" 7 ").map(|table| table.0), Ok(7));
/// ```
///
/// For an enum of unit variants, derive it: an answer is then a label, a number or a button.
#[diagnostic::on_unimplemented(
    message = "no answer can be read as `{Self}`",
    label = "this is where the answer goes",
    note = "implement or derive `Answer` for it, or write `handled` on the state that asks and take the answer yourself"
)]
pub trait Answer: Sized {
    /// Reads what was said.
    ///
    /// Fails with how to ask again.
    fn parse(said: &str) -> Result<Self, Reask>;

    /// What to offer with the question; nothing if any words will do.
    fn choices() -> Vec<Choice> {
        Vec::new()
    }
}
