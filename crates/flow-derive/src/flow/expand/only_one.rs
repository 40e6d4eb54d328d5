//! Two flows of one crate have different names, or are versions of one: a macro named after each, which rustc refuses to
//! have twice.
//!
//! A derive sees one enum at a time. Only what two of them write into one name space of the crate can meet there, and the
//! exported macros are one that reaches across modules and into functions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};

use super::Context;

/// The macro, which does nothing. Its name is what rustc tells if there are two. A flow with a mistake has none: the name may
/// be the mistake.
pub(super) fn only_one(context: &Context<'_>) -> TokenStream {
    if context.has_mistakes {
        return TokenStream::new();
    }
    let (name, span) = (escaped(&context.model.name), context.model.name_span);
    // A release may stand beside the one before it, to be tested with what that has stored.
    let version = match context.model.version {
        1 => String::new(),
        version => format!("_in_version_{version}"),
    };
    let guard = format_ident!("two_flows_of_this_crate_are_called_{name}{version}", span = span);
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(non_local_definitions)]
        #[macro_export]
        macro_rules! #guard {
            () => {};
        }
    }
}

/// The name in letters that an identifier may have; different names stay different.
fn escaped(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        '_' | '0'..='9' | 'a'..='z' | 'A'..='Z' => letter.to_string(),
        other => format!("_u{:x}_", u32::from(other)),
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_stay_different_in_the_letters_of_an_identifier() {
        let names = ["my_flow", "my-flow", "my flow", "my.flow", "my--flow", "My_flow", "myflow", "mÿflow"];
        let escaped: std::collections::BTreeSet<_> = names.into_iter().map(escaped).collect();
        assert_eq!(escaped.len(), names.len(), "{escaped:?}");
        assert!(escaped.contains("my_flow") && escaped.contains("my_u2d_flow"), "{escaped:?}");
        assert!(escaped.iter().all(|name| syn::parse_str::<syn::Ident>(name).is_ok()), "{escaped:?}");
    }
}
