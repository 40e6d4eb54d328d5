//! The entries of lists.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Error, LitStr, Result as Parsed, Token, Type,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    parse_str, parse2,
    punctuated::Punctuated,
    token,
};

use super::{
    Meant,
    tokens::{after_colon, has_equals, labels, named, texts, within_angles, without_path, without_signs},
};
use crate::{
    errors::Errors,
    flow::attr::{AnywhereWord, CarriedWord, ChoiceWord, OpensWord, Target, WithoutWord},
    items::{Item, Wrong, literals, split, string, written},
    names,
};

/// The name of a state, to which the state with this index leads; the enum's words lead there if there is none.
pub(super) fn target(tokens: &TokenStream, example: &str, meant: &Meant) -> Result<Target, Wrong> {
    parse2(tokens.clone()).map_err(|_| {
        let states = meant.states_in(tokens);
        let instead = if states.is_empty() { example.to_owned() } else { states.join(", ") };
        Wrong::new("a state stands here by its name", instead)
    })
}

/// The entries of `to(...)`.
pub(super) fn targets(item: &Item, index: usize, meant: &Meant, errors: &mut Errors) -> Vec<Target> {
    let example = meant.follower(index).unwrap_or_else(|| meant.successor(index));
    if item.list().is_some() && !item.is_guess {
        return item.entries(example, |tokens| target(tokens, example, meant), errors);
    }
    // Beside the mistake of its form, a name that is misspelt or strange would be a second one.
    let near = |tokens: &TokenStream| {
        let target = target(tokens, example, meant)?;
        match meant.state(&target.ident.to_string()) {
            Some(state) if target.ident == state => Ok(target),
            near => Err(Wrong::new("", near.unwrap_or(example))),
        }
    };
    item.entries(example, near, errors)
}

/// The entries of `anywhere(...)`.
pub(super) fn anywhere(item: &Item, meant: &Meant, errors: &mut Errors) -> Vec<AnywhereWord> {
    let entry = |tokens: &TokenStream| anywhere_entry(tokens, meant);
    let example = format!("\"cancel\" => {}, back, help", meant.way_out());
    let Some(entries) = item.list() else {
        return match &item.loose()[..] {
            [one] if !item.rest().to_string().starts_with(['(', '[', '{']) => {
                let word = entry(one).map_or_else(|wrong| wrong.instead, |_| written(one));
                let example = if word.starts_with('"') { format!("{word}, back, help") } else { example };
                item.usage(&format!("({example})"), errors);
                item.guessed(&example, entry)
            }
            _ => item.entries(&example, entry, errors),
        };
    };
    // A comma for the arrow makes two entries of one.
    let is_word = |tokens: &TokenStream| string(tokens).is_some_and(|word| !matches!(&*word, "back" | "help"));
    let is_state = |tokens: &TokenStream| {
        parse2::<Ident>(tokens.clone())
            .is_ok_and(|name| meant.state(&name.to_string()).is_some_and(|state| name == state))
    };
    let mut words = Vec::new();
    let mut entries = entries.iter().peekable();
    while let Some(tokens) = entries.next() {
        if is_word(tokens)
            && let Some(state) = entries.next_if(|next| is_state(next))
        {
            let both: TokenStream = [tokens.clone(), state.clone()].into_iter().collect();
            let instead = format!("{tokens} => {state}");
            errors.at(&both, format!("a word leads to a state: write `{instead}`"));
            words.extend(item.guessed(&instead, entry));
            continue;
        }
        match entry(tokens) {
            Ok(word) => words.push(word),
            Err(wrong) => {
                errors.at(tokens, wrong.message);
                words.extend(item.guessed(&wrong.instead, entry));
            }
        }
    }
    words
}

fn anywhere_entry(tokens: &TokenStream, meant: &Meant) -> Result<AnywhereWord, Wrong> {
    parse2(tokens.clone()).map_err(|_| {
        if tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "aside")) {
            return wrong_aside(tokens, meant);
        }
        let parts: Vec<_> = tokens.clone().into_iter().filter(|token| !matches!(token, TokenTree::Punct(_))).collect();
        let said = |token: &TokenTree| string(&token.to_token_stream()).unwrap_or_else(|| token.to_string());
        let first = parts.first().map(&said).unwrap_or_default();
        if let (Some(near), 1) = (names::nearest(&first, ["back", "help"]), parts.len())
            && near != first
        {
            return Wrong::new("there is no such word", near);
        }
        if let word @ ("back" | "help") = &*first {
            let has_state = parts.len() > 1;
            return Wrong::new(
                &format!("`{word}` {}", if has_state { "needs no state" } else { "has no quotes" }),
                word,
            );
        }
        let is_state = |token: &TokenTree| meant.state(&said(token)).is_some_and(|state| state == said(token));
        let state = parts.iter().find(|token| is_state(token)).map_or_else(|| meant.way_out().to_owned(), &said);
        let words: Vec<_> = texts(tokens).into_iter().filter(|word| !meant.is_state(word)).collect();
        if words.len() > 1 {
            let each: Vec<_> = words.iter().map(|word| format!("{word:?} => {state}")).collect();
            return Wrong::new("each word leads to a state", each.join(", "));
        }
        let word = parts.iter().find(|token| !is_state(token)).map_or_else(|| "cancel".to_owned(), &said);
        Wrong::new("a word in quotes leads to a state", format!("{word:?} => {state}"))
    })
}

