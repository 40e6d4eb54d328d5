//! The words of `#[state(...)]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{LitInt, LitStr, Type, parse2};

use super::{
    Meant,
    correcting::corrects,
    entry::{alias, carried, choice, method, stored_name, target, targets, without},
    flow::kind,
};
use crate::{
    errors::Errors,
    flow::attr::{AfterWord, ChoiceWord, RemindWord, StateWord, Target},
    items::{Item, Wrong, literals, number, quoted, string, written},
    names,
};

pub(super) fn read(item: &Item, index: usize, meant: &Meant, errors: &mut Errors) -> Option<StateWord> {
    let alone = |word: StateWord, errors: &mut Errors| {
        item.alone(errors);
        Some(word)
    };
    match item.word.to_string().as_str() {
        "start" => alone(StateWord::Start, errors),
        "end" => alone(StateWord::End, errors),
        "checkpoint" => alone(StateWord::Checkpoint, errors),
        "handled" => alone(StateWord::Handled, errors),
        "silent" => alone(StateWord::Silent, errors),
        "endless" => alone(StateWord::Endless, errors),
        "answer" if item.rest().is_empty() => Some(StateWord::Answer(None)),
        "answer" => kind(item, "u8", errors).map(|kind| StateWord::Answer(Some(Box::new(kind)))),
        "ask" => item.text("a question", "What is your name?", errors).map(StateWord::Ask),
        "say" => say(item, errors),
        "choices" => choices(item, meant, errors),
        "offers" => kind(item, "Slot", errors).map(|kind| StateWord::Offers(Box::new(kind))),
        "run" => kind(item, "Address", errors).map(|kind| StateWord::Run(Box::new(kind))),
        "begin" => alone(StateWord::Begin, errors),
        "corrects" => Some(StateWord::Corrects(corrects(item, Some(index), meant, errors))),
        "signals" => Some(StateWord::Signals(item.entries("Paid, Refused", carried, errors))),
        "remind" => {
            let reminder = remind(item, errors)?;
            Some(StateWord::Remind(RemindWord { item: item.to_token_stream(), ..reminder }))
        }
        "to" => Some(StateWord::To(targets(item, index, meant, errors))),
        "alias" => Some(StateWord::Alias(item.entries("\"OLD_NAME\"", alias, errors))),
        "after" => after(item, index, meant, errors).map(StateWord::After),
        "tries" => tries(item, index, meant, errors).map(|(count, target)| StateWord::Tries(count, target)),
        "without" => {
            let example = if meant.words.is_empty() { "\"cancel\"".into() } else { meant.words.join(", ") };
            Some(StateWord::Without(item.entries(&example, |tokens| without(tokens, meant), errors)))
        }
        _ => None,
    }
}

fn say(item: &Item, errors: &mut Errors) -> Option<StateWord> {
    let says_nothing = item.value().and_then(|value| string(&value)).is_some_and(|text| text.trim().is_empty());
    if says_nothing {
        errors.at(item, "nothing is said here: write `silent`");
        return Some(StateWord::Silent);
    }
    item.text("what is said", "All set.", errors).map(StateWord::Say)
}

fn choices(item: &Item, meant: &Meant, errors: &mut Errors) -> Option<StateWord> {
    let choice = |tokens: &TokenStream| choice(tokens, meant);
    if item.has_equals() {
        let is_type = |kind: &Type| matches!(kind, Type::Path(_));
        if let Some(kind) = item.value().and_then(|value| parse2(value).ok()).filter(is_type) {
            return Some(StateWord::ChoicesOf(Box::new(kind)));
        }
    }
    // One name alone, without brackets, is that of a type.
    if let [one] = &item.loose()[..]
        && !matches!(item.rest().clone().into_iter().next(), Some(TokenTree::Group(_)))
    {
        let name = string(one).unwrap_or_else(|| written(one));
        if syn::parse_str::<Ident>(&name).is_ok() {
            return kind(item, "Size", errors).map(|kind| StateWord::ChoicesOf(Box::new(kind)));
        }
    }
    // That none of them has a name is one mistake.
    let labels = item.list().unwrap_or_default();
    let names: Option<Vec<_>> = labels.iter().map(|label| Some(names::variant(&string(label)?))).collect();
    if let Some(mut names) = names.filter(|names| names.len() > 1) {
        names.dedup();
        let names = names.join(", ");
        errors.at(item, format!("each choice has a name: write `choices({names})`"));
        return Some(StateWord::Choices(item.guessed(&names, choice)));
    }
    let entries: Vec<ChoiceWord> = item.entries("Yes, No", choice, errors);
    Some(StateWord::Choices(entries))
}

