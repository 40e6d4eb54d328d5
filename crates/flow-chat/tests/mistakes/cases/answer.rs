//! What an answer is read as: `derive(Answer)` for an enum of the user's, and types that are no answer.

use crate::{case::Case, flows::table};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        room("a choice that is a struct", "struct «Room» {\n    floor: u8,\n}")
            .says("a choice is an enum")
            .nothing_to_paste("what is chosen, its writer alone knows"),
        room("a choice of nothing", "enum «Room» {}")
            .says("a choice is an enum")
            .nothing_to_paste("what is chosen, its writer alone knows"),
        room("a choice with an open type", "enum Room«<T>» {\n    Inside,\n    Outside(T),\n}")
            .says("generics")
            .besides(2, "rustc misses the type wherever the user names the enum")
            .nothing_to_paste("what holds the type is another mistake"),
        room("a choice with an open type that is given", "enum Room«<T>» {\n    Inside,\n    Outside(T),\n}")
            .wrong("Confirm { guests: u8, email: Email, room: Room }", "Confirm { guests: u8, email: Email, room: Room<u8> }")
            .wrong("Booked { guests: u8, email: Email, room: Room }", "Booked { guests: u8, email: Email, room: Room<u8> }")
            .says("generics")
            .nothing_to_paste("the variant that holds it is the next mistake"),
        room("a choice that holds a value", "enum Room {\n    Inside«(u8)»,\n    Outside,\n}")
            .says("a choice holds nothing")
            .paste(""),
        room("a choice that holds a field", "enum Room {\n    Inside «{ floor: u8 }»,\n    Outside,\n}")
            .says("a choice holds nothing")
            .paste(""),
        room(
            "a word of two choices",
            "enum Room {\n    #[answer(\"In\", \"here\")]\n    Inside,\n    #[answer(\"Out\", «\"Here\"»)]\n    Outside,\n}",
        )
        .says("`Here` chooses `Inside` already")
        .paste_over("«, \"Here\"»", ""),
        room(
            "a label that another choice's button sends",
            "enum Room {\n    #[answer(«\"Outside\"»)]\n    Inside,\n    #[answer(\"Out\")]\n    Outside,\n}",
        )
        .says("`Outside` chooses `Outside` already")
        .nothing_to_paste("a label is its writer's choice"),
        label("a label without quotes", "#[answer(«In»)]").paste("$last"),
        label("a label that is a number", "#[answer(«1»)]").paste("$last"),
        label("a label with a name", "#[answer(«label = \"In\"»)]").paste("$last"),
        label("a label of nothing", "#[answer(«\"\"»)]").paste("$last"),
        label("a label with an equals sign", "«#[answer = \"In\"]»").paste("$last"),
        label("a label that is forgotten", "«#[answer]»").says("remove").paste(""),
        label("own_speak on a choice", "«#[answer(own_speak)]»").says("remove").paste(""),
        room("a label on the enum", "«#[answer(\"Room\")]»\nenum Room {\n    Inside,\n    Outside,\n}")
            .says("remove")
            .paste(""),
        room("own_speak misspelt", "#[answer(«own_speek»)]\nenum Room {\n    Inside,\n    Outside,\n}")
            .says("there is no `own_speek` here")
            .paste("$2"),
        // Types.
        answer("a type that is no answer", "Seats")
            .says("no answer can be read as `Seats`")
            .says("write `handled`")
            .nothing_to_paste("its method is to be written"),
        answer("a list", "Vec<u8>")
            .says("no answer can be read as `Vec<u8>`")
            .nothing_to_paste("what was meant, nobody can know"),
        answer("a text that is borrowed", "&'static str")
            .says("what is in it is not borrowed")
            .paste("$1")
            .paste_over("Booked { guests: u8, email: «&'static str» }", "$1"),
    ]
}

/// A choice between two rooms, of which the first has this attribute.
fn label(name: &str, attribute: &str) -> Case {
    room(name, &format!("enum Room {{\n    {attribute}\n    Inside,\n    Outside,\n}}"))
}

/// A state more asks for a room, which is written so.
fn room(name: &str, room: &str) -> Case {
    let derives = "#[derive(Answer, Clone, Debug, Serialize, Deserialize)]";
    table(name)
        .wrong("struct Waiter;", &format!("{derives}\n{room}\n\nstruct Waiter;"))
        .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, room: Room }")
        .wrong(
            "    Confirm { guests: u8, email: Email }",
            "    Where { guests: u8, email: Email },\n    #[state(ask = \"Sure?\", answer = bool, to(Booked, Welcome))]\n    \
             Confirm { guests: u8, email: Email, room: Room }",
        )
        .wrong("ask = \"For {guests}, then?\", answer = bool, to(Booked, Welcome)", "ask = \"For {guests}. Where?\", to(Confirm)")
        .wrong("e-mail?\", to(Confirm)", "e-mail?\", to(Where)")
}

/// The answer to `Contact` is of this type.
fn answer(name: &str, kind: &str) -> Case {
    table(name)
        .with("use flow_chat::{answers::Email, prelude::*};", "use flow_chat::prelude::*;")
        .with("struct Waiter;", "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats(u8);\n\nstruct Waiter;")
        .with(" We wrote to {email}.", "")
        .with("Booked { guests: u8, email: Email }", &format!("Booked {{ guests: u8, email: {kind} }}"))
        .wrong("Confirm { guests: u8, email: Email }", &format!("Confirm {{ guests: u8, email: «{kind}» }}"))
}
