//! What is put into a declaration, right or wrong.

use proptest::{
    collection::vec,
    prelude::{Just, any},
    prop_oneof,
    sample::{Index, select, subsequence},
    strategy::Strategy,
};

use super::{FIELDS, TIMES, Way, Whither};
use crate::flow::tests::verdict::declaration::{Carried, Choice, Item, Word};

const NO_TIMES: [&str; 5] = ["24", "0s", "soon", "1h30m", "99999999999d"];
const ALIASES: [&str; 11] =
    ["OLD", "OLD_NAME", "OLD", "OLD_NAME", "Old", "OldName", "old-name", "DONE", "Done", "BEGIN", "AskURL"];

pub(super) fn word() -> impl Strategy<Value = Word> {
    prop_oneof![Just(Word::Back), Just(Word::Help), Just(Word::To("stop", "Dnoe".into()))]
}

pub(super) fn whither() -> impl Strategy<Value = Whither> {
    prop_oneof![2 => any::<Index>().prop_map(Whither::State), 1 => select(&["Dnoe", "Dnoe", "Lfet", "Nmae", "Pizza", "Self"][..]).prop_map(Whither::Misspelt)]
}

pub(super) fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        3 => Just(Way::Only),
        3 => prop_oneof![2 => select(&TIMES[..]), 1 => select(&NO_TIMES[..])].prop_map(Way::After),
        2 => select(&["1", "3", "0", "4294967296"][..]).prop_map(Way::Tries),
    ]
}

pub(super) fn given() -> impl Strategy<Value = Item> {
    let plain = [
        "start",
        "end",
        "endless",
        "endless",
        "silent",
        "answer",
        "answer",
        "handled",
        "handled",
        "checkpoint",
        "tires",
    ];
    let prompts = ["Well?", "{name}?", "{name} {name}", "{0}!", "{{name}}", "{name}, {szie}", "{name", "{name:?}"];
    prop_oneof![
        8 => select(plain.to_vec()).prop_map(Item::Plain),
        2 => select(prompts.to_vec()).prop_map(Item::Ask),
        3 => select(prompts.to_vec()).prop_map(Item::Say),
        1 => Just(Item::After("1h", "Dnoe".into())),
        1 => Just(Item::Tries("3", "Pizza".into())),
        2 => vec(prop_oneof![9 => select(&ALIASES[..]), 1 => select(&["", " "][..])], 1..=2).prop_map(Item::Alias),
        3 => vec(select(&["stop", "stop", "Stop", "go", "back", "help"][..]), 1..=2).prop_map(Item::Without),
    ]
}

/// What a state takes.
pub(super) fn incoming() -> impl Strategy<Value = Item> {
    let of_type = |word, kinds: &'static [&'static str]| select(kinds).prop_map(move |kind| Item::Of(word, kind));
    prop_oneof![
        4 => vec(choice(), 1..=3).prop_map(Item::Choices),
        1 => of_type("choices", &["Wish", "Day"]),
        2 => of_type("answer", &["u8", "String"]),
        2 => of_type("offers", &["Day"]),
        4 => vec(signal(), 1..=2).prop_map(Item::Signals),
        2 => reminder(),
    ]
}

pub(super) fn reminder() -> impl Strategy<Value = Item> {
    let time = prop_oneof![2 => Just(None), 2 => Just(Some("1h")), 1 => select(&NO_TIMES[..]).prop_map(Some)];
    let stored = prop_oneof![2 => Just(None), 1 => Just(Some("Late"))];
    (time, select(&["Late", "Paid"][..]), stored).prop_map(|(time, name, stored)| Item::Remind(time, name, stored))
}

pub(super) fn choice() -> impl Strategy<Value = Choice> {
    let words = ["sure", "Sure ", "yes", "not now", "stop", " go", "back", "", " ", "{name}", "{name"];
    let words = prop_oneof![2 => Just(vec![]), 1 => vec(select(words.to_vec()), 1..=2)];
    (select(&["Yes", "Yes", "No", "No", "YES", "NotNow", "Stop", "Back"][..]), words)
        .prop_map(|(name, words)| Choice { name, words })
}

pub(super) fn alike() -> Just<[Choice; 2]> {
    Just([Choice { name: "NotNow", words: vec![] }, Choice { name: "No", words: vec!["not now"] }])
}

pub(super) fn signal() -> impl Strategy<Value = Carried> {
    let kind = prop_oneof![3 => Just(Some("u8")), 1 => Just(None)];
    let stored = prop_oneof![6 => Just(None), 1 => Just(Some("Paid")), 1 => Just(Some("paid"))];
    (select(&["Paid", "Paid", "Refused", "PAID"][..]), kind, stored).prop_map(|(name, kind, stored)| Carried {
        name,
        kind,
        stored,
    })
}

pub(super) fn effect() -> impl Strategy<Value = Carried> {
    let stored = prop_oneof![1 => Just(None), 1 => Just(Some("Ring"))];
    (select(&["Ring", "Ring", "Mail"][..]), stored).prop_map(|(name, stored)| Carried { name, kind: None, stored })
}

pub(super) fn path() -> impl Strategy<Value = &'static str> {
    select(&["Chat", "Self", "chat", "Other", "Other"][..])
}

pub(super) fn held() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    prop_oneof![
        4 => subsequence(&FIELDS[..], 0..=3),
        1 => Just(vec![("0", "String")]),
        1 => Just(vec![("name", "u8")]),
        1 => Just(vec![("wish", "BeginChoice")]),
    ]
}
