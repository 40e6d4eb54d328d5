//! One method of the handler trait: [`Method`], as the trait has it, and as a user writes it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Ident, Type};

use super::Context;
use crate::{
    flow::model::{StateModel, written},
    names::hygienic,
};

/// A method, whose futures can be sent.
pub(super) struct Method {
    pub(super) name: Ident,
    /// The variant or the enum that it is made of, where it is found.
    pub(super) span: Span,
    pub(super) doc: Vec<String>,
    /// What the user notes on its state.
    pub(super) notes: Vec<Attribute>,
    /// What it is given besides the handler.
    pub(super) given: Vec<Given>,
    pub(super) output: TokenStream,
    /// The same, as a user writes it.
    pub(super) output_text: String,
    /// What it does if the handler does not have it; none if the handler must.
    pub(super) body: Option<TokenStream>,
    /// What it does in a declaration with mistakes, where the handler need not have it.
    pub(super) nothing: TokenStream,
}

/// An argument.
pub(super) struct Given {
    pub(super) name: Ident,
    pub(super) kind: TokenStream,
    /// The same, as a user writes it.
    pub(super) text: String,
}

impl Given {
    /// Something of this type of the user's.
    pub(super) fn of(name: Ident, kind: &Type) -> Self {
        Self { name, kind: quote!(#kind), text: written(kind) }
    }

    /// Something of this type, which is generated.
    pub(super) fn inside(context: &Context<'_>, name: Ident, kind: &Ident) -> Self {
        Self { name, kind: context.inside(kind), text: kind.to_string() }
    }
}

impl Method {
    /// One without anything but a name.
    pub(super) fn new(name: Ident, span: Span) -> Self {
        let (doc, notes, given, output, output_text, nothing) = Default::default();
        Self { name, span, doc, notes, given, output, output_text, body: None, nothing }
    }

    /// A method that decides in this state.
    pub(super) fn of_state(
        context: &Context<'_>,
        state: &StateModel,
        name: &Ident,
        doc: String,
        given: Option<Given>,
        body: Option<TokenStream>,
    ) -> Self {
        let (root, payload, named) = (context.root, context.payload(state), &state.ident);
        let own = Given::inside(context, hygienic("state"), named);
        let turn = hygienic("turn");
        let nothing = quote!(::core::future::ready(#turn.stay(#root::Reply::silence())));
        let turn = Given { name: turn, kind: quote!(#root::Turn<'_, #payload>), text: format!("Turn<'_, {named}>") };
        Self {
            doc: vec![doc],
            notes: state.notes.all().cloned().collect(),
            given: [own].into_iter().chain(given).chain([turn]).collect(),
            output: quote!(#root::Step<#payload>),
            output_text: format!("Step<{named}>"),
            body,
            nothing,
            ..Self::new(name.clone(), state.ident.span())
        }
    }

    pub(super) fn is_required(&self) -> bool {
        self.body.is_none()
    }

    /// How a user begins it.
    pub(super) fn signature(&self) -> String {
        let given = self.given.iter().map(|given| format!("{}: {}", given.name, given.text));
        let given: Vec<_> = ["&self".to_owned()].into_iter().chain(given).collect();
        format!("async fn {}({}) -> {}", self.name, given.join(", "), self.output_text)
    }

    /// The method in the trait.
    pub(super) fn tokens(&self, context: &Context<'_>) -> TokenStream {
        let Self { name, doc, notes, given, output, nothing, .. } = self;
        let span = self.span;
        let signature = format!(" Written as `{}`.", self.signature());
        let doc = doc.iter().chain([&signature]);
        let gap = (!notes.is_empty()).then(|| quote!(#[doc = ""]));
        let (names, kinds): (Vec<_>, Vec<_>) = given.iter().map(|given| (&given.name, &given.kind)).unzip();
        let body = match &self.body {
            Some(body) => quote_spanned!(span=> { #body }),
            None if context.has_mistakes => quote_spanned!(span=> { #(let _ = &#names;)* #nothing }),
            None => quote_spanned!(span=> ;),
        };
        quote_spanned! {span=>
            #(#[doc = #doc])*
            #gap
            #(#notes)*
            fn #name(
                &self,
                #(#names: #kinds,)*
            ) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send #body
        }
    }
}
