//! Records that this code did not write: older ones are read, and what cannot be read stays as it is.

use flow_core::{
    EngineError, Flow, Input, Limits, Record, Stamp, Step, Turn, Unreadable,
    store::{Commit, Expect},
};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, salon};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "talk", version = 2)]
enum Talk {
    #[state(start, ask = "Name?", to(Topic))]
    Begin,
    #[state(ask = "About?", alias("SUBJECT", "THEME"), to(Done))]
    Topic {
        name: String,
        #[serde(default)]
        tone: Option<String>,
    },
    #[state(end)]
    Done,
}

use talk::*;

struct Host;

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        let name = turn.answer()?;
        turn.to(state.topic(name, None))
    }

    async fn topic(&self, state: Topic, turn: Turn<'_, Topic>) -> Step<Topic> {
        turn.to(state.done())
    }
}

const OLD: &str = r#","flow":"talk","flowVersion":1,"current":"SUBJECT","data":{"name":"Ana"},
    "history":[{"from":"BEGIN","to":"SUBJECT","by":"message","at":"2026-01-03T00:00:00Z"}],
    "createdAt":"2026-01-03T00:00:00Z","updatedAt":"2026-01-03T00:00:00Z","expiresAt":null,"lang":null,
    "shared":{},"tries":0,"seen":[],"todo":{"pending":[]},"wakeAt":null}"#;

async fn plant(stage: &Stage<impl Flow>, body: &str) -> Record {
    let record = Record::compose(Stamp::first(), body.as_bytes());
    let (id, expect) = (stage.id, Expect::Absent);
    let commit = Commit::new(id, expect, record.clone(), "talk", "SUBJECT");
    stage.store.behind().commit(commit).await.expect("planted");
    record
}

#[tokio::test]
async fn a_record_with_an_older_name_of_the_state_is_read_and_written_with_the_new_one() {
    let stage = Stage::with(Talk::engine(Host));
    plant(&stage, OLD).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(*session.state(), Talk::Topic { name: "Ana".into(), tone: None });
    let outcome = stage.says("weather").await;
    assert_eq!(outcome.transitions[0].to_string(), "TOPIC -> DONE (message)");
}

type IsExpected = fn(&Unreadable) -> bool;

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_stays_byte_for_byte() {
    let unreadable: [(String, IsExpected); 6] = [
        ("garbage".into(), |error| matches!(error, Unreadable::Corrupt { .. })),
        (OLD[..200].into(), |error| matches!(error, Unreadable::Corrupt { .. })),
        (OLD.replace("{\"name\":\"Ana\"}", "{\"name\":7}"), |error| matches!(error, Unreadable::Corrupt { .. })),
        (OLD.replace("Version\":1", "Version\":3"), |error| {
            matches!(error, Unreadable::UnsupportedVersion { found: 3, spoken: 2 })
        }),
        (OLD.replace("\"talk\"", "\"booking\""), |error| *error == Unreadable::OtherFlow),
        (OLD.replace("\"current\":\"SUBJECT\"", "\"current\":\"LOST\""), |error| *error == Unreadable::UnknownState),
    ];
    for (body, is_expected) in unreadable {
        let stage = Stage::with(Talk::engine(Host));
        let planted = plant(&stage, &body).await;
        let failed = stage.engine.handle(stage.id, "hello").await;
        assert!(matches!(&failed, Err(EngineError::Unreadable(error)) if is_expected(error)), "{body}: {failed:?}");
        assert!(!format!("{failed:?}").contains("Ana"));
        assert!(stage.engine.force(stage.id, Talk::Begin).await.is_err());
        assert_eq!(stage.store.behind().load(stage.id).await.expect("a store").record, Some(planted));
    }
}

#[tokio::test]
async fn a_record_beyond_the_bound_is_refused() {
    let stage = Stage::with(salon().limits(Limits::default().record(800)));
    stage.says_all(&["hi", "Book"]).await;
    let refused = stage.engine.handle(stage.id, Input::text("x".repeat(100)).with_id("wamid.3")).await;
    assert!(matches!(refused, Err(EngineError::RecordTooLarge { limit: 800, .. })), "{refused:?}");
    assert_eq!(stage.state().await, Some("BOOK_NAME"));
}

#[tokio::test]
async fn the_history_keeps_as_many_steps_as_was_chosen() {
    let stage = Stage::with(salon().limits(Limits::default().history(3)));
    stage.says_all(&["hi", "Book", "Ana", "back", "Bob"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let causes: Vec<_> = session.history().iter().map(|step| step.by.to_string()).collect();
    assert_eq!(causes, ["message", "back", "message"]);
}
