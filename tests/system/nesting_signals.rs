//! Two flows inside one that call everything the same: signals, effects, reminders, states and fields. And what comes in from outside
//! while something stands on top: signals, timers of the flows below, an expiry, a person, the end.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{EngineError, Expiry, Flow, Key, Outcome, Result, Session, Step, StepExt, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, by};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "signalled_hall", anywhere("/one" => One, "/two" => Two, aside("/why" => Why)), effects(Ring(String)))]
enum Hall {
    #[state(start, ask = "One or two?", choices(First, Second), signals(Called(String)), to(One, Two))]
    Menu,
    #[state(run = Left, signals(Called(String)), remind("2h", Nudge), after("5h", Over), to(Menu, Over))]
    One,
    #[state(run = Right, signals(Called(String)), remind("2h", Nudge), to(Menu, Over))]
    Two,
    #[state(ask = "Why?", answer = String, after("30m", Heard), to(Heard))]
    Why,
    #[state(end, say = "Heard.")]
    Heard,
    #[state(end, say = "Over.")]
    Over,
}

macro_rules! wing {
    ($module:ident, $flow:ident, $name:literal) => {
        #[allow(private_interfaces, reason = "what a derive writes in a macro is taken for what the macro writes")]
        mod $module {
            use flow_core::Flow;
            use serde::{Deserialize, Serialize};

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = $name, anywhere("stop" => Done, back), effects(Ring(String)))]
            pub(crate) enum $flow {
                #[state(start, ask = "Name?", answer = String, to(Wait))]
                Name,
                #[state(
                    ask = "Wait, {name}.",
                    handled,
                    signals(Called(u64), Called2),
                    remind("1h", Nudge),
                    corrects(name),
                    to(Done)
                )]
                Wait { name: String },
                #[state(end)]
                Done,
            }
        }
    };
}

wing!(left_wing, Left, "signalled_left");
wing!(right_wing, Right, "signalled_right");

use {
    hall::*,
    left_wing::{Left, left},
    right_wing::{Right, right},
};

#[derive(Clone, Default)]
struct Porter(Arc<Mutex<Vec<String>>>);

impl Porter {
    fn note(&self, what: &str, said: &str, key: &Key) {
        self.0.lock().expect("a lock").push(format!("{what} {said} {key}"));
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.0.lock().expect("a lock");
        notes.iter().map(|note| note.rsplit_once(' ').expect("a key").0.to_owned()).collect()
    }
}

impl HallHandler for Porter {
    async fn menu(&self, _: Menu, choice: MenuChoice, turn: Turn<'_, Menu>) -> Step<Menu> {
        match choice {
            MenuChoice::First => turn.to(One),
            MenuChoice::Second => turn.to(Two),
        }
    }

    async fn menu_on_called(&self, _: Menu, called: String, turn: Turn<'_, Menu>) -> Step<Menu> {
        turn.stay(format!("The menu hears {called}."))
    }

    async fn one_done(&self, _: One, _: left::LeftEnd, turn: Turn<'_, One>) -> Step<One> {
        turn.to(Menu).effect(HallEffect::Ring("one is done".into()))
    }

    async fn one_on_called(&self, _: One, called: String, turn: Turn<'_, One>) -> Step<One> {
        turn.stay(format!("One hears {called}.")).effect(HallEffect::Ring(called))
    }

    async fn one_on_nudge(&self, _: One, turn: Turn<'_, One>) -> Step<One> {
        turn.stay("One nudges.")
    }

    async fn two_done(&self, _: Two, _: right::RightEnd, turn: Turn<'_, Two>) -> Step<Two> {
        turn.to(Menu)
    }

    async fn two_on_called(&self, _: Two, _: String, turn: Turn<'_, Two>) -> Step<Two> {
        turn.to(Menu)
    }

    async fn two_on_nudge(&self, _: Two, turn: Turn<'_, Two>) -> Step<Two> {
        turn.to(Over)
    }

    async fn why(&self, _: Why, _: String, turn: Turn<'_, Why>) -> Step<Why> {
        turn.to(Heard)
    }

    async fn deliver_ring(&self, said: String, key: Key) -> Result<()> {
        self.note("hall", &said, &key);
        Ok(())
    }
}

