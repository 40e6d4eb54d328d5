//! The messages for each mistake, and the expansion of a small flow, as snapshots.

use quote::quote;
use syn::parse_quote;

use super::derive;
use crate::{
    errors::Errors,
    root::{Root, page},
};

fn mistakes(declaration: &str) -> String {
    let input = syn::parse_str(declaration).expect("an item");
    let mut errors = Errors::default();
    if let Some(mut model) = super::model::read(&input, Root::core(), &mut errors) {
        super::check::check(&mut model, &mut errors);
    }
    errors.told(declaration)
}

/// One snapshot for each declaration, named after what is wrong with it.
macro_rules! messages {
    ($($name:ident: $declaration:literal)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(mistakes($declaration));
        })*
    };
}

mod items;
mod nesting;
mod rules;
mod spans;
mod verdict;

messages! {
    a_flow_without_mistakes_has_none: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Done))] Begin,
            #[state(end, say = "Bye, {name}.")] Done { name: String },
        }
    "#

    an_answer_that_the_handler_asks_for_is_inferred_as_well: r#"
        enum Chat {
            #[state(start, answer, to(Age))] Begin,
            #[state(answer, silent, to(Done))] Age { name: String },
            #[state(end, say = "{age}, {name}.")] Done { name: String, age: u8 },
        }
    "#

    an_unknown_target_has_its_nearest_name_and_is_the_only_mistake: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Dnoe))] Begin,
            #[state(end)] Done { name: String },
        }
    "#

    a_strange_target_is_the_only_mistake: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Pizza))] Begin,
            #[state(end)] Done { name: String },
        }
    "#

    a_state_that_is_never_reached: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(silent, to(Done))] Lonely,
            #[state(end)] Done,
        }
    "#

    a_dead_end_that_is_not_an_end: r#"
        enum Chat {
            #[state(start, silent, to(Middle))] Begin,
            #[state(silent)] Middle,
        }
    "#

    no_start: r#"
        enum Chat {
            #[state(silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    two_starts: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(start, silent, to(Done))] Again,
            #[state(end)] Done,
        }
    "#

    a_start_that_holds_something: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin { name: String },
            #[state(end)] Done,
        }
    "#

    a_duplicate_edge: r#"
        enum Chat {
            #[state(start, silent, to(Done, Done))] Begin,
            #[state(end)] Done,
        }
    "#

    a_prompt_with_a_field_the_state_does_not_have: r#"
        enum Chat {
            #[state(start, ask = "Hi {nobody}", to(Done))] Begin,
            #[state(end, say = "Bye, {nmae}, {zebra}.")] Done { name: String },
        }
    "#

    a_prompt_that_cannot_be_read: r#"
        enum Chat {
            #[state(start, ask = "Hi {", to(Done))] Begin,
            #[state(end, say = "Bye, {name:?}.")] Done { name: String },
        }
    "#

    an_answer_that_cannot_be_inferred: r#"
        enum Chat {
            #[state(start, ask = "Name?", answer, to(Two, Done))] Begin,
            #[state(ask = "Both?", answer, to(Done))] Two,
            #[state(end)] Done { name: String, email: String },
        }
    "#

    an_answer_that_is_handled_and_inferred: r#"
        enum Chat {
            #[state(start, ask = "Name?", answer, handled, to(Done))] Begin,
            #[state(end)] Done { name: String },
        }
    "#

    an_edge_out_of_an_end: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end, ask = "More?", to(Begin), after("1h", Begin), tries(2, Begin))] Done,
        }
    "#

    a_state_entered_without_a_handler_that_cannot_be_made: r#"
        #[flow(anywhere("stop" => Done))]
        enum Chat {
            #[state(start, silent, to(Middle), after("1h", Done), tries(3, Done))] Begin,
            #[state(silent, to(Done))] Middle,
            #[state(end)] Done { name: String },
        }
    "#

    times_and_limits_that_are_none: r#"
        enum Chat {
            #[state(start, silent, to(Done), after("soon", Done), tries(0, Done))] Begin,
            #[state(end)] Done,
        }
    "#

    words_that_do_not_exist: r#"
        #[flow(nam = "chat", verison = 2, anywhere(bakc))]
        enum Chat {
            #[state(start, aks = "Name?", silent, to(Done), pizza)] Begin,
            #[state(end)] Done,
        }
    "#

    words_written_in_another_form: r#"
        #[flow(name("chat"), version = "2", anywhere)]
        enum Chat {
            #[state(start, ask("Name?"), to = Done, choices(), tries(3))] Begin,
            #[state(end, say = 5, checkpoint)] Done,
        }
    "#

    the_same_word_twice: r#"
        enum Chat {
            #[state(start, silent, to(Done), to(Other))] Begin,
            #[state(silent, to(Done))] #[state(silent)] Other,
            #[state(end)] Done,
        }
    "#

    opting_out_of_what_does_not_count: r#"
        #[flow(anywhere("cancel" => Done, "Cancel" => Done, "" => Done, back))]
        enum Chat {
            #[state(start, silent, to(Done), without("cancle", help, back))] Begin,
            #[state(end)] Done,
        }
    "#

    names_that_collide: r#"
        enum Chat {
            #[state(start, silent, to(AskName))] Begin,
            #[state(silent, to(Name))] AskName,
            #[state(silent, to(OnHelp), alias("BEGIN"))] Name,
            #[state(silent, to(Super))] OnHelp,
            #[state(silent, to(Done))] Super,
            #[state(end)] Done { name: Option<Name> },
        }
    "#

    one_thing_said_on_entering: r#"
        enum Chat {
            #[state(start, ask = "a", say = "b", silent, choices("Yes", "yes "), to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    variants_of_another_shape: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done(u8, u8),
        }
    "#

    serde_attributes_that_change_the_form_of_the_enum: r#"
        #[serde(tag = "kind", rename_all = "camelCase")]
        enum Chat {
            #[state(start, silent, to(Done))] #[serde(skip)] Begin,
            #[state(end)] #[serde(rename = "fin")] Done { #[serde(default)] name: String },
        }
    "#

    several_mistakes_at_once: r#"
        #[flow(version = 0)]
        enum Chat {
            #[state(start, ask = "{who}", to(Done, Dnoe, Done), tires(3, Done))] Begin,
            #[state(silent, to(Done), after("1x", Done))] Lonely,
            #[state(end)] Done,
        }
    "#

    a_crate_in_another_form: r#"
        #[flow(crate = "flow_chat", crate("chat"), crate)]
        #[flow(crate = 5, crate = , crate = chat::<u8>, crate = chat)]
        enum Chat {
            #[state(start, silent, to(Done), crate = chat)] Begin,
            #[state(end)] Done,
        }
    "#

    a_crate_twice: r#"
        #[flow(crate = ::chat, crate = crate::chat)]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    no_words_at_all: r#"
        #[flow]
        enum Chat {
            #[state] Begin,
            #[state = "end"] Done,
        }
    "#

    a_start_that_may_be_misspelt: r#"
        enum Chat {
            #[state(strat, silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    a_start_that_is_an_end: r#"
        enum Chat {
            #[state(start, end)] Begin,
        }
    "#

    a_name_that_is_empty: r#"
        #[flow(name = "")]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    words_that_count_anywhere_twice: r#"
        #[flow(anywhere(back, help, back, "help" => Done))]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    a_word_that_counts_anywhere_and_leads_nowhere: r#"
        #[flow(anywhere(back, "leave" => Left, "stop" => Done))]
        enum Chat {
            #[state(start, ask = "Name?", to(Done))] Begin,
            #[state(end)] Done { name: String },
            #[state(end)] Left,
        }
    "#

    answers_whose_place_is_not_the_next_state: r#"
        enum Chat {
            #[state(start, answer, silent, to(Name))] Begin,
            #[state(ask = "Name?", answer, to(Both))] Name,
            #[state(ask = "And?", answer, to(Less))] Both { pair: (u8, u8) },
            #[state(ask = "Sure?", answer, to(Done))] Less { name: String },
            #[state(end)] Done,
        }
    "#

    serde_attributes_that_leave_the_form_of_the_enum: r#"
        #[doc(alias = "talk")]
        #[doc = include_str!("chat.md")]
        #[serde(rename(serialize = "a", deserialize = "b"), bound = "")]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    fields_that_borrow: r#"
        enum Chat {
            #[state(start, silent, to(Named, Done))] Begin,
            #[state(silent, to(Done))] Named { name: &'static str, pair: (&'static [&'static u8], u8) },
            #[state(end)] Done { name: &'static str, names: Option<Vec<&'static str>>, list: [&'static mut u8; 2] },
        }
    "#

    fields_that_borrow_nothing_as_far_as_can_be_seen: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Done {
                #[serde(skip)] name: &'static str,
                names: Cow<'static, str>,
                call: fn(&str),
                other: Call<&'static str>,
                open: &'static dyn Call,
            },
        }
    "#

    no_flow_at_all: "struct Chat { name: String }"
    a_flow_without_states: "enum Chat {}"
    a_flow_with_generics: "enum Chat<T> { Begin(T) }"
}

