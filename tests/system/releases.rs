//! Another release of a flow goes on with what the one before has stored: labels, names, reminders and effects change.

use std::time::Duration;

use flow_core::{Choice, Engine, Flow, Input, Retries};
use serde_json::{Value, json};

use crate::stage::{Stage, by, ok};

/// The next one calls things otherwise, and neither reminds nor rings.
mod second {
    use flow_core::{Flow, Step, Turn};
    use serde::{Deserialize, Serialize};

    #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[flow(name = "mood")]
    pub(crate) enum Mood {
        #[state(start, ask = "How do you do?", choices(Well("Fine", "great"), Fair("Fair", "Soso"), Bad), to(Asked))]
        Begin,
        #[state(ask = "{how}? Shall I call?", choices(No("Rather not"), Yes("Certainly", "sure")), to(Called))]
        Asked { how: BeginChoice },
        #[state(end, say = "Done.")]
        Called { how: BeginChoice },
    }

    pub(crate) use mood::*;

    pub(crate) struct Host;

    impl MoodHandler for Host {
        async fn asked(&self, state: Asked, choice: AskedChoice, turn: Turn<'_, Asked>) -> Step<Asked> {
            match choice {
                AskedChoice::Yes => turn.to(state.called()),
                AskedChoice::No => turn.stay("As you like."),
            }
        }
    }
}

use first_release::Mood as First;
use second::{BeginChoice, Mood as Second};

/// A conversation of the first release that stands in its second question, after this answer.
async fn asked(answer: &str) -> Stage<First> {
    let stage = Stage::with(First::engine(first_release::Host));
    stage.says_all(&["hi", answer]).await;
    stage
}

fn second(stage: &Stage<First>) -> Stage<Second> {
    stage.released(Second::engine(second::Host).on_announcement(|_| ok()))
}

fn record(stage: &Stage<impl Flow>) -> Value {
    stage.store.last_written().record.readable()
}

#[tokio::test]
async fn a_choice_is_stored_and_sent_by_its_name() {
    let stage = Stage::with(First::engine(first_release::Host));
    let outcome = stage.says("hi").await;
    assert_eq!(outcome.replies[0].choices()[1], Choice::new("So-so", "Soso"));
    stage.says("so-so").await;
    assert_eq!(record(&stage)["data"], json!({"how": "Soso"}));
}

#[tokio::test]
async fn a_button_of_before_works_after_its_label_and_its_place_have_changed() {
    // The button of the second question, as the first release has sent it.
    for (button, state) in [("Yes", "CALLED"), ("No", "ASKED")] {
        let stage = second(&asked("well").await);
        assert_eq!(stage.says(Input::button(button)).await.state.map(|state| state.name()), Some(state), "{button}");
    }
    // And of the first, whose choice has a new name since: the old one is a word of it.
    let before = Stage::with(First::engine(first_release::Host));
    before.says("hi").await;
    let stage = second(&before);
    let outcome = stage.says(Input::button("Soso")).await;
    assert_eq!(outcome.state, Some(Second::Asked { how: BeginChoice::Fair }));
}

#[tokio::test]
async fn a_stored_choice_is_read_by_its_name_though_its_label_changed_and_by_an_old_name_among_its_words() {
    for (answer, how, said) in [("1", BeginChoice::Well, "Fine"), ("2", BeginChoice::Fair, "Fair")] {
        let stage = second(&asked(answer).await);
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        assert_eq!(*session.state(), Second::Asked { how });
        assert_eq!(stage.says("what?").await.texts()[1], format!("{said}? Shall I call?"));
        assert_eq!(stage.says("2").await.state, Some(Second::Called { how }), "the second is Yes by now");
    }
}

#[tokio::test]
async fn a_stored_choice_that_no_release_knows_is_no_other_one() {
    let stage = asked("1").await;
    let stored = stage.store.last_written().record.readable().to_string();
    assert!(stored.contains(r#"{"how":"Well"}"#));
    for unknown in ["1", "Perhaps", ""] {
        let read = serde_json::from_value::<BeginChoice>(json!(unknown));
        assert!(read.is_err(), "{unknown}: {read:?}");
    }
}

#[tokio::test]
async fn a_reminder_that_the_release_no_longer_declares_is_forgotten_without_harm() {
    let before = asked("well").await;
    before.works().await;
    let stage = second(&before);
    let version = record(&stage)["version"].as_u64().expect("a version");
    stage.passes(1);
    stage.works().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.state().name(), session.wake_at(), session.pending()), ("ASKED", None, 0));
    assert_eq!((session.stamp().version, stage.engine.stats().failed), (version + 1, 0), "one turn, and no more");
    assert_eq!(stage.says("sure").await.state.map(|state| state.name()), Some("CALLED"));
}

#[tokio::test]
async fn an_effect_that_the_release_does_not_declare_stays_until_it_is_a_dead_letter_and_is_not_lost() {
    let before = asked("well").await;
    let stage = before.released(Second::engine(second::Host).retries(Retries::default().tries(3)));
    for tries in 1..=3 {
        assert_eq!(stage.pending().await, 2, "before try {tries}");
        stage.works().await;
        stage.clock.advance(Duration::from_secs(60));
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.set_aside().len(), session.pending()), (2, 0), "each kind is tried for itself");
    let ring = &session.set_aside()[0];
    assert_eq!((ring.kind.as_str(), ring.error.as_str()), ("Ring", "this release declares no effect `Ring`"));

    // The first release takes it up again.
    before.engine.operator(by()).retry(stage.id).await.expect("an amendment");
    stage.clock.advance(Duration::from_secs(3600));
    before.works().await;
    let delivered = Engine::stats(&before.engine).delivered;
    let session = before.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((delivered, session.pending(), session.set_aside().len()), (2, 0, 0));
}

#[test]
fn what_a_flow_of_another_crate_wants_is_built_here() {
    let notes: Vec<_> = ["one", "two"].map(String::from).into_iter().map(first_release::MoodEffect::Note).collect();
    assert!(matches!(&notes[1], first_release::MoodEffect::Note(text) if text == "two"));
}
