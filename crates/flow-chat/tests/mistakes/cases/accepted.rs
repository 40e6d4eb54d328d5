//! Right flows of unusual forms: accepted, without a warning.

use crate::{
    case::Case,
    flows::{booking, every_word, table},
};

pub(crate) fn cases() -> Vec<Case> {
    let fields = FIELDS.iter().map(|field| with_field(field));
    let states = STATES.iter().map(|state| with_state(state));
    [attributes(), code(), places()].into_iter().flatten().chain(fields).chain(states).collect()
}

fn attributes() -> Vec<Case> {
    vec![
        table("a table"),
        every_word("every word"),
        booking("a booking"),
        table("a path with the enum's name in to").with("to(Contact)", "to(Table::Contact)"),
        table("a path with Self in to").with("to(Contact)", "to(Self::Contact)"),
        table("a path with the module's name in to").with("to(Contact)", "to(table::Contact)"),
        table("a path in after, in tries and in anywhere")
            .with("to(Contact)", "to(Contact), after(\"1h\", Table::Left), tries(3, Self::Left)")
            .with("\"cancel\" => Left", "\"cancel\" => Table::Left"),
        every_word("a word in without, without quotes").with("without(\"cancel\", back)", "without(cancel, back)"),
        every_word("back in without, in quotes").with("without(\"cancel\", back)", "without(\"cancel\", \"back\")"),
        table("a comma at the end of each list").with("to(Contact)", "to(Contact,),").with("back))]", "back,),)]"),
        table("no attribute on the enum")
            .with("#[flow(anywhere(\"cancel\" => Left, back))]\n", "")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, Left)"),
        table("an empty attribute on the enum").with("enum Table", "#[flow()]\nenum Table"),
        table("an attribute for each word").with("#[state(start, ask", "#[state(start)]\n    #[state(ask"),
        table("an attribute in braces").with("#[state(end, say = \"Another time.\")]", "#[state{end, silent}]"),
        table("doc comments on everything")
            .with("    Contact {", "    /// Where we write to.\n    Contact {\n        /// How many come.\n       "),
        table("a default of serde's").with("Contact { guests", "Contact {\n        #[serde(default)]\n        guests"),
        table("a prompt with braces of its own").with("\"Another time.\"", "\"Another {{time}}.\""),
        table("a prompt in a raw string").with("\"Another time.\"", "r#\"Another \"time\".\"#"),
        table("a prompt over two lines").with("\"Another time.\"", "\"Another \\\n        time.\""),
    ]
}

fn code() -> Vec<Case> {
    const WELCOME: &str = "impl TableHandler for Waiter {
    async fn welcome(&self, state: Welcome, guests: u8, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.to(state.contact(guests))
    }

";
    vec![
        table("a state that follows itself")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, Confirm)")
            .with("turn.to(Welcome)", "turn.to(state)"),
        table("a method that would be inferred, written").with("impl TableHandler for Waiter {\n", WELCOME),
        table("an open handler")
            .with("struct Waiter;", "struct Waiter<T>(T);")
            .with("impl TableHandler for Waiter {", "impl<T: Send + Sync> TableHandler for Waiter<T> {")
            .with("engine(Waiter)", "engine(Waiter(1))"),
        table("a flow inside a function")
            .with("/// A table for an evening.", "fn main() {")
            .with("fn main() {\n    let _", "let _"),
        table("a public flow").with("enum Table", "pub enum Table"),
        table("a flow that its crate sees").with("enum Table", "pub(crate) enum Table"),
        table("a type with its path")
            .with("Contact { guests: u8 }", "Contact { guests: std::primitive::u8 }")
            .with("Confirm { guests: u8,", "Confirm { guests: std::primitive::u8,")
            .with("Booked { guests: u8,", "Booked { guests: std::primitive::u8,"),
        table("the module's names, imported one by one").with("use table::*;", "use table::{Confirm, Welcome};"),
        table("the framework by another name")
            .with(
                "use flow_chat::{answers::Email, prelude::*};",
                "mod chat {\n    pub use flow_chat::*;\n}\n\nuse chat::{answers::Email, prelude::*};",
            )
            .with("#[flow(", "#[flow(crate = chat, "),
    ]
}

