//! `#[derive(Answer)]`: an enum of unit variants as a choice.

mod attr;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Variant};

use self::attr::{AnswerWord, answer_words, labels};
use crate::{
    errors::Errors,
    items::once,
    names::{hygienic, plain, words},
    nothing::no_type,
    parameters::{arguments, parameters},
    root::Root,
};

/// The code of `#[derive(Answer)]`, and after it the mistakes, all of them at once.
pub(crate) fn derive(input: &DeriveInput, root: Root) -> TokenStream {
    let mut errors = Errors::default();
    let mut code = expand(&read(input, root, &mut errors));
    code.extend(errors.into_tokens());
    code
}

/// An enum of choices as declared.
struct Model<'i> {
    root: Root,
    ident: &'i Ident,
    /// What is given for its parameters, which are a mistake.
    arguments: Option<TokenStream>,
    choices: Vec<Choice<'i>>,
    /// Whether the enum has a `Speak` of its own, so that the derive writes none.
    own_speak: bool,
}

/// One variant, and the words that choose it; the first is its label.
pub(crate) struct Choice<'i> {
    ident: &'i Ident,
    /// Whether it holds nothing. A variant that holds something has its mistake already.
    is_unit: bool,
    words: Vec<LitStr>,
}

impl<'i> Choice<'i> {
    /// The choice of a unit variant; its name is its label if no words are given.
    pub(crate) fn new(ident: &'i Ident, words: &[LitStr]) -> Self {
        let mut words = words.to_vec();
        if words.is_empty() {
            words.push(LitStr::new(&self::words(&plain(ident)), ident.span()));
        }
        Self { ident, is_unit: true, words }
    }
}

const GENERICS: &str = "a choice has no generics: remove this";

/// Reads the declaration; `root` is where the framework is, unless the declaration says otherwise.
fn read<'i>(input: &'i DeriveInput, root: Root, errors: &mut Errors) -> Model<'i> {
    let generics = &input.generics;
    let arguments = arguments(&parameters(generics, &no_type(generics, GENERICS), GENERICS));
    let mut untold = Errors::default();
    if arguments.is_some() {
        errors.at(generics, GENERICS);
    }
    // What else is wrong, as a variant that holds a parameter, may come of it.
    let errors = if arguments.is_some() { &mut untold } else { errors };
    let choices = match &input.data {
        Data::Enum(data) => data.variants.iter().map(|variant| choice(variant, errors)).collect(),
        _ => Vec::new(),
    };
    if choices.is_empty() {
        errors.at(&input.ident, "a choice is an enum of unit variants, with at least one");
    }
    let mut model = Model { choices, ident: &input.ident, arguments, own_speak: false, root };
    let mut given = Vec::new();
    for (item, word) in answer_words(&input.attrs, &model.root.written(), errors) {
        once(&item, &mut given, errors);
        match word {
            AnswerWord::Crate(path) => model.root = Root::given(path),
            AnswerWord::OwnSpeak => model.own_speak = true,
        }
    }
    refuse_doubles(&model.choices, errors);
    model
}

fn choice<'i>(variant: &'i Variant, errors: &mut Errors) -> Choice<'i> {
    let is_unit = matches!(variant.fields, Fields::Unit);
    if !is_unit {
        errors.at(&variant.fields, "a choice holds nothing: remove this");
    }
    let words = labels(&variant.attrs, &variant.ident, errors);
    Choice { is_unit, ..Choice::new(&variant.ident, &words) }
}

/// No word chooses two variants. A button sends its variant's name, which therefore counts as a word too.
fn refuse_doubles(choices: &[Choice<'_>], errors: &mut Errors) {
    let mut taken: HashMap<String, &Ident> =
        choices.iter().map(|choice| (choice.ident.to_string().to_lowercase(), choice.ident)).collect();
    for choice in choices {
        for word in &choice.words {
            match taken.insert(word.value().trim().to_lowercase(), choice.ident) {
                Some(other) if other != choice.ident => {
                    errors.at(word, format!("`{}` chooses `{other}` already: remove this", word.value()));
                }
                _ => {}
            }
        }
    }
}

fn expand(model: &Model<'_>) -> TokenStream {
    let (ident, arguments) = (model.ident, &model.arguments);
    let choices = expand_choices(&model.root, &quote!(#ident #arguments), Span::call_site(), &model.choices);
    let speak = speak(model);
    quote!(#choices #speak)
}

/// What makes the type at this path a closed set of answers; it points to `span`.
pub(crate) fn expand_choices(root: &Root, kind: &TokenStream, span: Span, choices: &[Choice<'_>]) -> TokenStream {
    let seam = root.seam();
    // A declaration of no choices at all has its mistake.
    let nothing = choices.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    let values = choices.iter().map(|Choice { ident: variant, is_unit, .. }| match is_unit {
        true => quote!(Self::#variant),
        false => quote!(::core::unreachable!()),
    });
    let last = choices.len().saturating_sub(1);
    let indices = (0..choices.len()).map(|index| if index == last { quote!(_) } else { quote!(#index) });
    let rows = choices.iter().map(|choice| {
        let (name, words) = (plain(choice.ident), &choice.words);
        quote!(#seam::Words::declared(#name, &[#(#words),*]))
    });
    let said = hygienic("said");
    quote_spanned! {span=>
        #[allow(unused_qualifications, clippy::all, clippy::pedantic)]
        impl #root::answers::Answer for #kind {
            fn parse(#said: &str) -> ::core::result::Result<Self, #root::Reask> {
                #seam::pick(#said, |index| match index { #(#indices => #values,)* #nothing })
            }

            fn choices() -> ::std::vec::Vec<#root::Choice> {
                #seam::offered::<Self>()
            }
        }

        #[allow(unused_qualifications, clippy::all, clippy::pedantic)]
        impl #root::answers::Choices for #kind {
            const CHOICES: &'static [#seam::Words] = &[#(#rows),*];
        }
    }
}

/// `Speak`, which says the label; nothing where the enum has its own.
fn speak(Model { root, ident, arguments, choices, own_speak }: &Model<'_>) -> TokenStream {
    if *own_speak {
        return TokenStream::new();
    }
    let (seam, speak) = (root.seam(), expand_speak(root, &quote!(#ident #arguments), Span::call_site(), choices));
    // rustc complains of two impls of `Speak` if there is a `Display`, and not of what to do.
    let way_out = format!(
        "`{ident}` has a `Display`, and speaks by it already: write `#[answer(own_speak)]` on the enum, or remove the \
         `Display`"
    );
    quote! {
        #speak

        #[allow(unused_imports, unused_qualifications, clippy::all, clippy::pedantic)]
        const _: () = {
            use #seam::NoDisplay as _;
            ::core::assert!(!#seam::Probe::<#ident #arguments>::HAS_DISPLAY, #way_out);
        };
    }
}

/// `Speak` for the type at this path: the label. It points to `span`.
pub(crate) fn expand_speak(root: &Root, kind: &TokenStream, span: Span, choices: &[Choice<'_>]) -> TokenStream {
    let (variants, labels) = (choices.iter().map(|choice| choice.ident), choices.iter().map(|choice| &choice.words[0]));
    // A declaration of no choices at all has its mistake.
    let label = match choices {
        [] => quote!(""),
        _ => quote_spanned!(span=> match self { #(Self::#variants { .. } => #labels,)* }),
    };
    quote_spanned! {span=>
        #[allow(unused_qualifications, clippy::all, clippy::pedantic)]
        impl #root::Speak for #kind {
            fn speak(&self) -> ::std::string::String {
                ::std::string::String::from(#label)
            }
        }
    }
}