/// What stands for `aside("/hours" => Hours)`.
fn wrong_aside(tokens: &TokenStream, meant: &Meant) -> Wrong {
    let inner = tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let all: TokenStream = tokens.clone().into_iter().chain(inner.into_iter().flatten()).collect();
    let mut literals = literals(&all).into_iter().filter_map(|literal| string(&TokenTree::from(literal).into()));
    let word = literals.find(|word| !meant.is_state(word)).unwrap_or_else(|| "/hours".into());
    let states = meant.states_in(&all);
    let state = states.first().copied().unwrap_or(meant.way_out());
    Wrong::new("what is said aside leads to a state and back again", format!("aside({word:?} => {state})"))
}

/// One entry of `without(...)`.
pub(super) fn without(tokens: &TokenStream, meant: &Meant) -> Result<WithoutWord, Wrong> {
    parse2(tokens.clone()).map_err(|_| {
        let first = tokens.clone().into_iter().next().and_then(|token| string(&token.to_token_stream()));
        let instead = first.map(|word| format!("{word:?}")).or_else(|| meant.words.first().cloned());
        Wrong::new("a word stands here in quotes, without its state", instead.unwrap_or_else(|| "\"cancel\"".into()))
    })
}

/// One entry of `alias(...)`.
pub(super) fn alias(tokens: &TokenStream) -> Result<LitStr, Wrong> {
    parse2(tokens.clone()).map_err(|_| {
        let name = parse2::<Ident>(tokens.clone()).map_or_else(|_| "OLD_NAME".into(), |name| name.to_string());
        Wrong::new("a name in older records stands in quotes", format!("{name:?}"))
    })
}

/// One entry of `choices(...)`.
pub(super) fn choice(tokens: &TokenStream, meant: &Meant) -> Result<ChoiceWord, Wrong> {
    let read =
        |tokens: &TokenStream| parse2(tokens.clone()).map(|choice| ChoiceWord { entry: tokens.clone(), ..choice }).ok();
    read(tokens).ok_or_else(|| {
        if let Some(label) = string(tokens) {
            return Wrong::new("a choice has a name", names::variant(&label));
        }
        let own = without_path(tokens);
        if own.to_string() != tokens.to_string() && read(&own).is_some() {
            return Wrong::new("a choice stands here by its name alone", written(&own));
        }
        let parts = without_signs(tokens);
        let has_arrow = tokens.to_string().contains("=>") || tokens.to_string().contains("->");
        if let [chosen, state] = &parts[..]
            && has_arrow
            && meant.is_state(&state.to_string())
        {
            let name = string(chosen).map_or_else(|| written(chosen), |label| names::variant(&label));
            return Wrong::new("a choice names no state, since its method says where it leads", name);
        }
        if parts.len() > 1 && !has_arrow && parts.iter().all(|part| read(part).is_some()) {
            let parts: Vec<_> = parts.iter().map(written).collect();
            return Wrong::new("choices are separated by commas", parts.join(", "));
        }
        let (name, rest) = named(tokens);
        let labels: Vec<_> = labels(&rest);
        let instead = match &labels[..] {
            [] => name.unwrap_or_else(|| "Yes".into()),
            [label] if name.is_none() => names::variant(label),
            labels => {
                let labels = labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(", ");
                format!("{}({labels})", name.unwrap_or_else(|| "Yes".into()))
            }
        };
        Wrong::new("a choice has a name, and perhaps labels in brackets", instead)
    })
}

