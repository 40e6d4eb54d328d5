//! Each word of `#[flow(…)]` and `#[state(…)]` in the wrong forms that it can be given.

use crate::{
    case::Case,
    flows::{booking, every_word, table},
    place::unmarked,
};

/// A word's right form in the flow, and each wrong form with what is wrong of it. What is underlined is what must be
/// written otherwise, and nothing else: the whole of a word in a wrong form, or the value that is none.
type Word = (&'static str, &'static [(&'static str, &'static str)]);

pub(crate) fn cases() -> Vec<Case> {
    let flows: [(fn(String) -> Case, &[Word]); 2] = [(every_word, WORDS), (booking, INCOMING)];
    flows
        .into_iter()
        .flat_map(|(flow, words)| words.iter().flat_map(move |word| forms(flow, word)))
        .chain(alone())
        .collect()
}

fn forms(flow: fn(String) -> Case, (right, forms): &Word) -> Vec<Case> {
    let written = forms.iter().map(|(name, wrong)| form(flow, right, name, wrong));
    written.chain([twice(flow, right), misspelt(flow, right)]).collect()
}

fn form(flow: fn(String) -> Case, right: &str, name: &str, wrong: &str) -> Case {
    let case = flow(format!("{} {name}", title(right))).wrong(right, wrong);
    match wrong {
        "«shared»" | "«shared =»" => case.nothing_to_paste("the type is known to its writer alone"),
        _ => case.paste("$last"),
    }
}

fn twice(flow: fn(String) -> Case, right: &str) -> Case {
    let form = form_of(right);
    let case = flow(format!("{} twice", title(right)))
        .wrong(right, &format!("{form}, «{form}»"))
        .paste_over(&format!("{form}«, {form}»"), "");
    match word(right).as_str() {
        "remind" => case.says("`Desk` is declared already"),
        word => case.says(format!("`{word}` is given already")),
    }
}

/// With its second and its third letter swapped, or the only two; those after them if they are the same.
fn misspelt(flow: fn(String) -> Case, right: &str) -> Case {
    let word = word(right);
    let mut letters: Vec<char> = word.chars().collect();
    let place = (letters.len().min(3) - 2..).find(|&place| letters[place] != letters[place + 1]);
    let place = place.expect("a word has different letters");
    letters.swap(place, place + 1);
    let wrong: String = letters.into_iter().collect();
    flow(format!("{} misspelt", title(right)))
        .wrong(right, &form_of(right).replacen(&word, &format!("«{wrong}»"), 1))
        .says(format!("there is no `{wrong}` here"))
        .paste("$2")
}

/// Words without what they need, on a flow whose handler knows nothing of them.
fn alone() -> impl Iterator<Item = Case> {
    let forms = [("without a list", ""), ("with an equals sign and no value", " ="), ("with empty brackets", "()")];
    ["choices", "offers", "signals", "remind", "effects"].into_iter().flat_map(move |word| {
        let (right, before, after) = match word {
            "effects" => ("back))]", "back), ", ")]"),
            _ => ("to(Contact)", "to(Contact), ", ""),
        };
        forms.map(|(form, rest)| {
            table(format!("{word} {form}"))
                .wrong(right, &format!("{before}«{word}{rest}»{after}"))
                .nothing_to_paste("what is in it, its writer alone knows")
        })
    })
}

/// The right form without what tells its place.
fn form_of(right: &str) -> String {
    let (text, form) = unmarked(right);
    text[form].to_owned()
}

