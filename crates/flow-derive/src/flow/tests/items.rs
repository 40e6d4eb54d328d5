//! What the expansion is made of: each item points to the variant that it comes from, where its mistakes are told, and has
//! what is noted there.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, File, ImplItem, ImplItemFn, Item, ItemConst, ItemImpl, ItemMacro, ItemTrait, Lit, Meta,
    MetaNameValue, Stmt, TraitItem, TraitItemFn, spanned::Spanned,
};

use super::spans::{Expansion, TALK, idents};
use crate::names::snake;

/// Something with a name, and where its first word stands.
struct Made {
    name: Ident,
    word: Span,
}

/// Everything that is made and has a name.
fn made(items: Vec<Item>) -> Vec<Made> {
    let mut all = Vec::new();
    for item in items {
        match item {
            Item::Mod(module) => {
                all.push(Made { name: module.ident, word: module.mod_token.span });
                all.extend(made(module.content.map(|(_, items)| items).unwrap_or_default()));
            }
            Item::Struct(made) => all.push(Made { name: made.ident, word: made.struct_token.span }),
            Item::Enum(made) => all.push(Made { name: made.ident, word: made.enum_token.span }),
            Item::Type(made) => all.push(Made { name: made.ident, word: made.type_token.span }),
            Item::Trait(ItemTrait { ident, trait_token, items, .. }) => {
                all.push(Made { name: ident, word: trait_token.span });
                all.extend(items.into_iter().map(|item| match item {
                    TraitItem::Fn(TraitItemFn { sig, .. }) => Made { name: sig.ident, word: sig.fn_token.span },
                    other => panic!("a trait of the expansion has methods alone, and not {}", other.to_token_stream()),
                }));
            }
            Item::Impl(ItemImpl { trait_: None, items, .. }) => {
                all.extend(items.into_iter().map(|item| match item {
                    ImplItem::Fn(ImplItemFn { sig, .. }) => Made { name: sig.ident, word: sig.fn_token.span },
                    other => panic!("an impl of the expansion has methods alone, and not {}", other.to_token_stream()),
                }));
            }
            Item::Const(hidden) => all.extend(made(inside(&hidden))),
            Item::Macro(ItemMacro { ident: Some(name), mac, .. }) => {
                all.push(Made { name, word: mac.path.span() });
            }
            Item::Impl(_) | Item::Use(_) => {}
            other => panic!("what is this? {}", other.to_token_stream()),
        }
    }
    all
}

/// The items in the block of `const _: () = { … };`.
fn inside(hidden: &ItemConst) -> Vec<Item> {
    let Expr::Block(block) = &*hidden.expr else { panic!("a block") };
    let items = block.block.stmts.iter().map(|statement| match statement {
        Stmt::Item(item) => item.clone(),
        other => panic!("an item, and not {}", other.to_token_stream()),
    });
    items.collect()
}

fn impls(items: Vec<Item>) -> Vec<ItemImpl> {
    let all = items.into_iter().flat_map(|item| match item {
        Item::Mod(module) => impls(module.content.map(|(_, items)| items).unwrap_or_default()),
        Item::Const(hidden) => impls(inside(&hidden)),
        Item::Impl(made) => vec![made],
        _ => Vec::new(),
    });
    all.collect()
}

#[test]
fn everything_that_is_made_of_a_variant_points_to_it() {
    let talk = Expansion::of(TALK);
    let file: File = syn::parse2(talk.code.clone()).expect("items");
    let made = made(file.items);
    assert!(made.len() > 40, "{}", made.len());
    for Made { name, word } in made {
        let (origin, called) = (talk.origin(&name.to_string()), talk.text(name.span()));
        assert_eq!(talk.text(word), origin, "the item `{name}`");
        // What comes in is called as it is written in the attribute; all else, as what it is made of.
        let is_own = snake(&name.to_string()).contains(&snake(called)) && !called.is_empty();
        assert!(called == origin || is_own, "`{name}` points to `{called}`");
    }
}

