//! The generated code finds the framework under any name. It is the dependency `chat` here, and nothing is called
//! `flow_core`, so that code which goes past the path it is given does not compile.

// What a user of the facade has among the dependencies.
extern crate chat as flow_chat;

mod elsewhere {
    pub use chat::*;
}

/// A conversation in a module of its own, declared with these derives and these attributes, and the test that it runs.
macro_rules! conversations {
    ($($name:ident: $flow:path, $answer:path $(, ($($root:tt)+))?;)*) => {$(
        mod $name {
            use chat::{Reply, Result, SessionId, Step, Turn};
            use flow_memory::MemoryStore;
            use serde::{Deserialize, Serialize};

            #[allow(unused_imports, reason = "one of them is written as a path from here")]
            use super::elsewhere;

            #[derive($answer, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
            $(#[answer(crate = $($root)+)])?
            enum Size {
                Small,
                #[answer("Extra large", "xl")]
                Large,
            }

            #[derive($flow, Clone, Debug, Serialize, Deserialize)]
            $(#[flow(crate = $($root)+)])?
            #[flow(anywhere("forget it" => Left, back, help))]
            enum Pizza {
                #[state(start, ask = "Which size?", to(Confirm))]
                Welcome,
                #[state(ask = "{size}, then?", handled, tries(3, Left), to(Ordered, Welcome), after("1h", Left))]
                Confirm { size: Size },
                #[state(end, checkpoint, say = "{0} it is.")]
                Ordered(Size),
                #[state(end)]
                Left,
            }

            use pizza::*;

            struct Pizzeria;

            impl PizzaHandler for Pizzeria {
                async fn confirm(&self, state: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
                    if !turn.answer()? {
                        return turn.to(Welcome).say("Let us see.");
                    }
                    let size = state.size;
                    turn.to(state.ordered(size))
                }

                async fn ask_left(&self, _: &Left) -> Result<Reply> {
                    Ok(Reply::new("Arrivederci!"))
                }
            }

            #[tokio::test]
            async fn runs() {
                let engine = Pizza::engine(Pizzeria).store(MemoryStore::new());
                let id = SessionId::random();
                for (said, answered) in [
                    ("hello", &["Which size?"][..]),
                    ("xl", &["Extra large, then?"]),
                    ("no", &["Let us see.", "Which size?"]),
                    ("1", &["Small, then?"]),
                    ("yes", &["Small it is."]),
                ] {
                    let outcome = engine.handle(id, said).await.expect("a turn");
                    assert_eq!(outcome.texts(), answered, "{said}");
                }
            }
        }
    )*};
}

conversations! {
    the_facade: flow_derive::ChatFlow, flow_derive::ChatAnswer;
    a_renamed_dependency: chat::Flow, chat::Answer, (chat);
    a_renamed_dependency_from_the_outside: chat::Flow, chat::Answer, (::chat);
    a_module_of_this_crate: chat::Flow, chat::Answer, (crate::elsewhere);
    a_module_beside: chat::Flow, chat::Answer, (elsewhere);
    a_module_from_here: chat::Flow, chat::Answer, (self::elsewhere);
    a_module_above: chat::Flow, chat::Answer, (super::elsewhere);
    the_facade_s_derives_elsewhere: flow_derive::ChatFlow, flow_derive::ChatAnswer, (crate::elsewhere);
}

/// A macro of a crate declares a flow for its user, and names its own crate.
macro_rules! declared_by_a_macro {
    () => {
        conversations! { a_macro_s_own_crate: chat::Flow, chat::Answer, ($crate::elsewhere); }
    };
}

declared_by_a_macro!();
