//! Privacy: what is private appears in the store and in the chat, and nowhere else.

use std::sync::{Arc, Mutex};

use flow_core::{
    Archive, Ask, Flow, Halt, Input, Key, Offer, Result, Retries, Step, Turn,
    answers::{Email, Name},
    privacy::Private,
};
use serde::{Deserialize, Serialize};

use crate::{
    log::{listen, logged},
    shelf::Shelf,
    stage::Stage,
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(shared = Chart)]
enum Talk {
    #[state(start, ask = "Name?", to(Mail))]
    Begin,
    #[state(ask = "{name}, your e-mail?", to(Pain))]
    Mail { name: Name },
    #[state(ask = "{name}, what hurts?", checkpoint, to(Done))]
    Pain { name: Name, email: Email },
    #[state(end)]
    Done,
}

use {talk::*, zoo::*};

/// What the doctor noted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Chart {
    notes: Private<String>,
}

impl Talk {
    /// What no error should hold.
    fn revealed_name(&self) -> String {
        match self {
            Self::Mail { name } | Self::Pain { name, .. } => name.as_str().to_owned(),
            Self::Begin | Self::Done => String::new(),
        }
    }
}

struct Doctor;

impl TalkHandler for Doctor {
    async fn pain(&self, state: Pain, mut turn: Turn<'_, Pain>) -> Step<Pain> {
        turn.shared_mut().notes = Private::new(turn.text().to_owned());
        if turn.text().contains("knee") {
            return turn.stay("And else?");
        }
        // As drivers do, this error quotes everything it was given.
        let (name, email, notes) = (state.name.as_str(), state.email.as_str(), turn.shared().notes.reveal());
        Err(Halt::failed(format!("duplicate key ({name}, {email}, {notes}) said {:?}", turn.text())))
    }
}

const CANARIES: [&str; 6] = ["canaria", "canarinho", "canary.bird", "canaryknee", "canaryelbow", "Canaria Canarinho"];

#[tokio::test]
async fn a_canary_sings_in_no_log_no_debug_and_no_masked_view() {
    listen();
    let shelf = Arc::<Shelf>::default();
    let stage = Stage::with(
        Talk::engine(Doctor)
            .retries(Retries::default().tries(1))
            .on_checkpoint(|checkpoint| async move {
                let Talk::Pain { name, .. } = checkpoint.state else { return Ok(()) };
                Err(format!("no desk for {}", name.as_str()))
            })
            .archive(Arc::clone(&shelf)),
    );
    stage.says_all(&["hi", "Canaria Canarinho", "canary.bird@example.com", "my canaryknee"]).await;
    stage.clock.advance(std::time::Duration::from_secs(60));
    stage.works().await;
    let outcome = stage.says("my canaryelbow").await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let masked = session.masked().expect("a view").to_string();
    let kept = (shelf.latest(stage.id).await, shelf.checkpoints(stage.id).await, shelf.last_entries());
    let shown = format!(
        "{outcome:?} {session:?} {:?} {kept:?} {:?} {:?} {masked} {}",
        session.set_aside(),
        stage.store.last_written(),
        stage.engine,
        logged()
    );
    for canary in CANARIES {
        assert!(!shown.to_lowercase().contains(&canary.to_lowercase()), "{canary} in {shown}");
    }
    assert!(shown.contains("C***") && shown.contains("duplicate key"), "{shown}");
    let stored = String::from_utf8_lossy(stage.store.last_written().record.bytes()).into_owned();
    assert!(["Canaria Canarinho", "canary.bird@example.com", "my canaryknee"].iter().all(|kept| stored.contains(kept)));
}

/// Whatever is told here is private, and comes in by each way there is.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(effects(Clean(Private<String>)))]
enum Zoo {
    #[state(start, endless, offers = Private<String>, signals(Storm(Private<String>)), to(Nesting))]
    Offering,
    #[state(silent, to(Offering))]
    Nesting { nest: Private<String> },
}

struct Keeper;

impl ZooHandler for Keeper {
    async fn ask_offering(&self, _: &Offering, _: Ask<'_, Offering>) -> Result<Offer<Private<String>>> {
        let nests = ["the canarynest", "the canarybox"].map(|nest| Private::new(nest.to_owned()));
        Ok(Offer::new("Which nest?").items(nests))
    }

    async fn offering(&self, state: Offering, nest: Private<String>, turn: Turn<'_, Offering>) -> Step<Offering> {
        if turn.text() == "2" {
            return Err(Halt::failed(format!("{} is taken", nest.reveal())));
        }
        turn.to(state.nesting(nest.clone())).effect(ZooEffect::Clean(nest))
    }

