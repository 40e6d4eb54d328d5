//! The derives of the framework: [`Flow`] for a conversation, [`Answer`] for a choice.
//!
//! `flow-chat` re-exports both, and its users need not name this crate.

mod answer;
mod errors;
mod flow;
mod items;
mod names;
mod nothing;
mod parameters;
mod root;

use proc_macro::TokenStream;
use syn::parse_macro_input;

use self::root::Root;

#[doc = include_str!("../docs/flow.md")]
#[proc_macro_derive(Flow, attributes(flow, state))]
pub fn derive_flow(input: TokenStream) -> TokenStream {
    flow::derive(&parse_macro_input!(input), Root::core()).into()
}

#[doc = include_str!("../docs/answer.md")]
#[proc_macro_derive(Answer, attributes(answer))]
pub fn derive_answer(input: TokenStream) -> TokenStream {
    answer::derive(&parse_macro_input!(input), Root::core()).into()
}

// A derive cannot know through which crate the user came to it. `flow-chat` therefore re-exports these two, under the
// names of the two above, and their code finds the framework in `flow-chat`.

#[doc(hidden)]
#[doc = include_str!("../docs/flow.md")]
#[proc_macro_derive(ChatFlow, attributes(flow, state))]
pub fn derive_chat_flow(input: TokenStream) -> TokenStream {
    flow::derive(&parse_macro_input!(input), Root::chat()).into()
}

#[doc(hidden)]
#[doc = include_str!("../docs/answer.md")]
#[proc_macro_derive(ChatAnswer, attributes(answer))]
pub fn derive_chat_answer(input: TokenStream) -> TokenStream {
    answer::derive(&parse_macro_input!(input), Root::chat()).into()
}
