//! What stands in the code where a mistake leaves nothing to write: [`no_type`] and [`no_value`].
//!
//! Both are an error, after which rustc tells nothing more, whatever is done with them. The words of that error are those of
//! the mistake, at its place, since rustc tells only once what it has told already.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Error;

/// A type that is taken for every other, and has every trait. `mistake` is told with this message.
pub(crate) fn no_type(mistake: &impl ToTokens, message: &str) -> TokenStream {
    let none = no_value(mistake, message);
    // Of an array that is an error itself, no item is known.
    quote!(<[(); #none] as ::core::iter::Iterator>::Item)
}

/// An expression that is taken for every other.
pub(crate) fn no_value(mistake: &impl ToTokens, message: &str) -> TokenStream {
    Error::new_spanned(mistake, message).into_compile_error()
}
