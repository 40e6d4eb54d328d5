//! What a flow is written as: an enum, its attributes, and the words in them.

use crate::{case::Case, flows::table};

pub(crate) fn cases() -> Vec<Case> {
    [items(), attributes(), words()].into_iter().flatten().collect()
}

fn items() -> Vec<Case> {
    vec![
        alone("a struct", "struct «Table» {\n    guests: u8,\n}").says("a flow is an enum"),
        alone("a unit struct", "struct «Table»;").says("a flow is an enum"),
        alone("a union", "union «Table» {\n    guests: u8,\n}")
            .says("a flow is an enum")
            .besides(3, "no other derive takes a union either"),
        alone("an enum of nothing", "enum «Table» {}").says("a flow needs states"),
        alone("one state", "enum Table {\n    #[state(start, silent)]\n    «Welcome»,\n}")
            .says("nothing follows `Welcome`"),
        alone("states without an attribute", "enum «Table» {\n    Welcome,\n    Left,\n}")
            .says("no state is the start"),
        table("an open type")
            .wrong("enum Table {", "enum Table«<T>» {")
            .besides(10, "rustc tells that it is never used, and cannot infer it in the code of the other derives")
            .says("a flow has no generics")
            .paste(""),
        table("a lifetime")
            .wrong("enum Table {", "enum Table«<'a>» {")
            .besides(1, "rustc tells that it is never used")
            .says("a flow has no generics")
            .paste(""),
        open("an open type that a state holds", "<T>", "", "T", "7").wrong("Table::engine", "Table::<u8>::engine"),
        open("an open type that must have a trait", "<T: Clone + Lounge>", "", "T", "7")
            .wrong("struct Waiter;", "trait Lounge {}\n\nimpl Lounge for u8 {}\n\nstruct Waiter;"),
        open("an open type beside a module's name", "<T>", "", "T", "7")
            .wrong("#[flow(", "#[flow(module = evening, ")
            .wrong("use table::*;", "use evening::*;"),
        open("an open type within others", "<T>", "", "Option<Vec<T>>", "None::<Vec<u8>>"),
        open("a lifetime that a state holds", "<'a>", "", "&'a str", "\"\""),
        open("a constant that a state holds", "<const N: usize>", "", "Seats<N>", "Seats")
            .wrong(
                "struct Waiter;",
                "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats<const N: usize>;\n\nstruct Waiter;",
            )
            .wrong("Table::engine", "Table::<5>::engine"),
        open("a lifetime, an open type and a bound", "<'a, T>", " where T: Clone", "&'a str, rest: T", "\"\", 7"),
        table("an open type that is an answer, and in a prompt")
            .wrong("enum Table {", "enum Table«<T>» {")
            .wrong("Contact { guests: u8 }", "Contact { guests: T }")
            .wrong("Confirm { guests: u8,", "Confirm { guests: T,")
            .wrong("Booked { guests: u8,", "Booked { guests: T,")
            .says("a flow has no generics")
            .nothing_to_paste("what the state holds instead, its writer alone knows"),
        table("a constant")
            .wrong("enum Table {", "enum Table«<const N: usize>» {")
            .says("a flow has no generics")
            .paste(""),
        table("a bound")
            .wrong("enum Table {", "enum Table «where u8: Copy» {")
            .says("a flow has no generics")
            .paste(""),
        table("a state of two values")
            .wrong("Booked { guests: u8, email: Email }", "«Booked(u8, Email)»")
            .wrong(" We wrote to {email}.", "")
            .wrong("state.booked()", "Booked(1, state.email)")
            .says("a state holds named fields, or one value: name these")
            .nothing_to_paste("the names of the fields are its writer's choice"),
        table("a field twice")
            .wrong("Contact { guests: u8 }", "Contact { guests: u8, «guests: u8» }")
            .says("field `guests` is already declared")
            .besides(6, "each derive but ours names it again")
            .nothing_to_paste("rustc's own words"),
        table("a state of brackets with nothing in them")
            .wrong("    Left,", "    «Left()»,")
            .says("a state that holds nothing has no brackets")
            .paste("$last"),
        table("a state with a number")
            .wrong("    Left,", "    Left = 5,")
            .at("«enum Table»")
            .says("`#[repr(inttype)]` must be specified")
            .nothing_to_paste("rustc's own words"),
    ]
}