/// The word of a right form, and what it is followed by if that tells it from another form of it.
fn title(right: &str) -> String {
    match form_of(right).as_str() {
        "choices = Language" => "choices of a type".into(),
        _ => word(right),
    }
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
            ("in square brackets", r#"«anywhere["cancel" => Left, back, help]»"#),
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
            ("of two words with a bar", r#"anywhere(«"cancel" | "stop" => Left», back, help)"#),
            ("of two words in brackets", r#"anywhere(«("cancel", "stop") => Left», back, help)"#),
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
            ("of two texts", r#"ask = «"How " "many?"»"#),
            ("of joined texts", r#"ask = «concat!("How ", "many?")»"#),
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
        ],
    ),
];

const INCOMING: &[Word] = &[
    (
        "effects(Mail(Ticket), Ring)",
        &[
            ("in square brackets", "«effects[Mail(Ticket), Ring]»"),
            ("in braces", "«effects { Mail(Ticket), Ring }»"),
            ("of a name in quotes", r#"effects(Mail(Ticket), «"Ring"»)"#),
            ("with a named field", "effects(«Mail { ticket: Ticket }», Ring)"),
            ("with a colon", "effects(«Mail: Ticket», Ring)"),
            ("with an arrow", "effects(«Mail => Ticket», Ring)"),
            ("of a type in quotes", r#"effects(«Mail("Ticket")», Ring)"#),
            ("of a name with empty brackets", "effects(Mail(Ticket), «Ring()»)"),
            ("of a type in angle brackets", "effects(«Mail<Ticket>», Ring)"),
            ("of a name with its enum", "effects(Mail(Ticket), «BookingEffect::Ring»)"),
        ],
    ),
    (
        r#"choices(Visit("A visit", "come"), Look)"#,
        &[
            ("in square brackets", r#"«choices[Visit("A visit", "come"), Look]»"#),
            ("with an equals sign", r#"«choices = [Visit("A visit", "come"), Look]»"#),
            ("of labels alone", r#"«choices("Visit", "Look")»"#),
            ("of a label alone", r#"choices(Visit("A visit", "come"), «"Look"»)"#),
            ("with an equals sign for the brackets", r#"choices(«Visit = "A visit"», Look)"#),
            ("with an arrow", r#"choices(«Visit => "A visit"», Look)"#),
            ("with a colon", r#"choices(«Visit: "A visit"», Look)"#),
            ("of a label without quotes", "choices(«Visit(come)», Look)"),
            ("of labels without a comma", r#"choices(«Visit("A visit" "come")», Look)"#),
            ("of a name with empty brackets", r#"choices(Visit("A visit", "come"), «Look()»)"#),
            ("of a label of nothing", r#"choices(Visit(«""», "come"), Look)"#),
            ("of a name with its enum", "choices(«WelcomeChoice::Visit», Look)"),
            ("with a bar", "choices(«Visit | Look»)"),
            ("with the state that it leads to", "choices(«Visit => When», Look)"),
            ("of a label with the state that it leads to", r#"choices(«"visit" => When», Look)"#),
            ("of a label with a name", r#"choices(«Visit(label = "A visit")», Look)"#),
        ],
    ),
    (
        "choices = Language",
        &[
            ("in quotes", r#"choices = «"Language"»"#),
            ("with a colon", "«choices: Language»"),
            ("with an arrow", "«choices => Language»"),
            ("without a sign", "«choices Language»"),
        ],
    ),
    (
        "offers = Slot",
        &[
            ("in brackets", "«offers(Slot)»"),
            ("of a string", r#"offers = «"Slot"»"#),
            ("with a colon", "«offers: Slot»"),
            ("of a list", "offers = «[Slot]»"),
        ],
    ),
    (
        "answer = u8",
        &[("in brackets", "«answer(u8)»"), ("of a string", r#"answer = «"u8"»"#), ("with a colon", "«answer: u8»")],
    ),
    (
        "signals(Paid(Ticket), Refused)",
        &[
            ("in square brackets", "«signals[Paid(Ticket), Refused]»"),
            ("with an equals sign", "«signals = [Paid(Ticket), Refused]»"),
            ("of a name in quotes", r#"signals(Paid(Ticket), «"Refused"»)"#),
            ("with a named field", "signals(«Paid { ticket: Ticket }», Refused)"),
            ("with a colon", "signals(«Paid: Ticket», Refused)"),
            ("of a type in quotes", r#"signals(«Paid("Ticket")», Refused)"#),
            ("of a name with empty brackets", "signals(Paid(Ticket), «Refused()»)"),
            ("of a stored name without quotes", "signals(Paid(Ticket), «Refused = refused»)"),
        ],
    ),
    (
        r#"remind("1h", Desk)"#,
        &[
            ("in square brackets", r#"«remind["1h", Desk]»"#),
            ("with an equals sign", "«remind = Desk»"),
            ("with an arrow", r#"«remind("1h" => Desk)»"#),
            ("the other way round", r#"«remind(Desk, "1h")»"#),
            ("of a time without quotes", "remind(«1h», Desk)"),
            ("of seconds without a unit", "remind(«3600», Desk)"),
            ("of a name in quotes", r#"remind("1h", «"Desk"»)"#),
            ("with a payload", r#"remind("1h", «Desk(u8)»)"#),
            ("of no unit", r#"remind(«"1"», Desk)"#),
        ],
    ),
    ("endless", &[("with a value", "«endless = true»"), ("in brackets", "«endless()»")]),
];
