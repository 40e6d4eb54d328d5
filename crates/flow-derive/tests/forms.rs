//! Flows of unusual forms: visible from near only, in a module of another name, with keywords for names.

use chat::{SessionId, Step, Turn};
use flow_memory::MemoryStore;

mod near {
    use chat::Flow;
    use serde::{Deserialize, Serialize};

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(crate = chat, module = talking)]
    pub(super) enum Talk {
        #[state(start, ask = "Tea or milk?", choices(Tea, Milk), to(Match))]
        Begin,
        #[state(ask = "{type}, then?", answer = bool, to(Done, Begin))]
        Match { r#type: BeginChoice },
        #[state(end, say = "{0} it is.")]
        Done(BeginChoice),
    }

    pub(super) use talking::*;

    pub(super) mod further {
        use super::{Deserialize, Flow, Serialize};

        /// Its module cannot be called `super`.
        #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
        #[flow(crate = chat)]
        pub(in super::super) enum Super {
            #[state(start, silent, to(Done))]
            Begin,
            #[state(end, silent)]
            Done,
        }
    }

    pub(super) mod hidden {
        use super::{Deserialize, Flow, Serialize};
        use chat::{Step, Turn};

        #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
        #[flow(crate = chat, name = "hidden_talk")]
        enum Talk {
            #[state(start, silent, to(Done))]
            Begin,
            #[state(end, silent)]
            Done,
        }

        use talk::*;

        pub(crate) struct Host;

        impl TalkHandler for Host {
            async fn begin(&self, state: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
                turn.to(state.done())
            }
        }

        pub(crate) fn states() -> usize {
            let _ = Talk::engine(Host);
            <Talk as Flow>::GRAPH.states.len()
        }
    }
}

/// Told and wanted from wherever the flow is seen, though what its state holds is seen here alone.
#[allow(private_interfaces)]
mod till {
    use chat::{Flow, Key, Result, Step, Turn};
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Drawer(u8);

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(crate = chat, effects(Ring(u8)))]
    pub enum Till {
        #[state(start, ask = "Pay, please.", handled, signals(Paid(u8)), to(Open))]
        Shut,
        #[state(end, say = "Thanks.")]
        Open(Drawer),
    }

    pub use till::*;

    pub struct Clerk;

    impl TillHandler for Clerk {
        async fn shut(&self, _: Shut, turn: Turn<'_, Shut>) -> Step<Shut> {
            turn.stay("Pay, please.")
        }

        async fn shut_on_paid(&self, _: Shut, paid: u8, turn: Turn<'_, Shut>) -> Step<Shut> {
            turn.to(Open(Drawer(paid))).effect(crate::bank::receipt(paid))
        }

        async fn deliver_ring(&self, _: u8, _: Key) -> Result<()> {
            Ok(())
        }
    }
}

/// Beside the flow, and not around it.
mod bank {
    use super::till::{TillEffect, TillSignal};

    pub fn transferred(sum: u8) -> TillSignal {
        TillSignal::Paid(sum)
    }

    pub fn receipt(sum: u8) -> TillEffect {
        TillEffect::Ring(sum)
    }
}

#[tokio::test]
async fn what_a_flow_is_told_and_wants_is_built_in_another_module() {
    let engine = till::Till::engine(till::Clerk).store(MemoryStore::new());
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    let outcome = engine.signal(id, bank::transferred(7)).await.expect("a turn");
    assert_eq!(outcome.texts(), ["Thanks."]);
    let signals: Vec<_> = [7, 8].map(till::TillSignal::Paid).into();
    assert_eq!(signals.len(), 2);
}

/// States are called as what the generated module needs for itself.
mod busy {
    use chat::Flow;
    use serde::{Deserialize, Serialize};

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(crate = chat)]
    pub(crate) enum Farm {
        #[state(start, ask = "Which field?", to(Field))]
        Types,
        #[state(ask = "{name}: how large?", to(Sized))]
        Field { name: String },
        #[state(end, say = "{name}: {acres}")]
        Sized { name: String, acres: u8 },
    }
}