fn attributes() -> Vec<Case> {
    const LEFT: &str = "#[state(end, say = \"Another time.\")]";
    vec![
        table("a state's attribute on a field")
            .wrong("Booked { guests: u8,", "Booked { «#[state(end)]» guests: u8,")
            .says("variant")
            .paste(""),
        table("a flow's attribute on a field")
            .wrong("Booked { guests: u8,", "Booked { «#[flow(name = \"x\")]» guests: u8,")
            .says("enum")
            .paste(""),
        table("a flow's attribute on a state")
            .wrong("    Left,", "    «#[flow(name = \"x\")]»\n    Left,")
            .says("enum")
            .paste(""),
        table("a state's attribute on the enum")
            .wrong("enum Table", "«#[state(start)]»\nenum Table")
            .says("variant")
            .paste(""),
        table("a flow's attribute without its list")
            .wrong("enum Table", "«#[flow]»\nenum Table")
            .says("remove")
            .paste(""),
        table("a flow's attribute with a value")
            .wrong("enum Table", "«#[flow = \"table\"]»\nenum Table")
            .says("`#[flow(")
            .paste("$last"),
        table("a state's attribute without its list").wrong(LEFT, "«#[state]»").says("`#[state(").paste("$last"),
        table("a state's attribute with a value").wrong(LEFT, "«#[state = \"end\"]»").says("`#[state(").paste("$last"),
        table("an end's word for its attribute")
            .wrong(LEFT, "«#[end]»")
            .says("this is a word of `state`")
            .besides(1, "rustc tells that there is no such attribute")
            .paste("$last"),
        table("a start's word for its attribute")
            .wrong("#[state(start, ask", "«#[start]»\n    #[state(ask")
            .besides(1, "rustc tells that there is no such attribute")
            .paste("$last"),
        table("a list's word for its attribute")
            .wrong("answer = bool, to(Booked, Welcome))]", "answer = bool)]\n    «#[to(Booked, Welcome)]»")
            .besides(1, "rustc tells that there is no such attribute")
            .paste("$last"),
        table("a state's attribute with a capital")
            .wrong(LEFT, "#[«State»(end, silent)]")
            .says("cannot find attribute `State`")
            .follow_suggestion(),
        table("a state's attribute misspelt")
            .wrong(LEFT, "#[«stat»(end, silent)]")
            .says("cannot find attribute `stat`")
            .follow_suggestion(),
    ]
}

fn words() -> Vec<Case> {
    vec![
        table("two words without a comma").wrong("start, ask", "«start ask»").says(",").paste("$last"),
        table("two words with a semicolon").wrong("start, ask", "start«;» ask").says(",").paste("$last"),
        table("two words with two commas").wrong("start, ask", "start,«,» ask").says("remove").paste(""),
        table("a word in quotes").wrong("start, ask", "«\"start\"», ask").paste("$last"),
        table("a flow's word on a state")
            .wrong("start, ask", "start, «name = \"x\"», ask")
            .says("`#[flow(")
            .paste_over("«, name = \"x\"»", ""),
        table("a state's word on the enum")
            .wrong("back))]", "back), «start»)]")
            .says("`#[state(")
            .paste_over("back)«, start»", ""),
        table("a word that does not exist")
            .wrong("start, ask", "start, «colour» = 1, ask")
            .says("there is no `colour` here")
            .paste_over("«, colour = 1»", ""),
        table("a word in capitals").wrong("«start», ask", "«START»").says("there is no `START` here").paste("$2"),
        // What other frameworks call it.
        table("initial").wrong("«start», ask", "«initial»").says("there is no `initial` here").paste("$2"),
        table("final").wrong("«end», say = \"Another", "«final»").says("there is no `final` here").paste("$2"),
        table("next").wrong("«to»(Contact)", "«next»").says("there is no `next` here").paste("$2"),
        table("prompt").wrong("«ask» = \"A table", "«prompt»").says("there is no `prompt` here").paste("$2"),
    ]
}

/// An enum with parameters and bounds, which `Booked` makes use of in a field of this type. The handler gives it a value.
fn open(name: &str, parameters: &str, bounds: &str, kind: &str, value: &str) -> Case {
    table(name)
        .wrong("enum Table {", &format!("enum Table«{parameters}»{bounds} {{"))
        .wrong("Booked { guests: u8, email: Email }", &format!("Booked {{ guests: u8, email: Email, seats: {kind} }}"))
        .wrong("state.booked()", &format!("state.booked({value})"))
        .says("a flow has no generics")
        .nothing_to_paste("what the state holds instead, its writer alone knows")
}

/// A flow without a handler.
fn alone(name: &str, flow: &str) -> Case {
    let text = "use flow_chat::prelude::*;\nuse serde::{Deserialize, Serialize};\n\n\
                #[derive(Flow, Clone, Debug, Serialize, Deserialize)]\n…\n\nfn main() {}\n";
    Case::new(name, text).wrong("…", flow).nothing_to_paste("what the flow is, its writer alone knows")
}
