//! What comes in from elsewhere, and what goes out: signals, effects and reminders.

mod carried;
mod reminders;

pub(in crate::flow) use self::{carried::Carried, reminders::Reminder};
pub(super) use self::{
    carried::{effects, signals},
    reminders::reminders,
};

use proc_macro2::Ident;
use syn::LitStr;

use crate::{errors::Errors, names::plain};

/// The name in records and on wires: the given one, or that of the variant.
fn stored_name(ident: &Ident, given: Option<&LitStr>) -> String {
    given.map_or_else(|| plain(ident), LitStr::value)
}

/// Notes that another has this name in records.
fn taken(ident: &Ident, name: &str, other: &Ident, errors: &mut Errors) {
    let message = format!("`{name}` is the stored name of `{other}` already: write another, as in `{ident} = \"…\"`");
    errors.at(ident, message);
}