    async fn offering_on_storm(&self, _: Offering, storm: Private<String>, _: Turn<'_, Offering>) -> Step<Offering> {
        Err(Halt::failed(format!("blown away by {}", storm.reveal())))
    }

    async fn nesting(&self, _: Nesting, turn: Turn<'_, Nesting>) -> Step<Nesting> {
        turn.to(Offering)
    }

    async fn deliver_clean(&self, nest: Private<String>, _: Key) -> Result<()> {
        Err(Halt::failed(format!("no broom for {}", nest.reveal())))
    }
}

#[tokio::test]
async fn what_is_offered_told_and_wanted_sings_in_no_log_no_debug_and_no_masked_view() {
    listen();
    let effects = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&effects);
    let zoo = Zoo::engine(Keeper).retries(Retries::default().tries(1)).on_effect(move |effect| {
        told.lock().expect("a lock").push(format!("{effect:?}"));
        crate::stage::ok()
    });
    let stage = Stage::with(zoo);
    let mut seen = Vec::new();
    let storm = ZooSignal::Storm(Private::new("the canarystorm".into()));
    for message in [Input::text("hi"), Input::text("2"), Input::signal(&storm).expect("JSON"), Input::text("1")] {
        let outcome = stage.says(message).await;
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        seen.push(format!("{outcome:?} {session:?} {}", session.masked().expect("a view")));
    }
    stage.works().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    seen.push(format!("{:?} {session:?} {:?} {}", effects.lock().expect("a lock"), session.set_aside(), logged()));
    let shown = seen.join(" ");
    assert!(!shown.to_lowercase().contains("canary"), "{shown}");
    for told in ["is taken", "blown away", "Clean", "a delivery was set aside"] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
    let stored = String::from_utf8_lossy(stage.store.last_written().record.bytes()).into_owned();
    assert!(stored.contains("the canarynest"), "{stored}");
}

#[tokio::test]
async fn why_something_could_not_be_kept_or_delivered_is_shown_to_nobody_who_did_not_ask() {
    listen();
    let shelf = Arc::<Shelf>::default();
    let talk = Talk::engine(Doctor)
        .on_checkpoint(|checkpoint| async move { Err::<(), _>(checkpoint.state.revealed_name()) })
        .retries(Retries::default().tries(1));
    let stage = Stage::with(talk.archive(Arc::clone(&shelf)));
    shelf.refuses(Some(stage.id));
    // As databases do, this one quotes the row that it refuses, however long it is.
    shelf.quotes(format!("the row (Canaria Canarinho, canary.bird@example.com, {}) has a NUL", "x".repeat(10_000)));
    stage.says_all(&["hi", "Canaria Canarinho", "canary.bird@example.com"]).await;
    stage.works().await;
    stage.clock.advance(std::time::Duration::from_secs(60));
    stage.works().await;
    assert_eq!((stage.engine.stats().archive_refused, stage.engine.stats().set_aside), (1, 1));
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let shown = format!("{session:?} {:?} {:?} {}", session.set_aside(), stage.engine, logged());
    for canary in CANARIES {
        assert!(!shown.to_lowercase().contains(&canary.to_lowercase()), "{canary} in {shown}");
    }
    assert_eq!(session.set_aside()[0].error, "Canaria Canarinho", "who asks is told");
    let record = stage.store.last_written().record;
    let stored = String::from_utf8_lossy(record.bytes()).into_owned();
    assert!(
        stored.contains("the row (Canaria") && stored.len() < 5_000,
        "the record has the reason, but not at any length"
    );
}

#[tokio::test]
async fn the_masked_view_shows_the_shape_of_a_session() {
    let stage = Stage::with(Talk::engine(Doctor));
    stage.says_all(&["hi", "Canaria Canarinho", "canary.bird@example.com", "my canaryknee"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let mut masked = session.masked().expect("a view");
    masked["session"] = "…".into();
    insta::assert_json_snapshot!(masked);
}

#[tokio::test]
async fn a_turn_and_each_of_its_parts_have_their_span() {
    listen();
    let stage = Stage::with(Talk::engine(Doctor).on_checkpoint(|_| crate::stage::ok()));
    stage.says_all(&["hi", "Ana", "ana@example.com"]).await;
    stage.works().await;
    let log = logged();
    for (what, part) in [("turn", "load"), ("turn", "decide"), ("turn", "commit"), ("wake", "deliver")] {
        let span = format!("{what}{{flow=\"talk\" session={}}}:{part}", stage.id);
        assert!(log.contains(&span), "{span} in {log}");
    }
}