#[test]
fn the_expansion_of_a_small_flow() {
    let declaration = parse_quote! {
        /// A short talk.
        #[flow(name = "talk", version = 2, shared = Notes, anywhere("stop" => Done, back, help))]
        pub enum Talk {
            /// Asks for the name.
            #[state(start, ask = "Your name?", to(Topic), tries(3, Done))]
            Begin,
            #[state(to(Topic, Confirm), alias("SUBJECT"), without("stop"))]
            Topic { name: String },
            #[state(ask = "{0}?", choices(Yes, No), to(Done, Topic), after("1h", Done))]
            Confirm(Pair),
            #[state(end, checkpoint, say = "Bye.")]
            Done,
        }
    };
    insta::assert_snapshot!(page(derive(&declaration, Root::core())));
}

#[test]
fn what_is_no_flow_is_its_mistakes_alone() {
    let expanded = derive(
        &parse_quote!(
            struct Chat;
        ),
        Root::core(),
    )
    .to_string();
    assert!(expanded.starts_with(":: core :: compile_error"), "{expanded}");
}

#[test]
fn the_expansion_of_a_faulty_flow() {
    let declaration = parse_quote! {
        enum Talk {
            #[state(to(Done, Dnoe))]
            Begin,
            #[state(end)]
            Done,
        }
    };
    insta::assert_snapshot!(page(derive(&declaration, Root::core())));
}

#[test]
fn everything_is_found_through_the_root_alone() {
    let declaration = parse_quote! {
        #[flow(crate = self::inner, anywhere("stop" => Done, back, help))]
        enum Talk {
            #[state(start, ask = "Which size?", tries(3, Done), to(Topic))]
            Begin,
            #[state(ask = "{size}?", choices(Yes, No), to(Done), after("1h", Done))]
            Topic { size: Size },
            #[state(end)]
            Done,
        }
    };
    let flow = derive(&declaration, Root::core());
    let answer = crate::answer::derive(
        &parse_quote!(
            #[answer(crate = self::inner)]
            enum Size {
                Small,
            }
        ),
        Root::chat(),
    );
    let page = page(quote!(#flow #answer));
    assert!(page.contains("self::inner::") && page.contains("super::inner::"), "{page}");
    assert!(!page.contains("flow_"), "{page}");
}
