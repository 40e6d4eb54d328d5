//! `#[derive(Flow)]`: attributes are read into a model, the model is checked, and the code is written from it.

mod attr;
mod borrowed;
mod check;
mod expand;
mod model;
mod prompt;
mod words;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{errors::Errors, root::Root};

/// The code of `#[derive(Flow)]`, and after it the mistakes, all of them at once.
///
/// A declaration with mistakes still gets as much code as can be written, so that one mistake is one error.
pub(crate) fn derive(input: &DeriveInput, root: Root) -> TokenStream {
    let mut errors = Errors::default();
    let Some(mut model) = model::read(input, root, &mut errors) else {
        return errors.into_tokens();
    };
    let graph = check::check(&mut model, &mut errors);
    let mut code = expand::expand(&model, &graph, !errors.is_empty());
    code.extend(errors.into_tokens());
    code
}
