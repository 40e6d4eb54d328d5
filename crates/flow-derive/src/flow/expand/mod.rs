//! The code of a flow, written from its model and its graph.
//!
//! In the generated module stand the types that users name: a struct for each state, an enum for its choices and for its
//! reminders, one for the flow's signals and one for its effects. All else stands beside the enum, where the user's own
//! names mean what they meant when they were written, also inside a function. So the module names no type of the user's:
//! it takes them by number, through the trait `Known`. The framework's crate is `__flow` in both places.

mod carriers;
mod driving;
mod flow_impl;
mod graph;
mod handler;
mod incoming;
mod method;
mod needs;
mod nested;
mod only_one;
mod structs;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, Type, Visibility, parse_quote, parse2};

use super::{
    check::Graph,
    model::{FieldModel, Model, Shape, StateModel, text},
};
use crate::{
    parameters::arguments,
    root::{Root, deeper},
};

/// Everything that is written beside the enum.
///
/// The code of a faulty declaration allows more than it should: every transition, and handlers that are not written.
/// What the user wrote against the flow then compiles, and the mistake itself is the only error.
pub(super) fn expand(model: &Model, graph: &Graph, has_mistakes: bool) -> TokenStream {
    let context = Context { model, graph, has_mistakes, root: &model.root, kinds: kinds(model, graph) };
    let (module, visibility, enum_name) = (&model.module, &model.visibility, &model.ident);
    let (inner_seam, seam) = (model.root.deeper().seam(), model.root.seam());
    // What a relative path begins with is known beside the enum, or everywhere.
    let beside = model.root.is_relative().then(|| {
        quote!(
            use super::*;
        )
    });
    let (structs, enums) = (structs::structs(&context), incoming::enums(&context));
    let (ends, ending) = (structs::ends(&context), structs::ending(&context));
    let (handler, known) = (handler::handler_trait(&context), known(&context));
    let (states, carriers) = (structs::states(&context), carriers::carriers(&context));
    let (types, undeclared) = (types(&context), carriers::undeclared(&context));
    let undeclared_beside = carriers::undeclared_beside(&context);
    let (incoming, flow, drive) = (incoming::impls(&context), flow_impl::flow(&context), driving::drive(&context));
    let only_one = only_one::only_one(&context);
    let doc =
        format!("What [`{enum_name}`] is made of: a struct for each state, and an enum for what can come in there.");
    let (names, open) = (names(&context), &model.open);
    quote_spanned! {enum_name.span()=>
        #names

        #[doc = #doc]
        #[allow(dead_code, deprecated, missing_copy_implementations, missing_docs, unreachable_pub, unused_imports, unused_qualifications, clippy::all, clippy::pedantic)]
        #visibility mod #module {
            #beside
            use #inner_seam as __flow;
            pub use __flow::{RemindExt as _, StepExt as _};

            #open
            #types
            #structs
            #enums
            #ends
            #undeclared
        }
        #undeclared_beside

        #handler

        #only_one

        #[allow(dead_code, deprecated, non_local_definitions, unreachable_code, unused_qualifications, unused_variables, clippy::all, clippy::pedantic)]
        const _: () = {
            use #seam as __flow;

            #known
            #states
            #carriers
            #incoming
            #ending
            #flow
            #drive
        };
    }
}

/// With mistakes in the declaration: the states that it names, as the user wrote them, also those that do not exist.
///
/// An editor completes a name, and finds what it names, where the name stands in the expansion. For the compiler, a name
/// that does not exist would be a second mistake.
fn names(context: &Context<'_>) -> Option<TokenStream> {
    let enum_name = &context.model.ident;
    // A keyword, as `Self`, names no state.
    let is_name = |name: &&Ident| parse2::<Ident>(name.to_token_stream()).is_ok();
    let names = context.model.named().map(|target| &target.ident).filter(is_name);
    context.has_mistakes.then(|| {
        quote_spanned! {enum_name.span()=>
            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(rust_analyzer)]
                use #enum_name::{#(#names as _),*};
            };
        }
    })
}

