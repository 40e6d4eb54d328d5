//! Each word of `#[flow(…)]` and `#[state(…)]` in the wrong forms that it can be given.

use crate::{case::Case, flows::every_word, place::unmarked};

/// A word's right form in the flow, and each wrong form with what is wrong of it. What is underlined is what must be
/// written otherwise, and nothing else: the whole of a word in a wrong form, or the value that is none.
type Word = (&'static str, &'static [(&'static str, &'static str)]);

pub(crate) fn cases() -> Vec<Case> {
    let written = WORDS.iter().flat_map(|(right, forms)| forms.iter().map(|(name, wrong)| form(right, name, wrong)));
    let twice = WORDS.iter().map(|(right, _)| twice(right));
    let misspelt = WORDS.iter().map(|(right, _)| misspelt(right));
    written.chain(twice).chain(misspelt).collect()
}

fn form(right: &str, name: &str, wrong: &str) -> Case {
    let case = every_word(format!("{} {name}", word(right))).wrong(right, wrong);
    match wrong {
        "«shared»" | "«shared =»" => case.nothing_to_paste("the type is known to its writer alone"),
        _ => case.paste("$last"),
    }
}

fn twice(right: &str) -> Case {
    let form = form_of(right);
    every_word(format!("{} twice", word(right)))
        .wrong(right, &format!("{form}, «{form}»"))
        .says(format!("`{}` is given already", word(right)))
        .paste_over(&format!("{form}«, {form}»"), "")
}

/// With its second and its third letter swapped, or the only two.
fn misspelt(right: &str) -> Case {
    let word = word(right);
    let mut letters: Vec<char> = word.chars().collect();
    let last = letters.len().min(3) - 1;
    letters.swap(last - 1, last);
    let wrong: String = letters.into_iter().collect();
    every_word(format!("{word} misspelt"))
        .wrong(right, &form_of(right).replacen(&word, &format!("«{wrong}»"), 1))
        .says(format!("there is no `{wrong}` here"))
        .paste("$2")
}

/// The right form without what tells its place.
fn form_of(right: &str) -> String {
    let (text, form) = unmarked(right);
    text[form].to_owned()
}

