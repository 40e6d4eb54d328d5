//! The messages for each mistake, and the expansion of a small choice, as snapshots.

use syn::parse_quote;

use super::{derive, read};
use crate::{
    errors::Errors,
    root::{Root, page},
};

fn mistakes(declaration: &str) -> String {
    let input = syn::parse_str(declaration).expect("an item");
    let mut errors = Errors::default();
    read(&input, Root::core(), &mut errors);
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

messages! {
    a_choice_without_mistakes_has_none: r#"
        #[answer(own_speak, crate = chat)]
        enum Size { Small, #[answer("Large", "big")] Large }
    "#

    no_choice_at_all: "struct Size { inches: u8 }"
    a_choice_of_nothing: "enum Size {}"
    a_choice_with_generics: "enum Size<T> { Small, Other(T) }"

    a_choice_that_holds_something: r#"
        enum Size { Small(u8), Large { inches: u8 } }
    "#

    a_word_that_chooses_two: r#"
        enum Size { #[answer("Small", "s")] Small, #[answer("Extra", " S ")] Extra, #[answer("extra")] Large }
    "#

    a_word_that_another_variant_s_button_sends: r#"
        enum Size { #[answer("Small", "large")] Small, #[answer("Big")] Large }
    "#

    words_that_are_no_strings: r#"
        enum Size { #[answer(small, "s")] Small, #[answer("Large" "l")] Large }
    "#

    words_of_a_variant_on_the_enum: r#"
        #[answer("Large", own_speak)]
        enum Size { Large }
    "#

    words_of_the_enum_that_do_not_exist: r#"
        #[answer(own_speek, display, own_speak)]
        enum Size { Large }
    "#

    words_of_the_enum_in_another_form: r#"
        #[answer(own_speak = true, crate = "chat")]
        enum Size { Large }
    "#

    words_of_the_enum_twice: r#"
        #[answer(own_speak, crate = chat, own_speak)]
        #[answer(crate = chat)]
        enum Size { Large }
    "#
}

#[test]
fn the_expansion_of_a_small_choice() {
    let declaration = parse_quote! {
        enum Size {
            Small,
            #[answer("Extra", "xl")]
            ExtraLarge,
        }
    };
    insta::assert_snapshot!(page(derive(&declaration, Root::core())));
}

#[test]
fn the_expansion_of_a_faulty_choice_that_speaks_itself() {
    let declaration = parse_quote! {
        #[answer(own_speak)]
        enum Size {
            Small(u8),
            Large,
        }
    };
    insta::assert_snapshot!(page(derive(&declaration, Root::core())));
}
