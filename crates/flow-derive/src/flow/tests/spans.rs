//! Where the tokens of the expansion point to: what the compiler and an editor make of a declaration hangs on it.
//!
//! An editor takes a name inside an attribute for whatever stands in the expansion with that very span. So the name must
//! stand there, as a path, and nothing else may.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::DeriveInput;

use super::derive;
use crate::{names::snake, root::Root};

/// A declaration with every word that names something.
pub(super) const TALK: &str = r#"
    #[flow(anywhere("stop" => Done, "again" => Self::Begin, back), effects(Mail(Letter), Ring))]
    pub enum Talk {
        /// Greets.
        #[state(start, ask = "Your name?", to(Topic, Done), tries(3, Done))]
        Begin,
        /// Asks what it is about.
        #[deprecated]
        #[state(to(Talk::Confirm, Begin), offers = Subject)]
        Topic {
            /// As it was said.
            #[deprecated]
            name: String,
        },
        #[state(ask = "{name}, of {pair}?", choices(Yes("Yes", "sure"), Later), to(Sent, Rating), after("2h", Done))]
        #[state(signals(Paid(Receipt), Refused), remind("1h", Link))]
        Confirm { name: String, pair: Pair },
        #[state(say = "Is it right?", choices = Verdict, to(Done), signals(Paid(Receipt)))]
        Rating,
        #[state(end, say = "Sent: {0}.")]
        Sent(Pair),
        #[state(end, say = "Bye.")]
        Done,
    }
"#;

/// A declaration and what it becomes, with spans.
pub(super) struct Expansion {
    declaration: String,
    input: DeriveInput,
    pub(super) code: TokenStream,
}

impl Expansion {
    pub(super) fn of(declaration: &str) -> Self {
        let declaration = declaration.to_owned();
        let input = syn::parse_str(&declaration).expect("an enum");
        let code = derive(&input, Root::core());
        Self { declaration, input, code }
    }

    /// The text that the span covers; none for what points to the derive itself.
    pub(super) fn text(&self, span: Span) -> &str {
        let (start, end) = (self.offset(span.start()), self.offset(span.end()));
        &self.declaration[start..end]
    }

    fn offset(&self, place: proc_macro2::LineColumn) -> usize {
        let before: usize = self.declaration.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
        before + place.column
    }

    /// The names of the expansion that have this span. The word `impl` names nothing.
    fn at(&self, span: Span) -> Vec<String> {
        let here = tokens(self.code.clone()).into_iter().filter_map(|token| match token {
            TokenTree::Ident(ident) if place(ident.span()) == place(span) && ident != "impl" => Some(ident.to_string()),
            _ => None,
        });
        here.collect()
    }

    /// The names in the brackets after one of these words of the attributes.
    fn named_in(&self, words: &[&str]) -> Vec<Ident> {
        let attributes = self.input.to_token_stream();
        let tokens = tokens(attributes);
        let brackets = tokens.windows(2).filter_map(|pair| match pair {
            [TokenTree::Ident(word), TokenTree::Group(group)] if words.iter().any(|known| word == known) => {
                Some(group.stream())
            }
            _ => None,
        });
        brackets.flat_map(idents).collect()
    }

    fn variants(&self) -> Vec<String> {
        let syn::Data::Enum(data) = &self.input.data else { panic!("a flow is an enum") };
        data.variants.iter().map(|variant| variant.ident.to_string()).collect()
    }

    /// What an item of this name is made of: the variant that is named in it, or the enum.
    pub(super) fn origin(&self, name: &str) -> String {
        let is_named = |variant: &String| format!("_{}_", snake(name)).contains(&format!("_{}_", snake(variant)));
        self.variants().into_iter().find(is_named).unwrap_or_else(|| self.input.ident.to_string())
    }
}

/// All tokens, those in groups too.
fn tokens(stream: TokenStream) -> Vec<TokenTree> {
    let nested = stream.into_iter().flat_map(|token| {
        let inside = match &token {
            TokenTree::Group(group) => tokens(group.stream()),
            _ => Vec::new(),
        };
        std::iter::once(token).chain(inside)
    });
    nested.collect()
}

pub(super) fn idents(stream: TokenStream) -> Vec<Ident> {
    let tokens = tokens(stream).into_iter();
    tokens.filter_map(|token| if let TokenTree::Ident(ident) = token { Some(ident) } else { None }).collect()
}

fn place(span: Span) -> (usize, usize, usize, usize) {
    (span.start().line, span.start().column, span.end().line, span.end().column)
}

#[test]
fn a_state_named_in_an_attribute_stands_in_the_expansion_and_nothing_else_stands_there() {
    let talk = Expansion::of(TALK);
    let named = talk.named_in(&["to", "after", "tries", "anywhere"]);
    let states: Vec<_> = named.iter().filter(|name| talk.variants().contains(&name.to_string())).collect();
    assert_eq!(states.len(), 11);
    for name in states {
        let there = talk.at(name.span());
        assert!(!there.is_empty() && there.iter().all(|ident| name == ident), "{name} {:?}: {there:?}", name.span());
    }
}

#[test]
fn a_state_is_found_also_while_the_declaration_has_a_mistake() {
    let talk = Expansion::of(&TALK.replace("to(Topic, Done)", "to(Topi, Done), pizza"));
    for name in talk.named_in(&["to", "after", "tries"]).iter().filter(|name| *name != "Talk") {
        assert!(talk.at(name.span()).contains(&name.to_string()), "{name}");
    }
}

#[test]
fn what_comes_in_is_found_by_its_name_and_by_its_methods() {
    let talk = Expansion::of(TALK);
    let named = talk.named_in(&["choices", "offers", "signals", "remind", "effects"]);
    assert_eq!(named.len(), 11);
    let is_type = |name: &Ident| ["Receipt", "Letter"].iter().any(|kind| name == kind);
    for name in named {
        let there = talk.at(name.span());
        assert!(there.contains(&name.to_string()), "{name}");
        // A type that falls short is told by the whole call that needs it.
        let is_need = |ident: &str| is_type(&name) && ["__flow", "carried"].contains(&ident);
        let is_own = |ident: &str| snake(ident).ends_with(&snake(&name.to_string()));
        assert!(there.iter().all(|ident| is_own(ident) || is_need(ident)), "{name}: {there:?}");
    }
}

#[test]
fn the_fields_of_a_prompt_are_found_from_the_prompt() {
    let talk = Expansion::of(TALK);
    let prompts = tokens(talk.input.to_token_stream()).into_iter().filter(|token| token.to_string().contains('{'));
    let prompts: Vec<_> = prompts.filter(|token| matches!(token, TokenTree::Literal(_))).collect();
    let fields: Vec<_> = prompts.iter().map(|prompt| talk.at(prompt.span())).collect();
    // The value without a name is called so in code.
    assert_eq!(fields, [vec!["name", "pair"], vec!["value"]]);
}

#[test]
fn the_declaration_has_no_mistakes() {
    assert_eq!(super::mistakes(TALK), "");
}
