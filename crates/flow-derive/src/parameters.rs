//! The parameters of an enum, which neither a flow nor a choice has: [`Parameter`].

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Type, parse2};

use crate::nothing::no_value;

/// A parameter, and what the code has in its place, so that it is the only mistake.
pub(crate) struct Parameter {
    name: String,
    given: TokenStream,
}

/// All of them. `kind` is what is given for a type, and `refused` are the words of the mistake.
pub(crate) fn parameters(generics: &Generics, kind: &TokenStream, refused: &str) -> Vec<Parameter> {
    let of = |parameter: &GenericParam| {
        let (name, given) = match parameter {
            GenericParam::Type(parameter) => (&parameter.ident, kind.clone()),
            GenericParam::Lifetime(lifetime) => (&lifetime.lifetime.ident, quote!('static)),
            GenericParam::Const(value) => {
                let none = no_value(generics, refused);
                (&value.ident, quote!({ #none }))
            }
        };
        Parameter { name: name.to_string(), given }
    };
    generics.params.iter().map(of).collect()
}

/// What follows the enum's name where it is a type.
pub(crate) fn arguments(parameters: &[Parameter]) -> Option<TokenStream> {
    let given = parameters.iter().map(|parameter| &parameter.given);
    (!parameters.is_empty()).then(|| quote!(<#(#given),*>))
}

/// The type without the parameters.
pub(crate) fn closed(kind: &Type, parameters: &[Parameter]) -> Type {
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
