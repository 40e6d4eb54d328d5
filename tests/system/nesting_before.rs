//! The salon of `nesting` as the releases before and after it have it: a visit is a question of its own.

macro_rules! release {
    ($module:ident, $version:literal) => {
        pub(crate) mod $module {
            use flow_core::{Flow, Step, Turn};
            use serde::{Deserialize, Serialize};

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = "nested_salon", version = $version)]
            pub(crate) enum Parlour {
                #[state(start, ask = "A visit, or a job?", choices(Book, Job), to(Visit))]
                Menu,
                #[state(ask = "When?", handled, to(Bye))]
                Visit,
                #[state(end, say = "See you!")]
                Bye,
            }

            use parlour::*;

            pub(crate) struct Clerk;

            impl ParlourHandler for Clerk {
                async fn menu(&self, _: Menu, _: MenuChoice, turn: Turn<'_, Menu>) -> Step<Menu> {
                    turn.to(Visit)
                }

                async fn visit(&self, _: Visit, turn: Turn<'_, Visit>) -> Step<Visit> {
                    turn.to(Bye)
                }
            }
        }
    };
}

release!(first, 1);
release!(third, 3);
