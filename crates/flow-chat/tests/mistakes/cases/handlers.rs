//! The handler, and the engine that it is given to.

use crate::{case::Case, flows::table};

/// The method that the flow needs.
const CONFIRM: &str = r#"async fn confirm(&self, state: Confirm, agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        if agreed { turn.to(state.booked()).say("Gladly.") } else { turn.to(Welcome) }
    }"#;
const SIGNATURE: &str =
    "async fn confirm(&self, state: Confirm, agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm>";

/// Why rustc's suggestion of a method does not compile. The method's doc comment has its signature as a user writes it.
const NO_FUTURE: &str = "rustc writes `impl Future` for `async`, and a body that is no future";

pub(crate) fn cases() -> Vec<Case> {
    [methods(), signatures(), handlers(), engines()].into_iter().flatten().collect()
}

fn methods() -> Vec<Case> {
    vec![
        table("a method that is forgotten")
            .wrong(CONFIRM, "")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `confirm`")
            .nothing_to_paste(NO_FUTURE),
        table("a method of a state with two that follow, forgotten")
            .wrong("to(Contact)", "to(Contact, Left)")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `welcome`")
            .nothing_to_paste(NO_FUTURE),
        table("a method of a state whose successor knows two things more, forgotten")
            .with("to(Confirm)", "to(Booked)")
            .with("to(Booked, Welcome)", "to(Contact, Booked, Welcome)")
            .wrong("to(Contact))]", "to(Confirm))]")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `welcome`")
            .nothing_to_paste(NO_FUTURE),
        table("a method of a state that says and does not ask, forgotten")
            .wrong("ask = \"A table for how many?\"", "say = \"A table for how many?\"")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `welcome`")
            .nothing_to_paste(NO_FUTURE),
        table("a method that is declared as handled, forgotten")
            .wrong("ask = \"A table for how many?\"", "handled, ask = \"A table for how many?\"")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `welcome`")
            .nothing_to_paste(NO_FUTURE),
        table("a question that is forgotten")
            .wrong("ask = \"For {guests}, then?\", ", "")
            .at("«impl TableHandler for Waiter»")
            .says("missing: `ask_confirm`")
            .nothing_to_paste(NO_FUTURE),
        table("two methods that are forgotten")
            .wrong(CONFIRM, "")
            .wrong("to(Contact)", "to(Contact, Left)")
            .at("«impl TableHandler for Waiter»")
            .says("`welcome`, `confirm`")
            .nothing_to_paste("rustc suggests them one by one"),
        table("a method that is misspelt")
            .wrong(CONFIRM, &format!("«{}»", CONFIRM.replace("confirm", "confrim")))
            .besides(1, "the method that it should be is missing")
            .follow_suggestion(),
        method_more("a method of a state that is an end", "left"),
        method_more("a method of no state", "pay"),
        table("a method twice")
            .wrong(CONFIRM, &format!("{CONFIRM}\n\n    «{CONFIRM}»"))
            .says("duplicate definitions with name `confirm`")
            .nothing_to_paste("one of them is to be removed, and it is not for rustc to say which"),
    ]
}

/// A method that the trait does not have.
fn method_more(name: &str, method: &str) -> Case {
    let more = format!(
        "«async fn {method}(&self, _: Left, turn: Turn<'_, Left>) -> Step<Left> {{\n        turn.stay(\"?\")\n    }}»"
    );
    table(name)
        .wrong(CONFIRM, &format!("{CONFIRM}\n\n    {more}"))
        .says(format!("method `{method}` is not a member of trait `TableHandler`"))
        .nothing_to_paste("it is to be removed")
}

fn signatures() -> Vec<Case> {
    vec![
        signature("a method without its turn", "(«&self, state: Confirm, agreed: bool») -> Step<Confirm>")
            .says("has 3 parameters but the declaration in trait")
            .besides(2, "each use of the turn")
            .nothing_to_paste("rustc shows how many there are in the trait, and no text"),
        signature("a method without its state", "(«&self, agreed: bool, turn: Turn<'_, Confirm>») -> Step<Confirm>")
            .says("has 3 parameters but the declaration in trait")
            .besides(1, "the use of the state")
            .nothing_to_paste("rustc shows how many there are in the trait, and no text"),
        table("a method without self")
            .wrong(SIGNATURE, &format!("«{}»", SIGNATURE.replace("&self, ", "")))
            .says("has a `&self` declaration in the trait")
            .nothing_to_paste("rustc names what is missing, `&self`, and not where"),
        signature(
            "a method that may change the handler",
            "(«&mut self», state: Confirm, agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm>",
        )
        .follow_suggestion(),
        signature(
            "a method that borrows its state",
            "(&self, state: «&Confirm», agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm>",
        )
        .besides(1, "the use of the state")
        .follow_suggestion(),
        signature(
            "a method with another state",
            "(&self, state: «Contact», agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm>",
        )
        .besides(1, "the use of the state")
        .follow_suggestion(),
        signature(
            "a method with the enum for its state",
            "(&self, state: «Table», agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm>",
        )
        .besides(1, "the use of the state")
        .follow_suggestion(),
        signature(
            "a method with the turn of another state",
            "(&self, state: Confirm, agreed: bool, turn: «Turn<'_, Contact>») -> Step<Confirm>",
        )
        .besides(4, "each use of the turn, as a transition and as a step")
        .follow_suggestion(),
        signature(
            "a method with the step of another state",
            "(&self, state: Confirm, agreed: bool, turn: Turn<'_, Confirm>) -> «Step<Contact>»",
        )
        .besides(2, "each step")
        .nothing_to_paste("rustc shows types"),
        signature("a method that answers nothing", "(&self, state: Confirm, agreed: bool, turn: Turn<'_, Confirm>)«»")
            .besides(2, "each step")
            .nothing_to_paste("rustc shows types"),
        table("a method that is not async")
            .wrong(SIGNATURE, &SIGNATURE.replace("async ", "").replace("Step<Confirm>", "«Step<Confirm>»"))
            .nothing_to_paste("rustc shows types"),
    ]
}

