//! The generated code finds the framework under any name. It is the dependency `chat` here, and nothing is called
//! `flow_core`, so that code which goes past the path it is given does not compile.

// What a user of the facade has among the dependencies.
extern crate chat as flow_chat;

mod elsewhere {
    pub use chat::*;
}

/// A conversation in a module of its own, declared with these derives and these attributes, and the test that it runs.
macro_rules! conversations {
    ($($name:ident, $called:literal: $flow:path, $answer:path $(, ($($root:tt)+))?;)*) => {$(
        mod $name {
            use std::time::Duration;

            use chat::{Ask, Key, Offer, Reply, Result, SessionId, Step, Turn};
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
            #[flow(name = $called, anywhere("forget it" => Left, back, help), effects(Bake(Size), Ring))]
            enum Pizza {
                #[state(start, answer = Size, to(Confirm))]
                Welcome,
                #[state(
                    ask = "{size}, then?",
                    choices(Yes, No),
                    signals(SoldOut(Size), Closed),
                    remind(Hungry),
                    tries(3, Left),
                    after("1h", Left),
                    to(Table, Welcome)
                )]
                Confirm { size: Size },
                #[state(offers = u8, remind("1m", Waiting), to(Baking))]
                Table { size: Size },
                #[state(say = "{size} it is, at table {table}.", handled, to(Ready))]
                Baking { size: Size, table: u8 },
                #[state(end, checkpoint, say = "{0}, and hot.")]
                Ready(Size),
                #[state(end, say = "Arrivederci!")]
                Left,
            }

            use pizza::*;

            struct Pizzeria;

            impl PizzaHandler for Pizzeria {
                async fn ask_welcome(&self, _: &Welcome, _: Ask<'_, Welcome>) -> Result<Reply> {
                    Ok(Reply::new("Which size?"))
                }

                async fn welcome(&self, state: Welcome, size: Size, turn: Turn<'_, Welcome>) -> Step<Welcome> {
                    turn.to(state.confirm(size).remind_in(Duration::from_secs(60), ConfirmReminder::Hungry))
                }

                async fn confirm(&self, state: Confirm, choice: ConfirmChoice, turn: Turn<'_, Confirm>) -> Step<Confirm> {
                    match choice {
                        ConfirmChoice::Yes => {
                            let bake = PizzaEffect::Bake(state.size);
                            turn.to(state.table()).effect(bake).effect(PizzaEffect::Ring)
                        }
                        ConfirmChoice::No => turn.to(Welcome).say("Let us see."),
                    }
                }

                async fn confirm_on_sold_out(&self, _: Confirm, size: Size, turn: Turn<'_, Confirm>) -> Step<Confirm> {
                    turn.to(Welcome).say(format!("No {size:?} any more."))
                }

                async fn confirm_on_closed(&self, _: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
                    turn.to(Welcome).say("Tomorrow!")
                }

                async fn confirm_on_hungry(&self, _: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
                    turn.stay("Well?")
                }

                async fn ask_table(&self, _: &Table, _: Ask<'_, Table>) -> Result<Offer<u8>> {
                    Ok(Offer::new("Which table?").items([7, 9]))
                }

                async fn table_on_waiting(&self, _: Table, turn: Turn<'_, Table>) -> Step<Table> {
                    turn.stay("Any table will do.")
                }

                async fn baking(&self, state: Baking, turn: Turn<'_, Baking>) -> Step<Baking> {
                    turn.to(Ready(state.size))
                }

                async fn deliver_bake(&self, _: Size, _: Key) -> Result<()> {
                    Ok(())
                }

                async fn deliver_ring(&self, _: Key) -> Result<()> {
                    Ok(())
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
                    ("yes", &["Which table?"]),
                    ("9", &["Small it is, at table 9."]),
                    ("where is it?", &["Small, and hot."]),
                    ("again", &["Which size?"]),
                    ("small", &["Small, then?"]),
                ] {
                    let outcome = engine.handle(id, said).await.expect("a turn");
                    assert_eq!(outcome.texts(), answered, "{said}");
                }
                let told = engine.signal(id, PizzaSignal::SoldOut(Size::Small)).await.expect("a turn");
                assert_eq!(told.texts(), ["No Small any more.", "Which size?"]);
            }
        }
    )*};
}

conversations! {
    the_facade, "pizza the facade": flow_derive::ChatFlow, flow_derive::ChatAnswer;
    a_renamed_dependency, "pizza a renamed dependency": chat::Flow, chat::Answer, (chat);
    a_renamed_dependency_from_the_outside, "pizza a renamed dependency from the outside": chat::Flow, chat::Answer, (::chat);
    a_module_of_this_crate, "pizza a module of this crate": chat::Flow, chat::Answer, (crate::elsewhere);
    a_module_beside, "pizza a module beside": chat::Flow, chat::Answer, (elsewhere);
    a_module_from_here, "pizza a module from here": chat::Flow, chat::Answer, (self::elsewhere);
    a_module_above, "pizza a module above": chat::Flow, chat::Answer, (super::elsewhere);
    the_facade_s_derives_elsewhere, "pizza the facade s derives elsewhere": flow_derive::ChatFlow, flow_derive::ChatAnswer, (crate::elsewhere);
}

/// A macro of a crate declares a flow for its user, and names its own crate.
macro_rules! declared_by_a_macro {
    () => {
        conversations! { a_macro_s_own_crate, "pizza of a macro": chat::Flow, chat::Answer, ($crate::elsewhere); }
    };
}

declared_by_a_macro!();