macro_rules! serves {
    ($module:ident, $inner:ident, $flow:ident, $handler:ident, $effect:ident) => {
        impl $module::$handler for Porter {
            async fn name(&self, _: $inner::Name, name: String, turn: Turn<'_, $inner::Name>) -> Step<$inner::Name> {
                turn.to($inner::Wait { name: name.clone() }).effect($inner::$effect::Ring(name))
            }

            async fn wait(&self, _: $inner::Wait, turn: Turn<'_, $inner::Wait>) -> Step<$inner::Wait> {
                turn.stay("Patience.")
            }

            async fn wait_on_called(
                &self,
                state: $inner::Wait,
                called: u64,
                turn: Turn<'_, $inner::Wait>,
            ) -> Step<$inner::Wait> {
                turn.stay(format!("{} of {} hears {called}.", state.name, stringify!($module)))
            }

            async fn wait_on_called2(&self, _: $inner::Wait, turn: Turn<'_, $inner::Wait>) -> Step<$inner::Wait> {
                turn.to($inner::Done)
            }

            async fn wait_on_nudge(&self, state: $inner::Wait, turn: Turn<'_, $inner::Wait>) -> Step<$inner::Wait> {
                turn.stay(format!("{} nudges {}.", stringify!($module), state.name))
            }

            async fn deliver_ring(&self, said: String, key: Key) -> Result<()> {
                self.note(stringify!($module), &said, &key);
                Ok(())
            }
        }
    };
}

serves!(left_wing, left, Left, LeftHandler, LeftEffect);
serves!(right_wing, right, Right, RightHandler, RightEffect);

struct Told {
    porter: Porter,
    stage: Stage<Hall>,
    announced: Arc<Mutex<Vec<String>>>,
}

fn hall(expiry: Expiry) -> Told {
    let (porter, announced) = (Porter::default(), Arc::new(Mutex::new(Vec::new())));
    let heard = Arc::clone(&announced);
    let builder = Hall::engine(porter.clone()).expiry(expiry).on_announcement(move |announcement| {
        let texts = announcement.replies.iter().map(|reply| reply.text().to_owned());
        heard.lock().expect("a lock").extend(texts);
        async { Ok::<_, String>(()) }
    });
    Told { stage: Stage::with(builder), porter, announced }
}

impl Told {
    async fn session(&self) -> Session<Hall> {
        self.stage.engine.peek(self.stage.id).await.expect("it is read").expect("a session")
    }

    async fn standing(&self) -> String {
        self.session().await.standing()
    }

    async fn prompt(&self) -> Option<String> {
        let prompt = self.stage.engine.prompt(self.stage.id).await.expect("it is asked");
        prompt.map(|reply| reply.text().to_owned())
    }

    async fn signal(&self, called: &str) -> std::result::Result<Outcome<Hall>, EngineError> {
        self.stage.engine.signal(self.stage.id, HallSignal::Called(called.into())).await
    }

    async fn passes(&self, minutes: u64) {
        self.stage.clock.advance(Duration::from_secs(60 * minutes));
        self.stage.works().await;
    }

    fn announced(&self) -> Vec<String> {
        std::mem::take(&mut *self.announced.lock().expect("a lock"))
    }
}

#[tokio::test]
async fn a_signal_is_heard_by_the_flow_that_it_is_for_and_not_by_one_that_calls_its_own_the_same() {
    let told = hall(Expiry::default());
    let (engine, id) = (&told.stage.engine, told.stage.id);
    told.stage.says_all(&["hi", "Second", "Ana"]).await;
    let right = || engine.signal_in::<Right>(id, right::RightSignal::Called(7));
    assert_eq!(right().await.expect("it is heard").texts(), ["Ana of right_wing hears 7."]);
    // What is for the other flow, which is not under way, no state takes: and least of all the one that calls its own the same.
    let before = told.standing().await;
    let wrong = engine.signal_in::<Left>(id, left::LeftSignal::Called(7)).await;
    assert!(
        !matches!(&wrong, Ok(outcome) if !outcome.texts().is_empty()),
        "{:?}",
        wrong.map(|outcome| outcome.transitions)
    );
    assert_eq!(told.standing().await, before);
    // What the flow around it declares carries words, and is no number for the one inside.
    told.stage.says("/one").await;
    told.stage.says("Ben").await;
    for words in ["words", "12"] {
        assert_eq!(told.signal(words).await.expect("it is heard").texts(), [format!("One hears {words}.")]);
    }
}

