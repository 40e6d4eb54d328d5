//! The derives of the framework: `#[derive(Flow)]` for a conversation, `#[derive(Answer)]` for a choice.
//!
//! Both are re-exported by `flow-core`, whose documentation shows them at work.

mod answer;
mod errors;
mod flow;
mod names;

use proc_macro::TokenStream;

/// Makes an enum a conversation: each variant a state, each declared transition checked by the compiler.
///
/// The enum stays a plain serde enum; what is generated stands beside it, in a module named after it
/// (`Booking` → `booking`): a struct for each state, and the handler trait.
///
/// Declare it in a module and not inside a function: a module inside a function does not see what stands around it.
///
/// # On the enum: `#[flow(...)]`
///
/// | word | meaning |
/// | --- | --- |
/// | `name = "booking"` | the flow's wire name; the enum's in snake case unless given |
/// | `version = 1` | the version of the flow that this code speaks; 1 unless given |
/// | `shared = Order` | a type that all states share: serde and `Default` |
/// | `module = booking` | the name of the generated module |
/// | `anywhere("cancel" => Cancelled, back, help)` | words that count in every state that is no end |
///
/// # On a variant: `#[state(...)]`
///
/// | word | meaning |
/// | --- | --- |
/// | `start` | every session begins here; a variant without fields |
/// | `end` | the conversation is over here; the next message begins a new one |
/// | `to(A, B)` | the states that a handler may go to |
/// | `ask = "… {field} …"` | the question, asked on entering and again after an answer that was not understood |
/// | `say = "… {field} …"` | what is said on entering |
/// | `silent` | nothing is said on entering |
/// | `choices("Yes", "No")` | the answers offered; `turn.choice()`, or an inferred answer, takes no other |
/// | `answer` | insists that the answer's place is inferred: the one state that follows has exactly one field more |
/// | `handled` | a handler takes the answer, although its place could be inferred |
/// | `checkpoint` | a checkpoint is kept on entering |
/// | `alias("OLD_NAME")` | a wire name under which older records may have this state |
/// | `after("24h", T)` | goes to `T` when that time has passed; all fields of `T` must be known here |
/// | `tries(3, T)` | goes to `T` when so many answers were rejected |
/// | `without("cancel", back)` | opts out of words that count anywhere |
#[proc_macro_derive(Flow, attributes(flow, state))]
pub fn derive_flow(input: TokenStream) -> TokenStream {
    flow::derive(input.into()).into()
}

/// Makes an enum of unit variants an answer: one of its variants, chosen by label, number or button.
///
/// The label is the variant's name in words (`ExtraLarge` → `Extra large`) unless `#[answer("…")]` says otherwise.
/// More strings in the attribute are further words that are understood: `#[answer("Yes", "yep", "sure")]`.
#[proc_macro_derive(Answer, attributes(answer))]
pub fn derive_answer(input: TokenStream) -> TokenStream {
    answer::derive(input.into()).into()
}
