//! A flow inside another changes between two releases, whose processes stand beside each other: what a process cannot read it leaves
//! alone, whatever is asked of it, and what was renamed is found by its old name.

use flow_core::{Cause, EngineError, Flow, Session, Store as _, Unreadable};

use first_release::home as first;

use crate::stage::{Stage, by};

macro_rules! release {
    ($module:ident, salon = $salon:literal, home = $home:literal, $(#[$asked:meta])* $place:ident, $method:ident) => {
        #[allow(private_interfaces, reason = "what a derive writes in a macro is taken for what the macro writes")]
        pub(crate) mod $module {
            use flow_core::{Flow, Reask, Step, Turn};
            use serde::{Deserialize, Serialize};

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = "released_salon", version = $salon, anywhere(back))]
            pub(crate) enum Salon {
                #[state(start, ask = "Shall we?", handled, to(Visit))]
                Menu,
                #[state(run = Home, after("3h", Bye), to(Bye))]
                Visit,
                #[state(end, say = "See you!")]
                Bye,
            }

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = "released_home", version = $home, anywhere("later" => Who, back))]
            pub(crate) enum Home {
                #[state(start, ask = "Who?", answer = String, to($place))]
                Who,
                #[state(ask = "Where, {name}?", handled, signals(Moved), tries(3, Given), corrects(name = Who), to(Given, $place), after("1h", Given))]
                $(#[$asked])*
                $place {
                    name: String,
                    #[serde(default)]
                    heard: Vec<String>,
                },
                #[state(end)]
                Given,
            }

            use {home::*, salon::*};

            pub(crate) struct Host;

            impl SalonHandler for Host {
                async fn menu(&self, _: Menu, turn: Turn<'_, Menu>) -> Step<Menu> {
                    turn.to(Visit)
                }

                async fn visit_done(&self, _: Visit, _: HomeEnd, turn: Turn<'_, Visit>) -> Step<Visit> {
                    turn.to(Bye)
                }
            }

            impl HomeHandler for Host {
                async fn who(&self, _: Who, name: String, turn: Turn<'_, Who>) -> Step<Who> {
                    turn.to($place { name, heard: Vec::new() })
                }

                async fn $method(&self, state: $place, turn: Turn<'_, $place>) -> Step<$place> {
                    match turn.text() {
                        "there" => turn.to(Given),
                        "no" => Err(Reask::because("No.").into()),
                        said => {
                            let mut heard = state.heard;
                            heard.push(said.to_owned());
                            turn.to($place { name: state.name, heard })
                        }
                    }
                }

                release!(@moved $method, $place);
            }

            pub(crate) fn salon() -> flow_core::EngineBuilder<Salon> {
                Salon::engine(Host)
            }
        }
    };
    (@moved place, $place:ident) => {
        async fn place_on_moved(&self, _: $place, turn: Turn<'_, $place>) -> Step<$place> {
            turn.stay("Moved.")
        }
    };
    (@moved street, $place:ident) => {
        async fn street_on_moved(&self, _: $place, turn: Turn<'_, $place>) -> Step<$place> {
            turn.stay("Moved.")
        }
    };
}

release!(raised, salon = 1, home = 3, Place, place);
release!(
    renamed,
    salon = 2,
    home = 2,
    #[state(alias("PLACE"))]
    Street,
    street
);
release!(another, salon = 3, home = 4, Street, street);

/// The salon without a flow in it.
mod without {
    use flow_core::{Flow, Step, Turn};
    use serde::{Deserialize, Serialize};

    #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[flow(name = "released_salon", version = 4, anywhere(back))]
    pub(crate) enum Salon {
        #[state(start, ask = "Shall we?", handled, to(Visit))]
        Menu,
        #[state(ask = "When?", handled, after("3h", Bye), to(Bye))]
        Visit,
        #[state(end, say = "See you!")]
        Bye,
    }

    use salon::*;

    pub(crate) struct Host;

    impl SalonHandler for Host {
        async fn menu(&self, _: Menu, turn: Turn<'_, Menu>) -> Step<Menu> {
            turn.to(Visit)
        }

        async fn visit(&self, _: Visit, turn: Turn<'_, Visit>) -> Step<Visit> {
            turn.to(Bye)
        }
    }

    pub(crate) fn salon() -> flow_core::EngineBuilder<Salon> {
        Salon::engine(Host)
    }
}

const INSIDE: [&str; 5] = ["hi", "yes", "Ana", "one", "two"];

