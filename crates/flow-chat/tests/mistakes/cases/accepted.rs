//! Right flows of unusual forms: accepted, without a warning.

use crate::{
    case::Case,
    flows::{booking, every_word, table},
};

pub(crate) fn cases() -> Vec<Case> {
    let fields = FIELDS.iter().map(|field| with_field(field));
    let states = STATES.iter().map(|state| with_state(state));
    [attributes(), code()].into_iter().flatten().chain(fields).chain(states).collect()
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

/// Names that the derive's own code is likely to use.
const FIELDS: &[&str] = &[
    "text", "handler", "call", "state", "turn", "value", "target", "index", "self_", "answer", "opening", "prompt",
    "choices", "reply", "root", "from", "into", "r#type", "r#match", "flow", "event", "key", "ask", "offer",
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
    "Self_", "Serde", "Std", "Core", "FlowChat",
];

fn with_state(state: &str) -> Case {
    table(format!("a state called {state}"))
        .with("to(Booked, Welcome)", &format!("to(Booked, Welcome, {state})"))
        .with("    Left,\n", &format!("    Left,\n    #[state(end, silent)]\n    {state},\n"))
        .with("use table::*;", "use table::{Confirm, Welcome};")
}
