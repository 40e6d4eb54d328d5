//! Effects: what carries them is stored only if it can be read again, and each stays until a release delivers it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    EngineBuilder, EngineError, Flow, Input, Key, Reask, Result, Retries, Step, StepExt, Turn, answers::Email,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use first_release::bell::{Bell, Book, Sexton};

use crate::stage::{Stage, by};

/// A press that prints what it is told.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "press", shared = Book, effects(Print(Value), Plan(BTreeMap<(u8, u8), u8>), Mail(Email) = "mail-1"))]
enum Press {
    #[state(start, ask = "What?", signals(Page(Value), Kept(Value), Shared(Value), Planned), to(Begin, Proof))]
    Begin,
    #[state(checkpoint, silent, endless, to(Begin))]
    Proof { page: Value },
}

use press::*;

/// What its deliveries do, in this order; then all goes well.
#[derive(Clone, Debug, Default)]
struct Printer {
    deliveries: Arc<Mutex<Vec<&'static str>>>,
    delivered: Arc<Mutex<Vec<(Key, Value)>>>,
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::Null, |value, _| json!([value]))
}

impl Printer {
    fn that(deliveries: &[&'static str]) -> Self {
        Self { deliveries: Arc::new(Mutex::new(deliveries.to_vec())), ..Self::default() }
    }

    async fn deliver(&self, key: Key, what: Value) -> Result<()> {
        let next = { self.deliveries.lock().expect("a lock").drain(..1).next() };
        match next {
            Some("fail") => Err(std::io::Error::other("no paper"))?,
            Some("reask") => Err(Reask::because("Which paper?"))?,
            Some("panic") => panic!("the press breaks"),
            Some("hang") => std::future::pending().await,
            _ => self.delivered.lock().expect("a lock").push((key, what)),
        }
        Ok(())
    }
}

fn depth_of(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small one")
}

impl PressHandler for Printer {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        match turn.text() {
            "mail" => turn.to(Begin).effect(PressEffect::Mail("canaria@example.com".parse()?)),
            _ => turn.to(Begin).effect(PressEffect::Print("a page".into())),
        }
    }

    async fn begin_on_page(&self, _: Begin, depth: Value, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Begin).effect(PressEffect::Print(nested(depth_of(&depth))))
    }

    async fn begin_on_kept(&self, state: Begin, depth: Value, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.proof(nested(depth_of(&depth))))
    }

    async fn begin_on_shared(&self, _: Begin, depth: Value, mut turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.shared_mut().pages = nested(depth_of(&depth));
        turn.to(Begin)
    }

    async fn begin_on_planned(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Begin).effect(PressEffect::Plan(BTreeMap::from([((1, 2), 3)])))
    }

    async fn proof(&self, _: Proof, turn: Turn<'_, Proof>) -> Step<Proof> {
        turn.to(Begin)
    }

    async fn deliver_print(&self, page: Value, key: Key) -> Result<()> {
        self.deliver(key, page).await
    }

    async fn deliver_plan(&self, _: BTreeMap<(u8, u8), u8>, _: Key) -> Result<()> {
        Ok(())
    }

    async fn deliver_mail(&self, to: Email, key: Key) -> Result<()> {
        self.deliver(key, to.as_str().into()).await
    }
}

fn press(printer: &Printer) -> EngineBuilder<Press> {
    Press::engine(printer.clone()).retries(Retries::default().tries(2))
}

/// All tries that are still to come are made.
async fn tries_are_used_up<F: Flow>(stage: &Stage<Press>, engine: &flow_core::Engine<F>) {
    for _ in 0..3 {
        engine.worker().look().await.expect("the store tells what is due");
        stage.clock.advance(Duration::from_secs(3600));
    }
}