/// Asks everything of a process that cannot read the record, which stays as it is.
async fn leaves_alone<F: Flow>(stage: &Stage<F>, is_reason: impl Fn(&Unreadable) -> bool) {
    let before = stage.store.last_written().record.bytes().clone();
    let count = stage.store.written.lock().expect("a lock").len();
    let why = |error: EngineError| match error {
        EngineError::Unreadable(unreadable) => assert!(is_reason(&unreadable), "{unreadable:?}"),
        other => panic!("{other:?}"),
    };
    why(stage.engine.handle(stage.id, "there").await.expect_err("it cannot be read"));
    why(stage.engine.peek(stage.id).await.expect_err("it cannot be read"));
    why(stage.engine.prompt(stage.id).await.expect_err("it cannot be read"));
    why(stage.engine.extend(stage.id).await.expect_err("it cannot be read"));
    let operator = stage.engine.operator(by());
    why(operator.pause(stage.id).await.expect_err("it cannot be read"));
    why(operator.force_to(stage.id, "BYE", &serde_json::json!({})).await.expect_err("it cannot be read"));
    why(operator.say(stage.id, "hello").await.expect_err("it cannot be read"));
    stage.passes(2);
    stage.works().await;
    let record = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    assert_eq!((record.bytes(), stage.store.written.lock().expect("a lock").len()), (&before, count));
}

async fn standing<F: Flow>(stage: &Stage<F>) -> String {
    session(stage).await.standing()
}

async fn session<F: Flow>(stage: &Stage<F>) -> Session<F> {
    stage.engine.peek(stage.id).await.expect("it is read").expect("a session")
}

#[tokio::test]
async fn a_later_version_of_the_flow_inside_is_left_alone_and_an_earlier_one_goes_on() {
    let first = Stage::with(first::salon());
    first.says_all(&INSIDE).await;
    let raised = first.released(raised::salon());
    assert_eq!(raised.says("three").await.texts(), ["Where, Ana?"]);
    leaves_alone(&first, |why| matches!(why, Unreadable::UnsupportedVersion { found: 3, spoken: 1 })).await;
    // The time of its place is over by now.
    // A worker of the other release had it.
    raised.passes(1);
    raised.works().await;
    assert_eq!(standing(&raised).await, "BYE");
    assert_eq!(first.says("hi").await.texts(), ["Shall we?"]);
}

#[tokio::test]
async fn without_the_flow_inside_it_is_left_alone_and_the_other_process_goes_on() {
    let first = Stage::with(first::salon());
    first.says_all(&INSIDE).await;
    leaves_alone(&first.released(without::salon()), |why| matches!(why, Unreadable::NoInnerFlow)).await;
    assert_eq!(standing(&first).await, "VISIT/PLACE");
    let first = Stage::with(first::salon());
    first.says_all(&INSIDE).await;
    leaves_alone(&first.released(another::salon()), |why| matches!(why, Unreadable::UnknownState)).await;
    assert_eq!(standing(&first).await, "VISIT/PLACE");
}

#[tokio::test]
async fn a_state_inside_that_was_renamed_is_found_by_its_old_name_with_its_way_back_its_tries_and_its_timers() {
    let first = Stage::with(first::salon());
    first.says_all(&INSIDE).await;
    first.says_all(&["no", "no"]).await;
    let renamed = first.released(renamed::salon());
    assert_eq!(standing(&renamed).await, "VISIT/STREET");
    // Its tries go on, also when it was left.
    assert_eq!(renamed.says("no").await.texts(), ["See you!"]);
    let first = Stage::with(first::salon());
    first.says_all(&INSIDE).await;
    let renamed = first.released(renamed::salon());
    let heard = |state: Option<&renamed::Home>| match state {
        Some(renamed::Home::Street { heard, .. }) => heard.clone(),
        other => panic!("{other:?}"),
    };
    renamed.says("three").await;
    renamed.says_all(&["back", "back"]).await;
    assert_eq!(heard(session(&renamed).await.state_in()), ["one"]);
    renamed.passes(2);
    let outcome = renamed.says("hi").await;
    assert_eq!(outcome.transitions[0].by, Cause::After);
}

#[tokio::test]
async fn two_releases_by_turns_keep_what_stands_inside_its_way_back_and_what_is_corrected() {
    let (mut first, mut other) = (Stage::with(first::salon()), None);
    first.says_all(&INSIDE).await;
    first.says("change name").await;
    assert_eq!(standing(&first).await, "VISIT/PLACE/WHO");
    for _ in 0..3 {
        // A release that is the same, in another process.
        let turn = other.take().unwrap_or_else(|| first.released(first::salon()));
        turn.says_all(&["back", "change name"]).await;
        assert_eq!(standing(&turn).await, "VISIT/PLACE/WHO");
        other = Some(first.released(first::salon()));
        first = turn;
    }
    let record = first.store.last_written().record.readable();
    assert_eq!(record["stack"][0]["trail"].as_array().map(Vec::len), Some(3), "{record:#}");
}
