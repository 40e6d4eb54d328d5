//! The words of `#[flow(...)]`.

use proc_macro2::TokenStream;
use syn::{Ident, LitInt, LitStr, Type, parse_str};

use super::{
    Meant,
    correcting::corrects,
    entry::{anywhere, carried, opens},
};
use crate::{
    errors::Errors,
    flow::attr::FlowWord,
    items::{Item, number, path, string, without_sign},
    names::snake,
};

pub(super) fn read(item: &Item, meant: &Meant, errors: &mut Errors) -> Option<FlowWord> {
    match item.word.to_string().as_str() {
        "crate" => path(item, &meant.root, errors).map(FlowWord::Crate),
        "name" => item.text("a flow's name", &meant.name, errors).map(FlowWord::Name),
        "version" => version(item, errors).map(FlowWord::Version),
        "shared" => kind(item, "Order", errors).map(|kind| FlowWord::Shared(Box::new(kind))),
        "module" => module(item, meant, errors).map(FlowWord::Module),
        "effects" => Some(FlowWord::Effects(item.entries("SendMail, Ring", carried, errors))),
        "corrects" => Some(FlowWord::Corrects(corrects(item, None, meant, errors))),
        "opens" => {
            let example = format!("\"book\" => {}", meant.way_out());
            Some(FlowWord::Opens(item.entries(&example, |tokens| opens(tokens, meant), errors)))
        }
        "waiting" => waiting(item, errors).map(FlowWord::Waiting),
        "anywhere" => Some(FlowWord::Anywhere(anywhere(item, meant, errors))),
        _ => None,
    }
}

/// A type after the equals sign.
pub(super) fn kind(item: &Item, example: &str, errors: &mut Errors) -> Option<Type> {
    let is_right = |kind: &Type| !matches!(kind, Type::Infer(_) | Type::Never(_) | Type::Slice(_));
    let meant = |tokens: &TokenStream| {
        let text = string(tokens).unwrap_or_else(|| without_sign(tokens));
        let text = text.trim_start_matches('(').trim_end_matches(')');
        parse_str::<Type>(text).ok().filter(is_right).map(|_| text.to_owned())
    };
    item.value_of("a type stands here by its name", is_right, meant, example, errors)
}

fn version(item: &Item, errors: &mut Errors) -> Option<LitInt> {
    let is_right = |version: &LitInt| version.base10_parse::<u32>().is_ok_and(|version| version > 0);
    let meant = |tokens: &TokenStream| Some(number(tokens).unwrap_or(1).to_string());
    item.value_of("a version is a number from 1 up", is_right, meant, "1", errors)
}

/// How messages that wait are handled. The first is what is meant if nothing is said.
const WAITING: [&str; 3] = ["one by one", "together", "latest"];

fn waiting(item: &Item, errors: &mut Errors) -> Option<LitStr> {
    let is_right = |way: &LitStr| WAITING.contains(&way.value().as_str());
    let meant = |tokens: &TokenStream| {
        let text = string(tokens).unwrap_or_else(|| without_sign(tokens));
        let text = text.trim_matches(['(', ')']).replace('_', " ");
        let way = WAITING.iter().find(|way| **way == text.trim()).unwrap_or(&WAITING[1]);
        Some(format!("{way:?}"))
    };
    let what = "messages that wait are handled \"one by one\", \"together\" or by the \"latest\"";
    item.value_of(what, is_right, meant, "\"together\"", errors)
}

fn module(item: &Item, meant: &Meant, errors: &mut Errors) -> Option<Ident> {
    let name = |tokens: &TokenStream| {
        let text = string(tokens).unwrap_or_else(|| without_sign(tokens));
        let last = text.trim_matches(['(', ')']).rsplit("::").next().map(|name| snake(name.trim()));
        Some(last.filter(|name| parse_str::<Ident>(name).is_ok()).unwrap_or_else(|| meant.module.clone()))
    };
    item.value_of("a module has a name", |_| true, name, &meant.module, errors)
}