#[tokio::test]
async fn effects_of_one_name_go_to_the_flow_that_wants_them() {
    let told = hall(Expiry::default());
    told.stage.says_all(&["hi", "First", "Ana", "stop", "Second", "Ben"]).await;
    told.stage.works().await;
    let mut notes = told.porter.notes();
    notes.sort();
    assert_eq!(notes, ["hall one is done", "left_wing Ana", "right_wing Ben"]);
    let with_keys = told.porter.0.lock().expect("a lock").clone();
    let keys: BTreeSet<_> = with_keys.iter().map(|note| note.rsplit(' ').next()).collect();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn timers_of_one_name_ring_each_in_its_own_flow_whatever_stands_on_top() {
    let told = hall(Expiry::default());
    told.stage.says_all(&["hi", "First", "Ana"]).await;
    for (said, place) in [("change name", "ONE/WAIT/NAME"), ("/why", "ONE/WAIT/NAME/WHY")] {
        told.stage.says(said).await;
        assert_eq!(told.standing().await, place);
    }
    // The aside's own time is over first, then the reminder of the state that is corrected, then the one of the state that runs it.
    told.passes(31).await;
    assert_eq!(told.announced(), ["Heard.", "Name?"]);
    told.passes(30).await;
    assert_eq!(told.announced(), ["left_wing nudges Ana."]);
    assert_eq!(told.standing().await, "ONE/WAIT/NAME", "and the correction is still asked");
    told.passes(60).await;
    assert_eq!(told.announced(), ["One nudges."]);
    assert_eq!(told.prompt().await.as_deref(), Some("Name?"));
    assert_eq!(told.stage.says("Eve").await.texts(), ["Wait, Eve."]);
    told.stage.says("/why").await;
    // The time of the state that runs all of it ends it.
    told.passes(240).await;
    assert_eq!(told.announced(), ["Heard.", "Wait, Eve.", "Over."]);
    assert_eq!(told.standing().await, "OVER");
}

#[tokio::test]
async fn the_time_of_the_state_that_runs_it_ends_what_stands_inside_without_a_worker() {
    let told = hall(Expiry::default());
    told.stage.says_all(&["hi", "First", "Ana", "change name"]).await;
    told.stage.passes(6);
    assert_eq!(told.prompt().await, None, "it would be over");
    let outcome = told.stage.says("Eve").await;
    assert_eq!(outcome.texts(), ["Over.", "One or two?"]);
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["ONE/WAIT/NAME -> OVER (after)", "OVER -> MENU (reopened)"]);
    assert_eq!(told.standing().await, "MENU");
    told.stage.works().await;
    assert_eq!(told.session().await.wake_at(), None, "no timer is left of what was inside");
}

#[tokio::test]
async fn a_reminder_that_moves_the_state_below_ends_what_stands_on_it() {
    let told = hall(Expiry::default());
    told.stage.says_all(&["hi", "Second", "Ana", "change name", "/why"]).await;
    told.passes(121).await;
    assert_eq!(told.standing().await, "OVER");
    assert_eq!(told.announced(), ["Heard.", "Name?", "right_wing nudges Ana.", "Over."]);
    assert_eq!(told.prompt().await, None);
    assert_eq!(told.session().await.wake_at(), None);
}

#[tokio::test]
async fn a_signal_while_a_correction_or_an_aside_is_open_is_heard_below_and_the_question_stays() {
    let told = hall(Expiry::default());
    let (engine, id) = (&told.stage.engine, told.stage.id);
    told.stage.says_all(&["hi", "First", "Ana", "change name", "/why"]).await;
    let outcome = engine.signal_in::<Left>(id, left::LeftSignal::Called(3)).await.expect("it is heard");
    assert_eq!(outcome.texts(), ["Ana of left_wing hears 3."]);
    assert_eq!(told.standing().await, "ONE/WAIT/NAME/WHY");
    assert_eq!(told.prompt().await.as_deref(), Some("Why?"));
    let outcome = engine.signal_in::<Left>(id, left::LeftSignal::Called2).await.expect("it is heard");
    assert_eq!(told.standing().await, "MENU", "{:?}", outcome.transitions);
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["ONE/WAIT/NAME/WHY -> ONE/DONE (signal)", "ONE/DONE -> MENU (done)"]);
}

