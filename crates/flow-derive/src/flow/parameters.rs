//! The parameters of an enum, which no flow has: [`Parameter`].

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Type, parse2};

/// A parameter, and what the code has in its place, so that it is the only mistake.
pub(super) struct Parameter {
    name: String,
    pub(super) given: TokenStream,
}

impl Parameter {
    pub(super) fn of(parameter: &GenericParam) -> Self {
        let (name, given) = match parameter {
            GenericParam::Type(kind) => (kind.ident.to_string(), quote!(())),
            GenericParam::Lifetime(lifetime) => (lifetime.lifetime.ident.to_string(), quote!('static)),
            GenericParam::Const(value) => (value.ident.to_string(), quote!(0)),
        };
        Self { name, given }
    }
}

/// The type without the parameters.
pub(super) fn closed(kind: &Type, parameters: &[Parameter]) -> Type {
    let closed = if parameters.is_empty() { None } else { parse2(given(kind.to_token_stream(), parameters)).ok() };
    closed.unwrap_or_else(|| kind.clone())
}

fn given(tokens: TokenStream, parameters: &[Parameter]) -> TokenStream {
    let mut closed = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        // A lifetime is a quote and its name.
        let is_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        let name = if is_quote { tokens.peek().map(ToString::to_string) } else { Some(token.to_string()) };
        let parameter = parameters.iter().find(|parameter| Some(&parameter.name) == name.as_ref());
        match (token, parameter) {
            (TokenTree::Group(group), _) => {
                let inner = given(group.stream(), parameters);
                closed.extend([TokenTree::from(Group::new(group.delimiter(), inner))]);
            }
            (_, Some(parameter)) => {
                closed.extend(parameter.given.clone());
                tokens.next_if(|_| is_quote);
            }
            (token, None) => closed.extend([token]),
        }
    }
    closed
}