/// The word of a right form.
fn word(right: &str) -> String {
    form_of(right).chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

const WORDS: &[Word] = &[
    (
        r#"name = "table""#,
        &[
            ("without a value", "«name»"),
            ("with an equals sign and no value", "«name =»"),
            ("in brackets", r#"«name("table")»"#),
            ("in empty brackets", "«name()»"),
            ("with a colon", r#"«name: "table"»"#),
            ("with an arrow", r#"«name => "table"»"#),
            ("of a word without quotes", "name = «table»"),
            ("of a number", "name = «5»"),
            ("of a path", "name = «booking::table»"),
            ("of nothing", r#"name = «""»"#),
            ("of a space", r#"name = «" "»"#),
        ],
    ),
    (
        "version = 2",
        &[
            ("without a value", "«version»"),
            ("with an equals sign and no value", "«version =»"),
            ("in brackets", "«version(2)»"),
            ("of a string", r#"version = «"2"»"#),
            ("of a word", "version = «two»"),
            ("of nothing yet", "version = «0»"),
            ("of less than nothing", "version = «-1»"),
            ("of a fraction", "version = «1.5»"),
            ("of more than there is", "version = «99999999999»"),
        ],
    ),
    (
        "shared = Visits",
        &[
            ("without a type", "«shared»"),
            ("with an equals sign and no type", "«shared =»"),
            ("in brackets", "«shared(Visits)»"),
            ("of a string", r#"shared = «"Visits"»"#),
        ],
    ),
    (
        "module = table",
        &[
            ("without a name", "«module»"),
            ("with an equals sign and no name", "«module =»"),
            ("in brackets", "«module(table)»"),
            ("of a string", r#"module = «"table"»"#),
            ("of a number", "module = «5»"),
            ("of a path", "module = «bot::table»"),
            ("of a keyword", "module = «mod»"),
        ],
    ),
    (
        "crate = flow_chat",
        &[
            ("without a path", "«crate»"),
            ("with an equals sign and no path", "«crate =»"),
            ("in brackets", "«crate(flow_chat)»"),
            ("of a string", r#"crate = «"flow_chat"»"#),
            ("as Cargo writes it", "crate = «flow-chat»"),
            ("of a number", "crate = «5»"),
        ],
    ),
    (
        r#"anywhere("cancel" => Left, back, help)"#,
        &[
            ("without a list", "«anywhere»"),
            ("of an empty list", "«anywhere()»"),
            ("with an equals sign", r#"«anywhere = "cancel"»"#),
            ("in square brackets", r#"«anywhere["cancel" => Left]»"#),
            ("of a word without a state", r#"anywhere(«"cancel"», back, help)"#),
            ("of a state without a word", "anywhere(«Left», back, help)"),
            ("with an equals sign for the arrow", r#"anywhere(«"cancel" = Left», back, help)"#),
            ("with a thin arrow", r#"anywhere(«"cancel" -> Left», back, help)"#),
            ("with a comma for the arrow", r#"anywhere(«"cancel", Left», back, help)"#),
            ("of a word without quotes", "anywhere(«cancel => Left», back, help)"),
            ("of a state in quotes", r#"anywhere(«"cancel" => "Left"», back, help)"#),
            ("the other way round", r#"anywhere(«Left => "cancel"», back, help)"#),
            ("of back in quotes", r#"anywhere("cancel" => Left, «"back"», help)"#),
            ("of back with a state", r#"anywhere("cancel" => Left, «back => Left», help)"#),
        ],
    ),
    (
        "«start», handled",
        &[("with a value", "«start = true»"), ("in brackets", "«start()»"), ("with a name", "«start(Welcome)»")],
    ),
    (
        "«end», checkpoint",
        &[("with a value", "«end = true»"), ("in brackets", "«end()»"), ("with a name", "«end(Left)»")],
    ),
    (
        "handled",
        &[("with a value", "«handled = true»"), ("in brackets", "«handled()»"), ("with a name", "«handled(welcome)»")],
    ),
    ("checkpoint", &[("with a value", "«checkpoint = true»"), ("in brackets", "«checkpoint()»")]),
    (
        "«silent», after",
        &[("with a value", "«silent = true»"), ("in brackets", "«silent()»"), ("with a text", r#"«silent = "…"»"#)],
    ),
    (
        r#"ask = "How many?""#,
        &[
            ("without a text", "«ask»"),
            ("with an equals sign and no text", "«ask =»"),
            ("in brackets", r#"«ask("How many?")»"#),
            ("in empty brackets", "«ask()»"),
            ("with a colon", r#"«ask: "How many?"»"#),
            ("of a word", "ask = «how_many»"),
            ("of a number", "ask = «5»"),
            ("of a letter", "ask = «'?'»"),
            ("of a format", r#"ask = «format!("How many?")»"#),
            ("of nothing", r#"ask = «""»"#),
        ],
    ),
    (
        r#"say = "See you, all {guests}!""#,
        &[
            ("without a text", "«say»"),
            ("with an equals sign and no text", "«say =»"),
            ("in brackets", r#"«say("See you!")»"#),
            ("of a word", "say = «SEE_YOU»"),
            ("of a number", "say = «5»"),
            ("of bytes", r#"say = «b"See you!"»"#),
            ("of nothing", r#"«say = ""»"#),
        ],
    ),
    (
        "to(Confirm)",
        &[
            ("without a list", "«to»"),
            ("of an empty list", "«to()»"),
            ("with an equals sign", "«to = Confirm»"),
            ("with an equals sign and quotes", r#"«to = "Confirm"»"#),
            ("in square brackets", "«to[Confirm]»"),
            ("in braces", "«to { Confirm }»"),
            ("with an arrow", "«to => Confirm»"),
            ("without brackets", "«to Confirm»"),
            ("of a string", r#"to(«"Confirm"»)"#),
            ("of a number", "to(«5»)"),
            ("of a state with its fields", "to(«Confirm { guests }»)"),
            ("of a state with a value", "to(«Confirm(guests)»)"),
            ("of two states without a comma", "to(«Confirm Left»)"),
        ],
    ),
    (
        r#"alias("CHECK")"#,
        &[
            ("without a list", "«alias»"),
            ("of an empty list", "«alias()»"),
            ("with an equals sign", r#"«alias = "CHECK"»"#),
            ("in square brackets", r#"«alias["CHECK"]»"#),
            ("of a name without quotes", "alias(«CHECK»)"),
            ("of a number", "alias(«5»)"),
            ("of nothing", r#"alias(«""»)"#),
        ],
    ),
    (
        r#"after("1h", Left)"#,
        &[
            ("without a list", "«after»"),
            ("of an empty list", "«after()»"),
            ("with an equals sign", r#"«after = "1h"»"#),
            ("without a state", r#"«after("1h")»"#),
            ("without a time", "«after(Left)»"),
            ("the other way round", r#"«after(Left, "1h")»"#),
            ("with an arrow", r#"«after("1h" => Left)»"#),
            ("of three", r#"«after("1h", Left, Welcome)»"#),
            ("of a time without quotes", "after(«1h», Left)"),
            ("of seconds without a unit", "after(«3600», Left)"),
            ("of a state in quotes", r#"after("1h", «"Left"»)"#),
            ("of no unit", r#"after(«"1"», Left)"#),
            ("of a unit in words", r#"after(«"1 hour"», Left)"#),
            ("of no time at all", r#"after(«"0h"», Left)"#),
            ("of two units", r#"after(«"1h30m"», Left)"#),
            ("of weeks", r#"after(«"1w"», Left)"#),
            ("of less than nothing", r#"after(«"-1h"», Left)"#),
            ("of a fraction", r#"after(«"1.5h"», Left)"#),
            ("beyond the calendar", r#"after(«"99999999999d"», Left)"#),
        ],
    ),
    (
        "tries(3, Left)",
        &[
            ("without a list", "«tries»"),
            ("of an empty list", "«tries()»"),
            ("with an equals sign", "«tries = 3»"),
            ("without a state", "«tries(3)»"),
            ("without a number", "«tries(Left)»"),
            ("the other way round", "«tries(Left, 3)»"),
            ("with an arrow", "«tries(3 => Left)»"),
            ("of three", "«tries(3, Left, Welcome)»"),
            ("of a number in quotes", r#"tries(«"3"», Left)"#),
            ("of a state in quotes", r#"tries(3, «"Left"»)"#),
            ("of none", "tries(«0», Left)"),
            ("of less than none", "tries(«-3», Left)"),
            ("of a fraction", "tries(«1.5», Left)"),
            ("of more than there is", "tries(«99999999999», Left)"),
        ],
    ),
    (
        r#"without("cancel", back)"#,
        &[
            ("without a list", "«without»"),
            ("of an empty list", "«without()»"),
            ("with an equals sign", r#"«without = "cancel"»"#),
            ("of a number", "without(«5»)"),
            ("with a state", r#"without(«"cancel" => Left»)"#),
            ("of a word without quotes", "without(«cancel», back)"),
            ("of back in quotes", r#"without("cancel", «"back"»)"#),
        ],
    ),
];
