//! What a state says, and the fields in it.

use crate::{case::Case, flows::table};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        prompt("a field that is misspelt", "For {guest}, then?")
            .says("has no field `guest`")
            .paste_over("{guest}", "$last"),
        prompt("a field that the state does not have", "For {name}, then?")
            .says("has no field `name`; it has `guests`, `email`")
            .nothing_to_paste("which field was meant, nobody can know"),
        prompt("a field by its place", "For {0}, then?")
            .says("has no field `0`; it has `guests`, `email`")
            .nothing_to_paste("which field was meant, nobody can know"),
        prompt("a field without a name", "For {}, then?")
            .says("`{}` is no field")
            .nothing_to_paste("which field was meant, nobody can know"),
        prompt("a field with a format", "For {guests:>3}, then?")
            .says("`{guests:>3}` is no field")
            .paste_over("{guests:>3}", "$last"),
        prompt("a field with space around it", "For { guests }, then?")
            .says("`{ guests }` is no field")
            .paste_over("{ guests }", "$last"),
        prompt("a field with self", "For {self.guests}, then?")
            .says("`{self.guests}` is no field")
            .paste_over("{self.guests}", "$last"),
        prompt("a field with a call", "For {guests.to_string()}, then?")
            .says("is no field")
            .paste_over("{guests.to_string()}", "$last"),
        prompt("a brace that is never closed", "For {guests, then?")
            .says("never closed")
            .paste_over("For «{guests», then", "$last"),
        prompt("a brace of its own that is never closed", "For { of you, then?")
            .says("never closed")
            .paste_over("For «{» of", "$last"),
        prompt("a brace that is never opened", "For guests}, then?")
            .says("a `}` without its `{`")
            .paste_over("For guests«}», then", "$last"),
        table("a prompt with arguments")
            .wrong("ask = \"For {guests}, then?\"", "«ask(\"For {}, then?\", guests)»")
            .says("`ask = \"For {guests}, then?\"`")
            .paste("$last"),
        table("a field in the question of the start")
            .wrong("\"A table for how many?\"", "«\"A table, {name}?\"»")
            .says("`Welcome` has no field `name`; it has none")
            .nothing_to_paste("a start knows nothing, and the text is its writer's"),
        table("a field of the state before, in an end")
            .wrong("\"Another time.\"", "«\"Another time, {email}.\"»")
            .says("`Left` has no field `email`; it has none")
            .nothing_to_paste("the field must be given to the state, and carried there"),
        table("a value without a name, by a name")
            .with("    Left,\n", "    Left,\n    #[state(end, say = \"We call {0}.\")]\n    Called(String),\n")
            .with("to(Booked, Welcome)", "to(Booked, Welcome, Called)")
            .wrong("\"We call {0}.\"", "«\"We call {phone}.\"»")
            .says("`Called` has no field `phone`")
            .paste_over("{phone}", "$last"),
        // What has no words.
        table("a field that cannot be spoken")
            .with("struct Waiter;", "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats;\n\nstruct Waiter;")
            .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: «Seats» }")
            .wrong("We wrote to {email}.", "We wrote to {email}: {seats}.")
            .wrong("state.booked()", "state.booked(Seats)")
            .says("a prompt cannot say `Seats`")
            .nothing_to_paste("how it is spoken, its writer alone knows"),
        table("a list in a prompt")
            .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: «Vec<u8>» }")
            .wrong("We wrote to {email}.", "We wrote to {email}: {seats}.")
            .wrong("state.booked()", "state.booked(vec![1])")
            .says("a prompt cannot say `Vec<u8>`")
            .nothing_to_paste("how it is spoken, its writer alone knows"),
        table("a choice in a prompt, whose enum is no answer")
            .with(
                "struct Waiter;",
                "#[derive(Clone, Debug, Serialize, Deserialize)]\nenum Room {\n    Inside,\n}\n\nstruct Waiter;",
            )
            .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, room: «Room» }")
            .wrong("We wrote to {email}.", "We wrote to {email}: {room}.")
            .wrong("state.booked()", "state.booked(Room::Inside)")
            .says("a prompt cannot say `Room`")
            .says("derive `Answer` for an enum of choices")
            .nothing_to_paste("whether it is an answer, its writer alone knows"),
        // One prompt.
        table("ask and say")
            .wrong("then?\", answer", "then?\", «say = \"Gladly.\"», answer")
            .says("a state has `ask` or `say`, not both")
            .paste_over("«, say = \"Gladly.\"»", ""),
        table("ask and silent")
            .wrong("then?\", answer", "then?\", «silent», answer")
            .says("a state with a prompt is not silent")
            .paste_over("«, silent», answer", ""),
        table("say and silent")
            .wrong("say = \"Another time.\"", "say = \"Another time.\", «silent»")
            .says("a state with a prompt is not silent")
            .paste_over("«, silent»)]\n    Left", ""),
    ]
}

/// The question of `Confirm`, written in another way.
fn prompt(name: &str, text: &str) -> Case {
    table(name).wrong("\"For {guests}, then?\"", &format!("«\"{text}\"»"))
}