#[test]
fn the_impls_for_a_state_point_to_its_variant() {
    let talk = Expansion::of(TALK);
    let file: File = syn::parse2(talk.code.clone()).expect("items");
    let impls = impls(file.items);
    assert!(impls.len() > 40, "{}", impls.len());
    for made in impls {
        let named = idents(made.self_ty.to_token_stream()).into_iter().map(|name| talk.origin(&name.to_string()));
        let converted = made.trait_.iter().flat_map(|(path, _)| idents(path.to_token_stream()));
        let converted = converted.map(|name| talk.origin(&name.to_string()));
        let origin = named.chain(converted).find(|origin| origin != "Talk").unwrap_or("Talk".into());
        let head = (made.self_ty.to_token_stream(), made.trait_.map(|(path, _)| path.to_token_stream()));
        assert_eq!(talk.text(made.impl_token.span), origin, "{head:?}");
    }
}

/// The doc lines, and the other attributes by their names.
fn notes(attributes: &[Attribute]) -> Vec<String> {
    let notes = attributes.iter().map(|attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(line), .. }), .. }) => line.value(),
        other => other.path().to_token_stream().to_string(),
    });
    notes.collect()
}

/// What is noted on the method of this name, of the handler or from a state to the next.
fn noted_on(items: &[Item], name: &str) -> Vec<String> {
    let in_traits = items.iter().flat_map(|item| match item {
        Item::Trait(made) => made.items.clone(),
        _ => Vec::new(),
    });
    let methods = in_traits.filter_map(|item| match item {
        TraitItem::Fn(method) => Some((method.sig.ident, method.attrs)),
        _ => None,
    });
    let carriers = impls(items.to_vec()).into_iter().filter(|made| made.trait_.is_none()).flat_map(|made| made.items);
    let carriers = carriers.filter_map(|item| match item {
        ImplItem::Fn(method) => Some((method.sig.ident, method.attrs)),
        _ => None,
    });
    let named: Vec<_> = methods.chain(carriers).filter(|(ident, _)| ident == name).collect();
    assert!(!named.is_empty(), "{name}");
    named.into_iter().flat_map(|(_, attributes)| notes(&attributes)).collect()
}

#[test]
fn what_is_noted_on_a_variant_or_a_field_is_noted_on_what_is_made_of_it() {
    let talk = Expansion::of(TALK);
    let items = syn::parse2::<File>(talk.code).expect("items").items;
    let module = items.iter().find_map(|item| if let Item::Mod(module) = item { module.content.clone() } else { None });
    let (_, types) = module.expect("a module");
    let own = " Asks what it is about.".to_owned();
    let deprecated = "deprecated".to_owned();

    let topic = types.iter().find_map(|item| match item {
        Item::Struct(made) if made.ident == "Topic" => Some(made),
        _ => None,
    });
    let topic = topic.expect("a struct for the state");
    assert!(notes(&topic.attrs).contains(&own) && notes(&topic.attrs).contains(&deprecated));
    assert_eq!(notes(&topic.fields.iter().next().expect("a field").attrs), [" As it was said.", "deprecated"]);

    // From `Begin`, and of the handler.
    let noted = noted_on(&items, "topic");
    assert_eq!(noted.iter().filter(|note| **note == own).count(), 2, "{noted:?}");
    assert_eq!(noted.iter().filter(|note| **note == deprecated).count(), 2, "{noted:?}");
    let noted = noted_on(&items, "ask_topic");
    assert!(noted.contains(&own) && noted.contains(&deprecated), "{noted:?}");
    assert!(noted_on(&items, "begin").contains(&" Greets.".to_owned()));

    let choices = types.iter().find_map(|item| match item {
        Item::Enum(made) if made.ident == "ConfirmChoice" => Some(made),
        _ => None,
    });
    let choices: Vec<_> = choices.expect("choices").variants.iter().map(|variant| notes(&variant.attrs)).collect();
    assert_eq!(choices, [vec![r#""Yes", "sure""#.to_owned()], vec![]]);
}
