//! `#[derive(Answer)]`: an enum of unit variants as a choice.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitStr, Token, Variant, punctuated::Punctuated};

use crate::{errors::Errors, names::words};

/// The code of `#[derive(Answer)]`, and after it the mistakes, all of them at once.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let mut code = match &input.data {
        Data::Enum(data) if input.generics.params.is_empty() && !data.variants.is_empty() => {
            let choices = data.variants.iter().map(|variant| choice(variant, &mut errors)).collect::<Vec<_>>();
            refuse_doubles(&choices, &mut errors);
            expand(&input, &choices)
        }
        _ => {
            errors.at(&input.ident, "a choice is an enum of unit variants, without generics, and with at least one");
            TokenStream::new()
        }
    };
    code.extend(errors.into_tokens());
    code
}

/// One variant, and the words that choose it; the first is its label.
struct Choice<'i> {
    variant: &'i Variant,
    words: Vec<LitStr>,
}

fn choice<'i>(variant: &'i Variant, errors: &mut Errors) -> Choice<'i> {
    if !matches!(variant.fields, Fields::Unit) {
        errors.at(&variant.fields, "a choice holds nothing: make this a unit variant");
    }
    let mut words = Vec::new();
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("answer")) {
        match attribute.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated) {
            Ok(given) => words.extend(given),
            Err(error) => errors.push(error),
        }
    }
    if words.is_empty() {
        words.push(LitStr::new(&self::words(&variant.ident.to_string()), variant.ident.span()));
    }
    Choice { variant, words }
}

fn refuse_doubles(choices: &[Choice<'_>], errors: &mut Errors) {
    let mut taken: HashMap<String, &Variant> = HashMap::new();
    for choice in choices {
        for word in &choice.words {
            match taken.insert(word.value().trim().to_lowercase(), choice.variant) {
                Some(other) if other.ident != choice.variant.ident => {
                    errors.at(word, format!("`{}` chooses `{}` already", word.value(), other.ident));
                }
                _ => {}
            }
        }
    }
}

fn expand(input: &DeriveInput, choices: &[Choice<'_>]) -> TokenStream {
    let ident = &input.ident;
    let labels: Vec<_> = choices.iter().map(|choice| &choice.words[0]).collect();
    let payloads: Vec<_> = choices.iter().map(|choice| choice.variant.ident.to_string()).collect();
    let rows = choices.iter().zip(&payloads).map(|(choice, payload)| {
        let words = &choice.words;
        quote!(&[#(#words,)* #payload])
    });
    let variants = choices.iter().map(|choice| {
        // A variant with fields has its error already.
        let variant = &choice.variant.ident;
        match choice.variant.fields {
            Fields::Unit => quote!(#ident::#variant),
            _ => quote!(::core::unreachable!()),
        }
    });
    let indices = 0..choices.len();
    quote! {
        #[allow(unused_qualifications, clippy::all, clippy::pedantic)]
        impl ::flow_core::answers::Answer for #ident {
            fn parse(said: &str) -> ::core::result::Result<Self, ::flow_core::Reask> {
                match ::flow_core::wiring::pick(&[#(#rows),*], said) {
                    #(::core::option::Option::Some(#indices) => ::core::result::Result::Ok(#variants),)*
                    _ => ::core::result::Result::Err(::flow_core::Reask::because("Please take one of these:")),
                }
            }

            fn choices() -> ::std::vec::Vec<::flow_core::Choice> {
                ::std::vec![#(::flow_core::Choice::new(#labels, #payloads)),*]
            }
        }
    }
}
