//! The derive's verdict on random declarations is that of a plain model.

mod declaration;
mod messages;
mod plain;
mod random;
mod written;

use std::collections::BTreeMap;

use proptest::{
    prelude::any,
    sample::Index,
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use syn::DeriveInput;

use self::{
    declaration::{Declaration, Place},
    messages::{EVERYWHERE, MESSAGES, kind},
    plain::{Mistake, verdict},
    written::written,
};
use crate::{errors::Errors, root::Root};

#[test]
fn a_declaration_has_the_mistakes_that_a_plain_model_finds() {
    hold(3_000, &random::declaration(), |declaration| {
        let (text, _) = written(declaration);
        proptest::prop_assert_eq!(told(declaration), verdict(declaration), "{}", text);
        Ok(())
    });
}

#[test]
fn whatever_is_declared_becomes_items_and_tells_each_mistake_once() {
    hold(200, &random::declaration(), |declaration| {
        let (text, _) = written(declaration);
        let input: DeriveInput = syn::parse_str(&text).expect("an enum");
        let expansion: syn::File = syn::parse2(super::derive(&input, Root::core())).expect("items");
        let mistakes = expansion.items.iter().filter(|item| is_mistake(item)).count();
        proptest::prop_assert_eq!(mistakes, told(declaration).len(), "{}", text);
        Ok(())
    });
}

/// Whether it is a call of a macro, as `compile_error!` is.
fn is_mistake(item: &syn::Item) -> bool {
    matches!(item, syn::Item::Macro(call) if call.ident.is_none())
}

/// What a slip of the hand leaves of a declaration.
#[test]
fn a_declaration_with_a_hole_becomes_items_if_it_is_an_enum_still() {
    let holed = (random::declaration(), any::<Index>(), 1_usize..12);
    hold(400, &holed, |(declaration, from, length)| {
        let letters: Vec<char> = written(declaration).0.chars().collect();
        let from = from.index(letters.len());
        let until = (from + length).min(letters.len());
        let text: String = letters[..from].iter().chain(&letters[until..]).collect();
        if let Ok(input) = syn::parse_str::<DeriveInput>(&text) {
            let expansion = syn::parse2::<syn::File>(super::derive(&input, Root::core()));
            proptest::prop_assert!(expansion.is_ok(), "{}", text);
        }
        Ok(())
    });
}

fn hold<S: Strategy>(cases: u32, declarations: &S, test: impl Fn(&S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let compared = TestRunner::new(config).run(declarations, |declaration| test(&declaration));
    compared.unwrap_or_else(|difference| panic!("{difference}"));
}

#[test]
fn the_declarations_that_changes_begin_with_are_right() {
    for declaration in random::right_ones() {
        assert_eq!(verdict(&declaration), [], "{}", written(&declaration).0);
    }
}

/// So that the comparison above is of something: a good part is right, a good part has one mistake, and none is missing.
#[test]
fn the_random_declarations_have_every_mistake_and_often_none() {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let cases = 5_000;
    let (mut kinds, mut counts) = (BTreeMap::new(), BTreeMap::new());
    let declarations = random::declaration();
    for _ in 0..cases {
        let declaration = declarations.new_tree(&mut runner).expect("a declaration").current();
        let found = verdict(&declaration);
        *counts.entry(found.len().min(4)).or_insert(0) += 1;
        for (mistake, place) in found {
            *kinds.entry((mistake, "")).or_insert(0) += 1;
            *kinds.entry((mistake, declaration.word_at(place))).or_insert(0) += 1;
        }
    }
    let wanted = MESSAGES.iter().map(|(mistake, _)| (*mistake, "")).chain(EVERYWHERE.iter().copied());
    let rare: Vec<_> = wanted.filter(|wanted| kinds.get(wanted).is_none_or(|&count| count < 3)).collect();
    assert!(rare.is_empty(), "{rare:?} of {kinds:?}");
    assert!(counts[&0] > cases / 8 && counts[&1] > cases / 8, "{counts:?}");
}

/// What the derive notes, with the place of each, in this order.
fn told(declaration: &Declaration) -> Vec<(Mistake, Place)> {
    let (text, places) = written(declaration);
    let input: DeriveInput = syn::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut errors = Errors::default();
    let mut model = super::super::model::read(&input, Root::core(), &mut errors).expect("a model");
    super::super::check::check(&mut model, &mut errors);
    let mut told: Vec<_> = errors
        .columns()
        .into_iter()
        .map(|(column, message)| {
            let place = places.get(&column).unwrap_or_else(|| panic!("{message}: at column {column} of {text}"));
            (kind(&message), *place)
        })
        .collect();
    told.sort_unstable();
    told
}