/// The method of `Confirm` with other parameters and another answer.
fn signature(name: &str, signature: &str) -> Case {
    let (head, _) = SIGNATURE.split_once('(').expect("it has parameters");
    table(name).wrong(SIGNATURE, &format!("{head}{signature}"))
}

fn handlers() -> Vec<Case> {
    vec![
        table("a handler that is forgotten")
            .wrong(&format!("impl TableHandler for Waiter {{\n    {CONFIRM}\n}}"), "")
            .at("Table::engine(«Waiter»)")
            .says("`Waiter` does not handle the flow `Table`")
            .paste_over("struct Waiter;«»", "\n\n$note1"),
        table("a handler of a trait that is misspelt")
            .wrong("impl TableHandler for Waiter", "impl «TablesHandler» for Waiter")
            .follow_suggestion(),
        table("a flow's module that is not imported")
            .wrong("use table::*;\n", "")
            .at("state: «Confirm»")
            .besides(3, "each name of the module")
            .nothing_to_paste("rustc proposes an import for each name"),
        table("a handler that one thread alone may use")
            .wrong("struct Waiter;", "struct Waiter(std::cell::Cell<u8>);")
            .wrong("engine(Waiter)", "engine(Waiter(Default::default()))")
            .at("impl TableHandler for «Waiter»")
            .says("`Cell<u8>` cannot be shared between threads safely")
            .besides(1, "the method's future holds the handler")
            .nothing_to_paste("what it holds, its writer alone knows"),
        table("a handler that cannot be sent")
            .wrong("struct Waiter;", "struct Waiter(std::rc::Rc<u8>);")
            .wrong("engine(Waiter)", "engine(Waiter(Default::default()))")
            .at("impl TableHandler for «Waiter»")
            .says("threads safely")
            .besides(2, "it cannot be shared either, and the method's future holds it")
            .nothing_to_paste("what it holds, its writer alone knows"),
        table("a method that cannot be sent")
            .wrong(
                "        if agreed",
                "        let seats = std::rc::Rc::new(5);\n        std::future::ready(()).await;\n        \
                 println!(\"{seats}\");\n        if agreed",
            )
            .at("-> «Step<Confirm>»")
            .says("future cannot be sent between threads safely")
            .nothing_to_paste("rustc shows what is held over which await"),
        table("a handler that borrows")
            .wrong("struct Waiter;", "struct Waiter<'a>(&'a str);")
            .wrong("TableHandler for Waiter {", "TableHandler for Waiter<'_> {")
            .wrong("Table::engine(Waiter)", "«Table::engine(Waiter(said))»")
            .says("borrowed data escapes")
            .nothing_to_paste("rustc shows what is borrowed"),
        table("a flow for a handler")
            .wrong("Table::engine(Waiter)", "Table::engine(«Table»)")
            .nothing_to_paste("which handler, its writer alone knows"),
        table("no handler")
            .wrong("Table::engine(Waiter)", "«Table::engine»()")
            .nothing_to_paste("which handler, its writer alone knows"),
    ]
}

fn engines() -> Vec<Case> {
    vec![
        table("an engine without a store")
            .wrong(".store(MemoryStore::new())", "")
            .at("engine.«handle»(")
            .says("`.store(")
            .nothing_to_paste("which store, its writer alone knows"),
        table("a text for a store")
            .wrong("MemoryStore::new()", "«\"table.db\"»")
            .says("`&str`")
            .nothing_to_paste("which store, its writer alone knows"),
        table("a store that is not made")
            .wrong("MemoryStore::new()", "«MemoryStore»")
            .nothing_to_paste("rustc knows that it is a type, and not how to make one"),
        table("a text for a session")
            .wrong("handle(visitor,", "handle(«said»,")
            .says("`SessionId::derived(")
            .nothing_to_paste("the secret is its writer's"),
        table("a number for a session")
            .wrong("handle(visitor,", "handle(«7»,")
            .says("`SessionId::derived(")
            .nothing_to_paste("the secret is its writer's"),
        table("a number for a message")
            .wrong("visitor, said)", "visitor, «7»)")
            .nothing_to_paste("what was said, its writer alone knows"),
        table("a message that is not awaited")
            .wrong("engine.handle(visitor, said).await?", "«engine.handle(visitor, said)?»")
            .follow_suggestion(),
        table("an error that is not looked at")
            .wrong("said).await?.texts()", "said).await.«texts»()")
            .follow_suggestion(),
    ]
}
