//! States, and what leads from one to another.

use crate::{case::Case, flows::table};

/// The beginning of the handler, and the methods of two states more.
const ONE_AND_TWO: &str = "impl TableHandler for Waiter {
    async fn one(&self, state: One, turn: Turn<'_, One>) -> Step<One> {
        turn.to(state.two())
    }

    async fn two(&self, state: Two, turn: Turn<'_, Two>) -> Step<Two> {
        turn.to(state.one())
    }

";

/// The beginning of the handler, and the method of a state more.
const WAITING: &str = "impl TableHandler for Waiter {
    async fn waiting(&self, state: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        turn.to(state)
    }

";

pub(crate) fn cases() -> Vec<Case> {
    [names(), edges(), starts_and_ends(), ways(), anywhere()].into_iter().flatten().collect()
}

/// The names of states.
fn names() -> Vec<Case> {
    vec![
        table("a state in to, misspelt")
            .wrong("to(Contact)", "to(«Contcat»)")
            .says("there is no state `Contcat`")
            .paste("$2"),
        table("a state in after, misspelt")
            .wrong("to(Contact)", r#"to(Contact), after("1h", «Lfet»)"#)
            .says("there is no state `Lfet`")
            .paste("$2"),
        table("a state in tries, misspelt")
            .wrong("to(Contact)", "to(Contact), tries(3, «Lfet»)")
            .says("there is no state `Lfet`")
            .paste("$2"),
        table("a state of a word that counts anywhere, misspelt")
            .wrong(r#""cancel" => Left"#, r#""cancel" => «Lfet»"#)
            .says("there is no state `Lfet`")
            .paste("$2"),
        table("a state in to, in the spelling of its method")
            .wrong("to(Contact)", "to(«contact»)")
            .says("there is no state `contact`")
            .paste("$2"),
        table("a state in to, in the spelling of the store")
            .wrong("to(Contact)", "to(«CONTACT»)")
            .says("there is no state `CONTACT`")
            .paste("$2"),
        table("a state in to that is none at all")
            .wrong("to(Contact)", "to(«Pizza»)")
            .says("there is no state `Pizza`")
            .paste("$2"),
        table("a state in after that is none at all")
            .wrong("to(Contact)", r#"to(Contact), after("1h", «Pizza»)"#)
            .says("there is no state `Pizza`")
            .paste("$last"),
        table("a state in to, with another enum's name")
            .wrong("to(Contact)", "to(«Tables::Contact»)")
            .says("`Tables::Contact` is no state of `Table`")
            .paste("$last"),
        table("a state in to, with a path that is none")
            .wrong("to(Contact)", "to(«Table::Welcome::Contact»)")
            .says("is no state of `Table`")
            .paste("$last"),
    ]
}

/// One edge of a kind.
fn edges() -> Vec<Case> {
    vec![
        table("two dots in to").wrong("to(Contact)", "to(Contact, «..»)").paste_over("to(Contact«, ..»)", ""),
        table("a state in to, twice")
            .wrong("to(Booked, Welcome)", "to(Booked, Welcome, «Booked»)")
            .says("`Booked` is declared already")
            .paste_over("Welcome«, Booked»)", ""),
        table("a state in to, twice in two attributes")
            .wrong("to(Booked, Welcome))]", "to(Booked, Welcome))]\n    #[state(«to(Booked)»)]")
            .says("`to` is given already")
            .paste_over("\n    #[state(to(Booked))]", ""),
        table("after, twice with one time")
            .wrong("to(Contact)", r#"to(Contact), after("1h", Left), «after("1h", Welcome)»"#)
            .says("`1h`")
            .paste_over(r#"«, after("1h", Welcome)»"#, ""),
    ]
}

/// One start, and ends that are ends.
fn starts_and_ends() -> Vec<Case> {
    vec![
        table("no start")
            .wrong("«start, »ask", "")
            .at("enum «Table»")
            .says("no state is the start")
            .paste_over("#[state(«»ask = \"A table", "$last, "),
        table("two starts")
            .wrong("#[state(ask = \"For {guests}. And", "#[state(«start», ask = \"For {guests}. And")
            .says("`Welcome` is the start already")
            .paste_over("#[state(«start, »ask = \"For", ""),
        table("a start that holds something")
            .wrong(
                "Welcome,\n    #[state(ask = \"For {guests}. And",
                "«Welcome { guests: u8 }»,\n    #[state(ask = \"For {guests}. And",
            )
            .wrong("turn.to(Welcome)", "turn.to(Welcome { guests: 1 })")
            .says("nothing is known when a session begins")
            .nothing_to_paste("the handler makes one that holds something, and must be written otherwise"),
        table("a start that holds a value")
            .wrong("to(Booked, Welcome)", "to(Booked)")
            .wrong("else { turn.to(Welcome) }", "else { turn.stay(\"Well?\") }")
            .wrong("    Welcome,", "    «Welcome(u8)»,")
            .says("nothing is known when a session begins")
            .paste("$last"),
        table("a start that is an end")
            .wrong("#[state(start,", "#[state(start, «end»,")
            .says("a state cannot be start and end at once")
            .paste_over("start«, end»", ""),
        table("an end with to")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «to(Welcome)»")
            .says("`Left` is an end")
            .paste_over("«, to(Welcome)»)]\n    Left", ""),
        table("an end with after")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «after(\"1h\", Welcome)»")
            .says("`Left` is an end")
            .paste_over("«, after(\"1h\", Welcome)»", ""),
        table("an end with tries")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «tries(3, Welcome)»")
            .says("`Left` is an end")
            .paste_over("«, tries(3, Welcome)»", ""),
        table("an end that asks")
            .wrong("say = \"Another time.\"", "«ask» = \"Another time?\"")
            .says("an end takes no answer")
            .paste("$last"),
        table("an end that is handled")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «handled»")
            .says("an end takes no answer")
            .paste_over("«, handled»", ""),
        table("an end with without")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «without(\"cancel\")»")
            .says("`Left` is an end")
            .paste_over("«, without(\"cancel\")»", ""),
    ]
}

/// Ways from the start through every state to an end.
fn ways() -> Vec<Case> {
    vec![
        table("a dead end that is no end")
            .wrong("«end, »say = \"Another time.\"", "")
            .at("    «Left»,")
            .says("nothing follows `Left`")
            .paste_over("#[state(«»say = \"Another", "$last, "),
        table("a state without an attribute")
            .wrong("#[state(end, say = \"Another time.\")]\n    Left", "«Left»")
            .says("nothing follows `Left`")
            .paste_over("    «»Left,", "$last\n    "),
        table("a state that is never reached")
            .wrong("    Left,\n", "    Left,\n    #[state(end, silent)]\n    «Lonely»,\n")
            .says("`Lonely` is never reached")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        table("states that are reached from each other alone")
            .wrong("    Left,\n", "    Left,\n    #[state(say = \"1\", to(Two))]\n    «One»,\n    #[state(say = \"2\", to(One, Left))]\n    Two,\n")
            .with("impl TableHandler for Waiter {\n", ONE_AND_TWO)
            .says("`One` is never reached")
            .paste_over("to(Booked, Welcome«»)", ", $1"),
        table("a trap of one state")
            .wrong("to(Booked, Welcome)", "to(Booked, Welcome, Waiting)")
            .wrong("    Left,\n", "    Left,\n    #[state(say = \"Wait.\", without(\"cancel\"), to(Waiting))]\n    «Waiting»,\n")
            .wrong("impl TableHandler for Waiter {\n", WAITING)
            .says("no end is reached from `Waiting`")
            .paste_over("#[state(«»say = \"Wait.\"", "$last, "),
        table("a flow without an end")
            .with("anywhere(\"cancel\" => Left, back)", "anywhere(back)")
            .wrong("    #[state(end, say = \"Another time.\")]\n    Left,\n", "")
            .wrong("#[state(end, say = \"See you!", "#[state(say = \"See you!")
            .wrong("email}.\")]", "email}.\", to(Welcome))]")
            .at("enum «Table»")
            .says("no state is an end")
            .nothing_to_paste("which state is the end, its writer alone knows"),
        // What a state needs to be made.
        table("after to a state that needs more")
            .wrong("to(Contact)", "to(Contact), after(\"1h\", «Booked»)")
            .says("`Booked` cannot be made out of `Welcome`, which does not know `guests`, `email`")
            .paste("$last"),
        table("tries to a state that needs more")
            .wrong("to(Contact)", "to(Contact), tries(3, «Contact»)")
            .says("`Contact` cannot be made out of `Welcome`, which does not know `guests`")
            .paste("$last"),
        table("a word that counts anywhere to a state that needs more")
            .wrong("back))]", "back, \"done\" => «Booked»))]")
            .says("`Booked` cannot be made out of `Welcome`")
            .paste("$last"),
    ]
}

/// Words that count anywhere.
fn anywhere() -> Vec<Case> {
    vec![
        table("a word that counts anywhere, twice")
            .wrong("back))]", "back, «\"Cancel\" => Left»))]")
            .says("`Cancel` is declared already")
            .paste_over("«, \"Cancel\" => Left»", ""),
        table("back, twice")
            .wrong("back))]", "back, «\"back\" => Left»))]")
            .says("`back` is declared already")
            .paste_over("«, \"back\" => Left»", ""),
        table("a word that counts anywhere with space around it")
            .wrong("\"cancel\"", "«\" cancel\"»")
            .says("without the space around it")
            .paste("$last"),
        table("a word that counts anywhere of nothing")
            .wrong("\"cancel\"", "«\"\"»")
            .says("has letters")
            .paste("$last"),
        table("a word that counts anywhere, misspelt in without")
            .wrong("to(Contact)", "to(Contact), without(«\"cancle\"»)")
            .says("`cancle` does not count anywhere")
            .paste("$last"),
        table("a word that counts anywhere, in other letters in without")
            .wrong("to(Contact)", "to(Contact), without(«\"Cancel\"»)")
            .says("`Cancel` does not count anywhere")
            .paste("$last"),
        table("a word in without that does not count anywhere")
            .wrong("to(Contact)", "to(Contact), «without(help)»")
            .says("`help` does not count anywhere")
            .paste_over("«, without(help)»", ""),
        table("a word in without, twice")
            .wrong("to(Contact)", "to(Contact), without(back, «back»)")
            .says("`back`")
            .paste_over("back«, back»", ""),
    ]
}