/// `("1h", Waiting)`, or `(Waiting)`
fn remind(item: &Item, errors: &mut Errors) -> Option<RemindWord> {
    let entries = item.list().unwrap_or_default();
    let read = match &entries[..] {
        [name] => reminder(name, None),
        [time, name] if string(time).is_some() => reminder(name, parse2(time.clone()).ok()),
        _ => None,
    };
    if read.is_some() {
        return read;
    }
    // One of two entries may be wrong, the other right.
    let instead = match &entries[..] {
        [time, name] if reminder(name, None).is_some() && reminder(time, None).is_none() => {
            let time_text = Meant::time_in(time).unwrap_or_else(|| "\"1h\"".into());
            errors.at(time, format!("a time stands in quotes: write `{time_text}`"));
            format!("{time_text}, {}", written(name))
        }
        [time, name] if string(time).is_some() && reminder_name(name).is_some() => {
            let name_text = reminder_name(name)?;
            errors.at(name, format!("a reminder has a name: write `{name_text}`"));
            format!("{time}, {name_text}")
        }
        [one, other] if reminder(one, None).is_some() && reminder(other, None).is_some() => {
            let (one, other) = (written(one), written(other));
            errors.at(item, format!("one reminder each: write `remind({one}), remind({other})`"));
            one
        }
        _ => {
            let instead = reminder_of(item);
            item.usage(&format!("({instead})"), errors);
            instead
        }
    };
    let parts = item.guessed(&instead, |tokens| Ok::<_, Wrong>(tokens.clone()));
    match &parts[..] {
        [name] => reminder(name, None),
        [time, name] => reminder(name, parse2(time.clone()).ok()),
        _ => None,
    }
}

fn reminder(tokens: &TokenStream, after: Option<LitStr>) -> Option<RemindWord> {
    let read = |input: syn::parse::ParseStream<'_>| Ok((input.parse::<Ident>()?, stored_name(input)?));
    let (ident, name) = syn::parse::Parser::parse2(read, tokens.clone()).ok()?;
    Some(RemindWord { after, method: method(&ident), ident, name, item: TokenStream::new() })
}

/// The name that a reminder is meant to have.
fn reminder_name(tokens: &TokenStream) -> Option<String> {
    // A reminder carries nothing.
    if let Some(TokenTree::Ident(name)) = tokens.clone().into_iter().next() {
        return Some(name.to_string());
    }
    let text = quoted(tokens)?;
    let name = names::variant(text.trim_matches('"'));
    name.split('(').next().map(str::to_owned)
}

/// What an item with a reminder in it is meant for.
fn reminder_of(item: &Item) -> String {
    let time = Meant::time_in(item.rest());
    let is_name = |token: &TokenTree| matches!(token, TokenTree::Ident(_));
    let parts = item.loose().into_iter().flatten().collect::<Vec<_>>();
    let ident = parts.iter().find(|token| is_name(token)).map(ToString::to_string);
    let said = literals(item.rest()).into_iter().find_map(|literal| {
        let tokens = TokenTree::from(literal).into();
        if Meant::time_in(&tokens).is_some() { None } else { reminder_name(&tokens) }
    });
    let name = ident.or(said).unwrap_or_else(|| "Waiting".into());
    time.map_or_else(|| name.clone(), |time| format!("{time}, {name}"))
}

/// `("24h", State)`
fn after(item: &Item, index: usize, meant: &Meant, errors: &mut Errors) -> Option<AfterWord> {
    let whole = item.to_token_stream();
    let time = |tokens: &TokenStream| {
        let instead = || Meant::time_in(tokens).unwrap_or_else(|| "\"24h\"".into());
        parse2::<LitStr>(tokens.clone()).map_err(|_| Wrong::new("a time stands in quotes", instead()))
    };
    let (time, target) = pair(item, index, meant, time, Meant::time_in, "\"24h\"", errors)?;
    Some(AfterWord { time, target, item: whole })
}

/// `(3, State)`
fn tries(item: &Item, index: usize, meant: &Meant, errors: &mut Errors) -> Option<(LitInt, Target)> {
    let count = |tokens: &TokenStream| {
        let instead = number(tokens).unwrap_or(3).to_string();
        let read = parse2::<LitInt>(tokens.clone()).ok().filter(|count| !count.base10_digits().starts_with('-'));
        read.ok_or_else(|| Wrong::new("a limit of tries is a number from 1 up", instead))
    };
    let count_in = |tokens: &TokenStream| number(tokens).map(|count| count.to_string());
    pair(item, index, meant, count, count_in, "3", errors)
}

/// Something, and the state that it leads to.
fn pair<T>(
    item: &Item,
    index: usize,
    meant: &Meant,
    first: impl Fn(&TokenStream) -> Result<T, Wrong>,
    first_in: impl Fn(&TokenStream) -> Option<String>,
    example: &str,
    errors: &mut Errors,
) -> Option<(T, Target)> {
    let successor = meant.successor(index);
    let second = |tokens: &TokenStream| target(tokens, successor, meant);
    let entries = item.list().unwrap_or_default();
    let is_swapped = |one: &TokenStream, other: &TokenStream| second(one).is_ok() && second(other).is_err();
    if let [one, other] = &entries[..]
        && !is_swapped(one, other)
    {
        let first = either(item, one, &first, errors);
        let second = either(item, other, second, errors);
        return Some((first?, second?));
    }
    let states = item.loose().iter().flat_map(|tokens| meant.states_in(tokens)).collect::<Vec<_>>();
    let state = states.first().copied().unwrap_or(successor);
    let one = first_in(item.rest()).unwrap_or_else(|| example.to_owned());
    item.usage(&format!("({one}, {state})"), errors);
    Some((item.guessed(&one, first).pop()?, item.guessed(state, second).pop()?))
}

/// The entry, or what is meant by it.
fn either<T>(
    item: &Item,
    tokens: &TokenStream,
    entry: impl Fn(&TokenStream) -> Result<T, Wrong>,
    errors: &mut Errors,
) -> Option<T> {
    entry(tokens)
        .or_else(|wrong| {
            errors.at(tokens, &wrong.message);
            item.guessed(&wrong.instead, &entry).pop().ok_or(wrong)
        })
        .ok()
}
