//! Where a handler goes.

use crate::{case::Case, flows::table};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        // What is not declared.
        goes("to a state that may not follow", "turn.to(«Left»)")
            .says("cannot follow")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        goes("to a state that may not follow, with its fields", "turn.to(«Contact { guests: state.guests }»)")
            .says("cannot follow")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        goes("to a state that may not follow, by its carrier", "turn.to(state.«contact»())")
            .says("cannot follow")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        goes("to a state without fields that may not follow, by its carrier", "turn.to(state.«left»())")
            .says("cannot follow")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        goes("to where it is", "turn.to(«state»)").says("cannot follow").paste_over("to(Booked, Welcome«»)", ", $1"),
        goes("by a carrier that is misspelt", "turn.to(state.«boked»())").follow_suggestion(),
        goes("by a carrier that is none", "turn.to(state.«pay»())")
            .nothing_to_paste("which state was meant, nobody can know"),
        // What is no state.
        goes("to a variant", "turn.to(«Table::Left»)")
            .says("struct")
            .nothing_to_paste("rustc shows the type of a value and not its text"),
        goes("to a variant with its fields", "turn.to(«Table::Booked { guests: state.guests, email: state.email }»)")
            .says("struct")
            .nothing_to_paste("rustc shows the type of a value and not its text"),
        goes("to a name in quotes", "turn.to(«\"LEFT\"»)")
            .nothing_to_paste("rustc shows the type of a value and not its text"),
        goes("to a state by its method", "turn.to(«welcome»)").nothing_to_paste("rustc thinks of the method first"),
        goes("to a carrier that is not called", "turn.to(state.«booked»)").follow_suggestion(),
        goes("to nowhere", "turn.«to»()").nothing_to_paste("where it goes, its writer alone knows"),
        goes("to a struct without its fields", "turn.to(«Booked»)")
            .nothing_to_paste("what its fields are, its writer alone knows"),
        goes("to a struct with a field too few", "turn.to(«Booked» { guests: state.guests })")
            .says("missing field `email`")
            .nothing_to_paste("what the field is, its writer alone knows"),
        goes("with a field too many", "turn.to(Booked { guests: 1, email: state.email, «name»: 1 })")
            .says("no field named `name`")
            .nothing_to_paste("rustc's own words, which name the fields"),
        goes("by a carrier with a value too many", "turn.to(state.«booked»(1))").follow_suggestion(),
        table("by a carrier with a value too few")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, Left)")
            .with("    Left,", "    Left { reason: String },")
            .with("(\"cancel\" => Left, back)", "(back)")
            .wrong("turn.to(Welcome)", "turn.to(state.«left»())")
            .nothing_to_paste("what the value is, its writer alone knows"),
        table("by a carrier with a value of another type")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, Left)")
            .with("    Left,", "    Left { reason: String },")
            .with("(\"cancel\" => Left, back)", "(back)")
            .wrong("turn.to(Welcome)", "turn.to(state.left(«\"late\"»))")
            .follow_suggestion(),
        // What is no step.
        goes("without a turn", "Ok(«Welcome»)").nothing_to_paste("rustc shows types"),
        goes("with the state itself", "«Welcome»").nothing_to_paste("rustc shows types"),
        table("with a semicolon").wrong("{ turn.to(Welcome) }", "«{ turn.to(Welcome); }»").follow_suggestion(),
        goes("with an await", "turn.to(Welcome).«await»").follow_suggestion(),
        goes("with a question mark", "«turn.to(Welcome)?»").nothing_to_paste("rustc shows types"),
        goes("nowhere, without a word", "turn.«stay»()").nothing_to_paste("what is said, its writer alone knows"),
        goes("nowhere, with a number", "turn.stay(«5»)").nothing_to_paste("what is said, its writer alone knows"),
        table("a turn that is used after it ended")
            .wrong(
                "turn.to(state.booked()).say(\"Gladly.\")",
                "let step = turn.to(state.booked());\n            println!(\"{}\", «turn».text());\n            step",
            )
            .says("borrow of moved value")
            .nothing_to_paste("rustc's own words, which show both places"),
        table("a state that is used after it moved")
            .wrong(
                "turn.to(state.booked()).say(\"Gladly.\")",
                "let step = turn.to(state.booked());\n            println!(\"{}\", «state.guests»);\n            step",
            )
            .says("borrow of moved value")
            .nothing_to_paste("rustc's own words, which show both places"),
        // Answers.
        table("a forgotten question mark").wrong("if agreed {", "if «turn.answer()» {").nothing_to_paste("to be seen"),
        table("an answer of a type that is none")
            .wrong("if agreed {", "if turn.answer::<«Waiter»>().is_ok() {")
            .says("no answer can be read as `Waiter`")
            .nothing_to_paste("what the answer is, its writer alone knows"),
    ]
}

/// `Confirm` goes this way instead of to `Welcome`.
fn goes(name: &str, step: &str) -> Case {
    table(name).wrong("else { turn.to(Welcome) }", &format!("else {{ {step} }}"))
}
