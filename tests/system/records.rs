//! Records that this code did not write: older ones are read, and what cannot be read stays as it is.

use flow_core::{
    EngineError, Flow, Input, Limits, Prefix, Record, Stamp, Step, Turn, Unreadable,
    store::{Commit, Expect},
};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, by, salon};

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

/// The body, as it stood in a record of before the first edition.
fn before(body: &str) -> Record {
    Record::read([&Prefix::of_json(Stamp::first()).bytes()[..], body.as_bytes()].concat()).expect("a record")
}

/// The body in a record of the first edition.
fn now(body: &str) -> Record {
    Record::compose(Stamp::first(), body.replacen(',', "{", 1).as_bytes())
}

async fn plant(stage: &Stage<impl Flow>, record: Record) -> Record {
    let (id, expect) = (stage.id, Expect::Absent);
    let commit = Commit::new(id, expect, record.clone(), "talk", "SUBJECT");
    stage.store.behind().commit(commit).await.expect("planted");
    record
}

#[tokio::test]
async fn a_record_with_an_older_name_of_the_state_is_read_and_written_with_the_new_one() {
    for record in [before(OLD), now(OLD)] {
        let stage = Stage::with(Talk::engine(Host));
        plant(&stage, record).await;
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        assert_eq!(*session.state(), Talk::Topic { name: "Ana".into(), tone: None });
        let outcome = stage.says("weather").await;
        assert_eq!(outcome.transitions[0].to_string(), "TOPIC -> DONE (message)");
    }
}

/// Whether it is told as what it is, and whether that is damage.
type IsExpected = (fn(&Unreadable) -> bool, bool);

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_stays_byte_for_byte() {
    let unreadable: [(String, IsExpected); 6] = [
        (",garbage".into(), (|error| matches!(error, Unreadable::Corrupt { .. }), true)),
        (OLD[..200].into(), (|error| matches!(error, Unreadable::Corrupt { .. }), true)),
        (
            OLD.replace("{\"name\":\"Ana\"}", "{\"name\":7}"),
            (|error| matches!(error, Unreadable::OtherType { .. }), false),
        ),
        (
            OLD.replace("Version\":1", "Version\":3"),
            (|error| matches!(error, Unreadable::UnsupportedVersion { found: 3, spoken: 2 }), false),
        ),
        (OLD.replace("\"talk\"", "\"booking\""), (|error| *error == Unreadable::OtherFlow, false)),
        (
            OLD.replace("\"current\":\"SUBJECT\"", "\"current\":\"LOST\""),
            (|error| *error == Unreadable::UnknownState, false),
        ),
    ];
    for (body, (is_expected, is_damage)) in unreadable {
        for record in [before(&body), now(&body)] {
            let stage = Stage::with(Talk::engine(Host));
            let planted = plant(&stage, record).await;
            let failed = stage.engine.handle(stage.id, "hello").await;
            let Err(EngineError::Unreadable(error)) = &failed else { panic!("{body}: {failed:?}") };
            assert!(is_expected(error) && error.is_damage() == is_damage, "{body}: {failed:?}");
            assert!(!format!("{failed:?}").contains("Ana"));
            assert!(stage.engine.operator(by()).force(stage.id, Talk::Begin).await.is_err());
            assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, Some(planted));
        }
    }
}

#[tokio::test]
async fn a_record_of_another_session_is_told_as_such_and_stays() {
    let (stage, another) = (Stage::new(), Stage::new());
    stage.says("hi").await;
    let record = plant(&another, stage.store.last_written().record).await;
    for failed in
        [another.engine.handle(another.id, "hi").await.map(drop), another.engine.peek(another.id).await.map(drop)]
    {
        assert!(matches!(failed, Err(EngineError::Unreadable(Unreadable::AnothersRecord))), "{failed:?}");
    }
    assert_eq!(another.store.behind().load(another.id, 0).await.expect("a store").record, Some(record));
    assert!(Unreadable::AnothersRecord.is_damage());
}

#[tokio::test]
async fn a_record_beyond_the_bound_is_refused() {
    let stage = Stage::with(salon().limits(Limits::default().record(500)));
    stage.says_all(&["hi", "Book"]).await;
    let refused = stage.engine.handle(stage.id, Input::text("x".repeat(100)).with_id("wamid.3")).await;
    assert!(matches!(refused, Err(EngineError::RecordTooLarge { limit: 500, .. })), "{refused:?}");
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