#[tokio::test]
async fn the_present_question_in_every_standing_and_what_an_operator_does_there() {
    let told = hall(Expiry::default());
    let operator = || told.stage.engine.operator(by());
    let id = told.stage.id;
    assert_eq!(told.prompt().await, None);
    let says: [(&str, &str); 6] = [
        ("hi", "One or two?"),
        ("First", "Name?"),
        ("Ana", "Wait, Ana."),
        ("change name", "Name?"),
        ("/why", "Why?"),
        ("because", "Name?"),
    ];
    for (said, question) in says {
        told.stage.says(said).await;
        assert_eq!(told.prompt().await.as_deref(), Some(question), "after {said}");
        let before = told.stage.store.last_written().record.bytes().clone();
        operator().pause(id).await.expect("it is paused");
        assert_eq!(told.prompt().await, None, "in a pause");
        operator().resume_asking(id).await.expect("it goes on");
        assert_eq!(told.prompt().await.as_deref(), Some(question), "after a pause behind {said}");
        assert_ne!(&before, told.stage.store.last_written().record.bytes());
    }
    assert_eq!(told.stage.says("Eve").await.texts(), ["Wait, Eve."]);
    told.stage.says_all(&["change name", "/why"]).await;
    operator().force(id, Hall::Two).await.expect("it is moved");
    assert_eq!((told.standing().await.as_str(), told.prompt().await.as_deref()), ("TWO/NAME", Some("Name?")));
    assert_eq!(told.stage.says("Ben").await.texts(), ["Wait, Ben."]);
    // Nothing of what stood there before rings.
    told.passes(61).await;
    assert_eq!(told.announced().last().map(String::as_str), Some("right_wing nudges Ben."));
    told.stage.says("change name").await;
    operator().force_to(id, "OVER", &serde_json::json!({})).await.expect("it is moved");
    assert_eq!((told.standing().await.as_str(), told.prompt().await), ("OVER", None));
    told.stage.works().await;
    assert_eq!(told.session().await.wake_at(), None);
    assert_eq!(told.stage.says("hi").await.texts(), ["One or two?"]);
    told.stage.says_all(&["First", "Ana", "change name"]).await;
    assert!(operator().erase(id).await.expect("it is erased"));
    assert_eq!(told.prompt().await, None);
    assert_eq!(told.stage.says("hi").await.texts(), ["One or two?"]);
}

#[tokio::test]
async fn a_paused_talk_inside_keeps_its_timers_until_the_pause_is_over() {
    let told = hall(Expiry::default());
    let operator = || told.stage.engine.operator(by());
    told.stage.says_all(&["hi", "First", "Ana", "change name"]).await;
    operator().pause_for(told.stage.id, Duration::from_secs(6 * 3600)).await.expect("it is paused");
    told.passes(5 * 60 + 30).await;
    assert_eq!(told.standing().await, "ONE/WAIT/NAME");
    assert_eq!(told.announced(), [""; 0]);
    told.passes(60).await;
    assert_eq!(told.announced(), ["left_wing nudges Ana.", "One nudges.", "Over."]);
    assert_eq!(told.standing().await, "OVER");
}

#[tokio::test]
async fn an_expiry_inside_forgets_the_timers_of_every_flow() {
    let told = hall(Expiry::default().idle(Duration::from_secs(45 * 60)));
    told.stage.says_all(&["hi", "First", "Ana", "change name", "/why"]).await;
    told.passes(46).await;
    // What was due before it is told.
    assert_eq!(told.announced(), ["Heard.", "Name?"]);
    told.passes(600).await;
    assert_eq!(told.announced(), [""; 0]);
    assert_eq!(told.prompt().await, None);
    assert_eq!(told.stage.says("hi").await.texts(), ["One or two?"]);
}