/// What every part of the expansion needs.
struct Context<'c> {
    model: &'c Model,
    graph: &'c Graph,
    has_mistakes: bool,
    /// The framework's crate, as it is written beside the enum.
    root: &'c Root,
    /// The types that the declaration names, each once; the place is its number.
    kinds: Vec<&'c Type>,
}

impl Context<'_> {
    /// The enum's visibility, as seen from inside the module. It stands at the item that it is of: whatever rustc tells of
    /// that item, it tells from its first token on.
    fn inner_visibility(&self, span: Span) -> TokenStream {
        match &self.model.visibility {
            Visibility::Inherited => quote_spanned!(span=> pub(super)),
            Visibility::Restricted(restricted) => {
                let path = deeper(&restricted.path);
                quote_spanned!(span=> pub(in #path))
            }
            Visibility::Public(_) => quote_spanned!(span=> pub),
        }
    }

    /// The same, beside the enum.
    fn visibility(&self, span: Span) -> TokenStream {
        match &self.model.visibility {
            Visibility::Inherited => quote!(),
            Visibility::Restricted(restricted) => {
                let (path, within) = (&restricted.path, restricted.in_token.map(|_| quote_spanned!(span=> in)));
                quote_spanned!(span=> pub(#within #path))
            }
            Visibility::Public(_) => quote_spanned!(span=> pub),
        }
    }

    /// The state's struct, as seen from beside the enum.
    fn payload(&self, state: &StateModel) -> TokenStream {
        self.inside(&state.ident)
    }

    /// Something in the module, as seen from beside the enum.
    fn inside(&self, ident: &Ident) -> TokenStream {
        let module = located(&self.model.module, ident.span());
        quote_spanned!(ident.span()=> #module::#ident)
    }

    /// The state's struct by its name as the user wrote it there, unless it was misspelt.
    ///
    /// An editor takes that name for whatever has its place in the expansion. So the rest of the path stands at the variant.
    fn named(&self, index: usize, written: &Ident) -> TokenStream {
        let ident = &self.model.states[index].ident;
        let (module, name) =
            (located(&self.model.module, ident.span()), if written == ident { written } else { ident });
        quote_spanned!(ident.span()=> #module::#name)
    }

    /// A type of the user's, as seen from inside the module.
    fn field(&self, kind: &Type) -> TokenStream {
        let number = self.number(kind);
        quote!(__Field<#number>)
    }

    /// The same, of what a signal or an effect carries.
    fn carried(&self, kind: &Type) -> TokenStream {
        let number = self.number(kind);
        quote!(__Carried<#number>)
    }

    fn number(&self, kind: &Type) -> Literal {
        let number = self.kinds.iter().position(|known| text(known) == text(kind)).unwrap_or_default();
        Literal::usize_unsuffixed(number)
    }

    /// The type that states share.
    fn shared(&self) -> Type {
        let root = self.root;
        self.model.shared.clone().unwrap_or_else(|| parse_quote!(#root::NothingShared))
    }

    /// What follows the enum's name where it is a type: what parameters are given, which are a mistake.
    fn arguments(&self) -> Option<TokenStream> {
        arguments(&self.model.parameters)
    }

    fn handler_name(&self) -> Ident {
        format_ident!("{}Handler", self.model.ident)
    }

    /// The enum of what goes over the wire in this role, if anything does: `BookingSignal`.
    fn wire_enum(&self, role: &str) -> Ident {
        if role == "Signal" { self.model.signal_enum.clone() } else { self.model.effect_enum.clone() }
    }
}

/// The types that the declaration names, each once.
fn kinds<'m>(model: &'m Model, graph: &'m Graph) -> Vec<&'m Type> {
    let fields = model.states.iter().flat_map(|state| &state.fields).map(|field| &field.kind);
    each_once(fields.chain(kinds_carried(graph)))
}

/// The types that signals and effects carry.
fn kinds_carried(graph: &Graph) -> impl Iterator<Item = &Type> {
    graph.signals.iter().chain(&graph.effects).filter_map(|carried| carried.kind.as_ref())
}

fn each_once<'m>(all: impl Iterator<Item = &'m Type>) -> Vec<&'m Type> {
    let mut kinds: Vec<&Type> = Vec::new();
    for kind in all {
        if !kinds.iter().any(|known| text(known) == text(kind)) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Inside the module: the types by their numbers, if there are any.
///
/// What signals and effects carry is seen wherever the flow is: whoever calls `BookingSignal::Paid(7)` calls a function of that type.
/// What states hold need not be, and a type that is private to the module around the flow may not be shown beyond it.
fn types(context: &Context<'_>) -> Option<TokenStream> {
    let span = context.model.ident.span();
    let visibility = context.inner_visibility(span);
    let carried = kinds_carried(context.graph).next().map(|_| {
        quote_spanned! {span=>
            /// The types that the flow's signals and effects carry, by their numbers.
            #[doc(hidden)]
            #[allow(missing_debug_implementations)]
            #visibility struct __AllCarried;

            type __Carried<const NUMBER: usize> = <__AllCarried as __flow::Known<NUMBER>>::Type;
        }
    });
    let held = context.model.states.iter().any(|state| !state.fields.is_empty()).then(|| {
        quote_spanned! {span=>
            /// The types that the flow's enum names, by their numbers.
            #[doc(hidden)]
            pub(super) struct __Types;

            type __Field<const NUMBER: usize> = <__Types as __flow::Known<NUMBER>>::Type;
        }
    });
    (!context.kinds.is_empty()).then(|| quote!(#held #carried))
}

/// Beside the enum: which type each number stands for.
fn known(context: &Context<'_>) -> TokenStream {
    let fields = context.model.states.iter().flat_map(|state| &state.fields).map(|field| &field.kind);
    let held = known_as(context, "__Types", each_once(fields));
    let carried = known_as(context, "__AllCarried", each_once(kinds_carried(context.graph)));
    quote!(#held #carried)
}

fn known_as(context: &Context<'_>, all: &str, kinds: Vec<&Type>) -> TokenStream {
    let (module, span) = (&context.model.module, context.model.ident.span());
    let all = Ident::new(all, span);
    let each = kinds.into_iter().map(|kind| {
        let number = context.number(kind);
        quote_spanned! {span=>
            impl __flow::Known<#number> for #module::#all {
                type Type = #kind;
            }
        }
    });
    quote!(#(#each)*)
}

/// The fields in the shape of the variant, as in `{ name, email }`: a pattern, and an expression where there are
/// variables of these names.
fn braced(shape: Shape, fields: &[FieldModel]) -> TokenStream {
    let names = fields.iter().map(|field| &field.ident);
    match shape {
        Shape::Unit => quote!(),
        Shape::Tuple => quote!((#(#names),*)),
        Shape::Named => quote!({ #(#names),* }),
    }
}

/// The fields in the shape of the variant, each with its value, as in `{ name: self.name }`.
fn filled(shape: Shape, fields: &[FieldModel], value: impl Fn(&FieldModel) -> TokenStream) -> TokenStream {
    let (names, values) = (fields.iter().map(|field| &field.ident), fields.iter().map(value));
    match shape {
        Shape::Unit => quote!(),
        Shape::Tuple => quote!((#(#values),*)),
        Shape::Named => quote!({ #(#names: #values),* }),
    }
}

/// The same name at another place.
fn located(ident: &Ident, span: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(span));
    ident
}

/// What stands after the dot to reach the field.
fn member(state: &StateModel, field: &FieldModel) -> TokenStream {
    let (ident, place) = (&field.ident, field.name.parse().map(Literal::usize_unsuffixed));
    match place {
        Ok(place) if state.shape == Shape::Tuple => quote!(#place),
        _ => quote!(#ident),
    }
}