/// Where a flow stands, under which lints, and with which types.
fn places() -> Vec<Case> {
    let lints = |name: &str, lints: &str| {
        table(name).with("use std::error::Error;", &format!("#![{lints}]\n\nuse std::error::Error;"))
    };
    vec![
        lints("a flow where every warning is an error", "deny(warnings)"),
        lints(
            "a flow under the lints that are off at first",
            "deny(elided_lifetimes_in_paths, explicit_outlives_requirements, missing_copy_implementations, \
             missing_debug_implementations, redundant_imports, redundant_lifetimes, single_use_lifetimes, trivial_casts, \
             trivial_numeric_casts, unit_bindings, unreachable_pub, unused_extern_crates, unused_import_braces, \
             unused_lifetimes, unused_qualifications, unused_results, variant_size_differences)",
        ),
        lints("a flow where nothing is unsafe", "forbid(unsafe_code, unsafe_op_in_unsafe_fn)"),
        lints("a flow whose docs are asked for", "deny(missing_docs)")
            .with("#![deny(missing_docs)]", "//! A bot.\n#![deny(missing_docs)]"),
        table("a flow that its module sees").with("enum Table", "pub(self) enum Table"),
        table("a flow that a part of its crate sees").with("enum Table", "pub(in crate) enum Table"),
        table("a public flow with a private type")
            .with("enum Table", "pub(crate) enum Table")
            .with("struct Waiter;", "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats(u8);\n\nstruct Waiter;")
            .with("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: Seats }")
            .with("state.booked()", "state.booked(Seats(1))"),
        table("a handler in another module")
            .with("use table::*;\n\nstruct Waiter;\n", "use handling::Waiter;\n\nmod handling {\n    use super::{TableHandler, table::*};\n    use flow_chat::prelude::*;\n\n    pub(super) struct Waiter;\n")
            .with("/// What a channel does with each message.", "}\n\n/// What a channel does with each message."),
        table("a flow that a macro declares")
            .with("/// A table for an evening.\n", "macro_rules! evening {\n    ($flow:ident, $last:ident) => {\n")
            .with("enum Table {", "enum $flow {")
            .with("\n}\n\nuse table::*;", "\n    #[state(end)]\n    $last { guests: u8 },\n}\n    };\n}\n\nevening!(Table, Full);\n\nuse table::*;")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, $last)"),
        table("two flows side by side").with(
            "use table::*;",
            "#[derive(Flow, Clone, Debug, Serialize, Deserialize)]\nenum Shop {\n    #[state(start, ask = \"Well?\", \
             answer = String, to(Closed))]\n    Open,\n    #[state(end)]\n    Closed,\n}\n\nuse shop::{Closed, Open};\nuse \
             table::*;\n\nimpl ShopHandler for Waiter {\n    async fn open(&self, _: Open, _: String, turn: Turn<'_, Open>) -> \
             Step<Open> {\n        turn.to(Closed)\n    }\n}",
        ),
        table("a field of the enum's own type")
            .with("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, before: Option<Box<Self>> }")
            .with("state.booked()", "state.booked(None)"),
        lints(
            "a public flow under the lints that are off at first",
            "deny(missing_copy_implementations, missing_debug_implementations, unused_qualifications)",
        )
        .with("enum Table", "pub enum Table"),
        table("fields of many types")
            .with(
                "Booked { guests: u8, email: Email }",
                "Booked { guests: u8, email: Email, more: Option<Vec<(String, [u8; 4])>>, map: \
                 std::collections::BTreeMap<String, Box<u8>>, none: () }",
            )
            .with("state.booked()", "state.booked(None, Default::default(), ())"),
        table("fields that borrow what no record has")
            .with(
                "Booked { guests: u8, email: Email }",
                "Booked { guests: u8, email: Email, #[serde(skip)] hall: &'static str, seats: std::borrow::Cow<'static, str> }",
            )
            .with("state.booked()", "state.booked(\"Main\", \"12\".into())"),
        table("a function of the module's name").with("fn main() {", "fn table() {}\n\nfn main() {\n    table();"),
        table("a module of another name, beside one of the flow's")
            .with("#[flow(", "#[flow(module = evening, ")
            .with("use table::*;", "mod table {}\n\nuse evening::*;"),
        table("a framework that another crate hands on")
            .with("use flow_chat::{", "mod bots {\n    pub mod talk {\n        pub use flow_chat::*;\n    }\n}\n\nuse bots::talk::{")
            .with("#[flow(", "#[flow(crate = crate::bots::talk, "),
        table("a handler that is lent to the engine's task")
            .with("struct Waiter;", "#[derive(Clone)]\nstruct Waiter;")
            .with("TableHandler for Waiter {", "TableHandler for std::sync::Arc<Waiter> {")
            .with("engine(Waiter)", "engine(std::sync::Arc::new(Waiter))"),
    ]
}

/// Names that the derive's own code is likely to use.
const FIELDS: &[&str] = &[
    "text", "handler", "call", "state", "turn", "value", "target", "index", "self_", "answer", "opening", "prompt",
    "choices", "reply", "root", "from", "into", "r#type", "r#match", "flow", "event", "key", "ask", "offer", "f",
    "name", "payload", "host", "asked", "number", "clone", "fmt", "r#async", "r#try",
];

fn with_field(field: &str) -> Case {
    let prompt = field.trim_start_matches("r#");
    table(format!("a field called {prompt}"))
        .with("Booked { guests: u8, email: Email }", &format!("Booked {{ {field}: String, email: Email }}"))
        .with("See you!", &format!("See you, {{{prompt}}}!"))
        .with("state.booked()", "state.booked(\"Ana\".into())")
}

/// Names that the derive's own code, or a flow's file, is likely to use.
const STATES: &[&str] = &[
    "Table", "Email", "Clone", "Debug", "String", "Option", "Some", "None", "Ok", "Err", "Result", "Vec", "Box",
    "Send", "From", "Default", "Engine", "Reply", "State", "Graph", "Handler", "Drive", "Call", "Match", "Type",
    "Self_", "Serde", "Std", "Core", "FlowChat", "ToLeft", "Turn", "Step", "Ask", "Flow", "Future", "Known", "Member",
    "Field", "Types", "Word", "Derive", "r#Raw",
];

fn with_state(state: &str) -> Case {
    table(format!("a state called {state}"))
        .with("to(Booked, Welcome)", &format!("to(Booked, Welcome, {state})"))
        .with("    Left,\n", &format!("    Left,\n    #[state(end, silent)]\n    {state},\n"))
        .with("use table::*;", "use table::{Confirm, Welcome};")
}