/// One entry of `signals(...)` or `effects(...)`.
pub(super) fn carried(tokens: &TokenStream) -> Result<CarriedWord, Wrong> {
    let read = parse2(tokens.clone()).map(|carried| CarriedWord { entry: tokens.clone(), ..carried });
    read.map_err(|_| {
        if let Some(name) = string(tokens) {
            return Wrong::new("this has a name without quotes", stored(&name));
        }
        let own = without_path(tokens);
        if own.to_string() != tokens.to_string() && parse2::<CarriedWord>(own.clone()).is_ok() {
            return Wrong::new("this stands here by its name alone", written(&own));
        }
        let (name, rest) = named(tokens);
        let name = name.unwrap_or_else(|| "Ring".into());
        // The type, be it in other brackets, after another sign, or the type of a named field.
        let inner = match parse2::<Group>(rest.clone()) {
            Ok(group) => group.stream(),
            Err(_) => within_angles(&rest),
        };
        let kinds: Vec<_> = split(inner).iter().map(after_colon).collect();
        let last = quote!(#(#kinds),*);
        let old_name = parse2::<Ident>(last.clone()).map(|name| name.to_string()).unwrap_or_default();
        if has_equals(tokens) && old_name.starts_with(char::is_lowercase) && !PRIMITIVES.contains(&&*old_name) {
            return Wrong::new("a stored name stands in quotes", format!("{name} = {old_name:?}"));
        }
        let kinds = Punctuated::<Type, Token![,]>::parse_terminated;
        match syn::parse::Parser::parse2(kinds, last.clone()) {
            Ok(kinds) if kinds.len() > 1 => Wrong::new(
                "one value is carried, and several in a struct or a tuple",
                format!("{name}(({}))", written(&last)),
            ),
            Ok(kinds) if kinds.len() == 1 && string(&last).is_none() => {
                Wrong::new("what is carried stands in brackets", format!("{name}({})", written(&last)))
            }
            _ => match string(&last) {
                Some(text) if parse_str::<Type>(&text).is_ok() => {
                    Wrong::new("a type stands without quotes", format!("{name}({text})"))
                }
                _ => Wrong::new("this has a name, and perhaps a type in brackets", name),
            },
        }
    })
}

/// Types that are called in small letters, as stored names mostly are.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// A variant that is stored under another name.
fn stored(name: &str) -> String {
    let variant = names::variant(name);
    let ident = variant.split('(').next().unwrap_or_default();
    if ident == name { name.to_owned() } else { format!("{ident} = {name:?}") }
}

impl Parse for ChoiceWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        let ident = input.parse()?;
        let mut words = Vec::new();
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            words = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect();
            if words.is_empty() {
                return Err(Error::new(content.span(), "no label"));
            }
        }
        Ok(Self { ident, words, entry: TokenStream::new() })
    }
}

impl Parse for CarriedWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        let ident = input.parse()?;
        let mut kind = None;
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            kind = Some(content.parse()?);
            content.parse::<Option<Token![,]>>()?;
            if !content.is_empty() {
                return Err(content.error("one value"));
            }
        }
        Ok(Self { method: method(&ident), ident, kind, name: stored_name(input)?, entry: TokenStream::new() })
    }
}

/// One entry of `opens(...)`.
pub(super) fn opens(tokens: &TokenStream, meant: &Meant) -> Result<OpensWord, Wrong> {
    parse2(tokens.clone()).map_err(|_| {
        let states = meant.states_in(tokens);
        let state = states.first().copied().unwrap_or(meant.way_out());
        let payload = texts(tokens).into_iter().find(|text| !meant.is_state(text)).unwrap_or_else(|| "book".into());
        Wrong::new("what a link names leads to a state", format!("{payload:?} => {state}"))
    })
}

impl Parse for OpensWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        let payload = input.parse()?;
        input.parse::<Token![=>]>()?;
        Ok(Self { payload, target: input.parse()? })
    }
}

/// The part of the names of handler methods.
pub(super) fn method(ident: &Ident) -> Ident {
    Ident::new(&names::snake(&names::plain(ident)), ident.span())
}

/// `= "old_name"`, if it stands there
pub(super) fn stored_name(input: ParseStream<'_>) -> Parsed<Option<LitStr>> {
    Ok(if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None })
}

impl Parse for AnywhereWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        if input.peek(LitStr) {
            let word = input.parse()?;
            let arrow = input.parse()?;
            return Ok(Self::To { word, arrow, target: input.parse()? });
        }
        let word: Ident = input.parse()?;
        if word == "aside" {
            let content;
            parenthesized!(content in input);
            let (said, arrow) = (content.parse()?, content.parse()?);
            return Ok(Self::Aside { aside: word, word: said, arrow, target: content.parse()? });
        }
        match word.to_string().as_str() {
            "back" => Ok(Self::Back(word)),
            "help" => Ok(Self::Help(word)),
            _ => Err(Error::new(word.span(), "no word")),
        }
    }
}

impl Parse for Target {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        let (mut path, mut ident) = (Vec::new(), input.call(Ident::parse_any)?);
        while input.parse::<Option<Token![::]>>()?.is_some() {
            path.push(ident);
            ident = input.call(Ident::parse_any)?;
        }
        Ok(Self { path, ident })
    }
}

impl Parse for WithoutWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        if input.peek(LitStr) { input.parse().map(Self::Said) } else { input.parse().map(Self::Named) }
    }
}