#[tokio::test]
async fn whatever_depth_is_stored_is_read_again_now_and_as_a_dead_letter() {
    for (signal, has_letter) in [("Page", true), ("Kept", true), ("Shared", false)] {
        let (mut taken, mut refused) = (0, 0);
        for depth in [30, 99, 100, 101, 110, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 300]
        {
            let builder = press(&Printer::that(&["fail", "fail", "fail"]));
            let stage = Stage::with(builder.on_checkpoint(|_| async { Err::<(), _>("no") }));
            stage.says("hi").await;
            match stage.engine.handle(stage.id, Input::signal_by_name(signal, depth)).await {
                Ok(outcome) if !outcome.is_failed() => taken += 1,
                Ok(_) | Err(EngineError::Unwritable { .. }) => {
                    refused += 1;
                    assert_eq!(stage.store.writes(), 1);
                    continue;
                }
                Err(error) => panic!("{signal} {depth}: {error}"),
            }
            tries_are_used_up(&stage, &stage.engine).await;
            let session =
                stage.engine.peek(stage.id).await.unwrap_or_else(|error| panic!("{signal} {depth}: {error:?}"));
            let letters = session.expect("there").set_aside().len();
            assert_eq!(letters, usize::from(has_letter), "{signal} {depth}");
            stage.says("goes on").await;
        }
        assert!(taken > 1 && refused > 1, "{signal}");
    }
}

#[tokio::test]
async fn an_effect_that_cannot_be_written_fails_its_turn_and_stores_nothing() {
    let stage = Stage::with(press(&Printer::default()));
    stage.says("hi").await;
    let outcome = stage.says(Input::signal_by_name("Planned", ())).await;
    assert!(outcome.is_failed() && stage.store.writes() == 1, "{outcome:?}");
    assert_eq!(stage.pending().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_fails_in_any_way_is_made_again_with_the_same_key() {
    for way in ["fail", "reask", "panic", "hang"] {
        let printer = Printer::that(&[way, "do"]);
        let stage = Stage::with(press(&printer));
        stage.says_all(&["hi", "print"]).await;
        let key = Key::new(stage.id, stage.store.last_written().record.stamp(), 0);
        tries_are_used_up(&stage, &stage.engine).await;
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        assert_eq!((session.pending(), session.set_aside().len()), (0, 0), "{way}");
        let delivered = printer.delivered.lock().expect("a lock").clone();
        assert_eq!(delivered, [(key, json!("a page"))], "{way}");
    }
}

#[tokio::test]
async fn what_one_release_does_not_know_another_delivers() {
    let printer = Printer::that(&["do"]);
    let stage = Stage::with(press(&printer));
    stage.says_all(&["hi", "print"]).await;
    let other = Bell::engine(Sexton).retries(Retries::default().tries(2));
    let other = other.clock(stage.clock.clone()).store(Arc::clone(&stage.store));
    tries_are_used_up(&stage, &other).await;
    let letters = other.peek(stage.id).await.expect("readable").expect("there").set_aside();
    assert_eq!((letters.len(), letters[0].kind.as_str()), (1, "Print"));
    assert_eq!(letters[0].error, "this release declares no effect `Print`");
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("the store"), 1);
    stage.works().await;
    assert_eq!(printer.delivered.lock().expect("a lock").len(), 1);
}

#[tokio::test]
async fn a_hook_that_fails_keeps_its_effect_from_the_handler_until_it_does_not() {
    let (printer, hooked) = (Printer::that(&["fail", "do"]), Arc::new(Mutex::new(0)));
    let seen = Arc::clone(&hooked);
    let stage = Stage::with(press(&printer).retries(Retries::default().tries(9)).on_effect(move |_| {
        *seen.lock().expect("a lock") += 1;
        let fails = *seen.lock().expect("a lock") < 2;
        async move { if fails { Err("not yet") } else { Ok(()) } }
    }));
    stage.says_all(&["hi", "print"]).await;
    tries_are_used_up(&stage, &stage.engine).await;
    assert_eq!(*hooked.lock().expect("a lock"), 3, "it fails once; then it is called for each try of the handler");
    assert_eq!(printer.delivered.lock().expect("a lock").len(), 1);
}
