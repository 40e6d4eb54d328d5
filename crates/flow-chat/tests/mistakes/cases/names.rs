//! Names that collide, with each other or with what the derive makes of them.

use crate::{case::Case, flows::table};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        // States.
        with_state("two states of one stored name", "«LEFT»", "end, silent")
            .says("`LEFT`")
            .nothing_to_paste("a name is its writer's choice"),
        with_state("a state whose method is another's question", "AskContact", "say = \"1\", to(Left)")
            .with("ask = \"For {guests}. And your e-mail?\", ", "")
            .at("    «Contact» { guests: u8 },")
            .says("the question of `Contact` has the method `ask_contact`, as `AskContact` has")
            .nothing_to_paste("a name is its writer's choice"),
        with_state("a state whose method is the help hook", "«OnHelp»", "say = \"1\", to(Left)")
            .says("has the method `on_help`, as the help hook has")
            .nothing_to_paste("a name is its writer's choice"),
        with_state("a state whose method is the opening hook", "«OnOpen»", "say = \"1\", to(Left)")
            .says("has the method `on_open`, as the opening hook has")
            .nothing_to_paste("a name is its writer's choice"),
        with_state("a state whose method cannot be named", "«Super»", "say = \"1\", to(Left)")
            .says("this name makes no method")
            .nothing_to_paste("a name is its writer's choice"),
        // Aliases.
        table("an alias that is another state's name")
            .wrong("to(Contact)", "to(Contact), alias(«\"CONFIRM\"»)")
            .says("`CONFIRM` is the name of the state `Confirm` in records")
            .paste_over("«, alias(\"CONFIRM\")»", ""),
        table("an alias that is the state's own name")
            .wrong("to(Contact)", "to(Contact), alias(«\"WELCOME\"»)")
            .says("`WELCOME`")
            .paste_over("«, alias(\"WELCOME\")»", ""),
        table("an alias of two states")
            .with("to(Contact)", "to(Contact), alias(\"HELLO\")")
            .wrong("to(Confirm)", "to(Confirm), alias(«\"HELLO\"»)")
            .says("`HELLO` is an alias of the state `Welcome` already")
            .paste_over("to(Confirm)«, alias(\"HELLO\")»", ""),
        table("an alias that no record has, in the spelling of a variant")
            .wrong("to(Contact)", "to(Contact), alias(«\"AskGuests\"»)")
            .says("`AskGuests`")
            .paste("$last"),
        table("an alias that no record has, in small letters")
            .wrong("to(Contact)", "to(Contact), alias(«\"ask_guests\"»)")
            .says("`ask_guests`")
            .paste("$last"),
        table("an alias with space around it")
            .wrong("to(Contact)", "to(Contact), alias(«\" HELLO\"»)")
            .says("` HELLO`")
            .paste("$last"),
        // What the derive writes beside the enum.
        table("a module of the flow's name")
            .wrong("struct Waiter;", "«mod table» {}\n\nstruct Waiter;")
            .besides(43, "rustc looks for each name of the module in the other one")
            .says("`table` is defined multiple times")
            .nothing_to_paste("a name is its writer's choice"),
        table("a struct of the handler's name")
            .wrong("struct Waiter;", "«struct TableHandler;»\n\nstruct Waiter;")
            .besides(2, "rustc takes the struct for the trait, in the derive's code and in the handler")
            .says("`TableHandler` is defined multiple times")
            .nothing_to_paste("a name is its writer's choice"),
        table("two flows of one stored name")
            .wrong(
                "struct Waiter;",
                "mod other {\n    use flow_chat::Flow;\n    use serde::{Deserialize, Serialize};\n    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]\n    \
                 #[flow(name = «\"table\"»)]\n    enum Other {\n        #[state(start, silent, to(Left))]\n        Begin,\n        \
                 #[state(end, silent)]\n        Left,\n    }\n}\n\nstruct Waiter;",
            )
            .says("`two_flows_of_this_crate_are_called_table` is defined multiple times")
            .nothing_to_paste("a name is its writer's choice"),
    ]
}

/// A state more, which `Confirm` goes to.
fn with_state(name: &str, state: &str, attribute: &str) -> Case {
    let ident = state.trim_matches(['«', '»']);
    table(name)
        .with("to(Booked, Welcome)", &format!("to(Booked, Welcome, {ident})"))
        .wrong("    Left,\n", &format!("    Left,\n    #[state({attribute})]\n    {state},\n"))
}