struct Host;

impl busy::FarmHandler for Host {}

impl near::TalkHandler for Host {
    async fn r#match(&self, state: near::Match, is_right: bool, turn: Turn<'_, near::Match>) -> Step<near::Match> {
        let drink = state.r#type;
        if is_right { turn.to(state.done(drink)) } else { turn.to(near::Begin) }
    }
}

impl near::further::SuperHandler for Host {
    async fn begin(
        &self,
        state: near::further::super_::Begin,
        turn: Turn<'_, near::further::super_::Begin>,
    ) -> Step<near::further::super_::Begin> {
        turn.to(state.done())
    }
}

#[tokio::test]
async fn a_flow_that_is_visible_from_near_is_driven_from_there() {
    let engine = near::Talk::engine(Host).store(MemoryStore::new());
    let id = SessionId::random();
    for (said, answered) in [
        ("hello", "Tea or milk?"),
        ("milk", "Milk, then?"),
        ("no", "Tea or milk?"),
        ("1", "Tea, then?"),
        ("yes", "Tea it is."),
    ] {
        assert_eq!(engine.handle(id, said).await.expect("a turn").texts(), [answered], "{said}");
    }
}

#[tokio::test]
async fn a_flow_and_all_that_it_names_may_stand_inside_a_function() {
    use chat::{Ask, Flow, Key, Offer, Result};
    use serde::{Deserialize, Serialize};

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(crate = chat, effects(Ring(Bell)))]
    enum Door {
        #[state(start, offers = Bell, signals(Opened(Bell)), to(Rung))]
        Closed,
        #[state(ask = "Again?", choices(Yes, No), remind("1m", Waiting), to(Left))]
        Rung { bell: Bell },
        #[state(end, say = "{again}, then.")]
        Left { bell: Bell, again: RungChoice },
    }

    use door::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Bell(String);

    impl chat::Speak for Bell {
        fn speak(&self) -> String {
            format!("The {} one", self.0)
        }
    }

    struct Porter;

    impl DoorHandler for Porter {
        async fn ask_closed(&self, _: &Closed, _: Ask<'_, Closed>) -> Result<Offer<Bell>> {
            Ok(Offer::new("Which bell?").items(["upper", "lower"].map(|bell| Bell(bell.into()))))
        }

        async fn closed_on_opened(&self, state: Closed, bell: Bell, turn: Turn<'_, Closed>) -> Step<Closed> {
            turn.to(state.rung(bell.clone())).effect(DoorEffect::Ring(bell))
        }

        async fn rung_on_waiting(&self, _: Rung, turn: Turn<'_, Rung>) -> Step<Rung> {
            turn.stay("Well?")
        }

        async fn deliver_ring(&self, _: Bell, _: Key) -> Result<()> {
            Ok(())
        }
    }

    let engine = Door::engine(Porter).store(MemoryStore::new());
    let (visitor, other) = (SessionId::random(), SessionId::random());
    for (said, answered) in [("hi", "Which bell?"), ("the LOWER one", "Again?"), ("1", "Yes, then.")] {
        assert_eq!(engine.handle(visitor, said).await.expect("a turn").texts(), [answered], "{said}");
    }
    engine.handle(other, "hi").await.expect("a turn");
    let outcome = engine.signal(other, DoorSignal::Opened(Bell("upper".into()))).await.expect("a turn");
    assert!(matches!(outcome.state, Some(Door::Rung { bell }) if bell == Bell("upper".into())));
}

#[test]
fn a_flow_is_visible_as_far_as_it_says() {
    let _ = near::further::Super::engine(Host);
    assert_eq!(near::hidden::states(), 2);
}

#[tokio::test]
async fn a_state_may_be_called_as_what_the_module_needs() {
    let engine = busy::Farm::engine(Host).store(MemoryStore::new());
    let id = SessionId::random();
    for (said, answered) in [("hello", "Which field?"), ("North", "North: how large?"), ("7", "North: 7")] {
        assert_eq!(engine.handle(id, said).await.expect("a turn").texts(), [answered], "{said}");
    }
}
