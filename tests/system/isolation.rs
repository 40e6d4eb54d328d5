//! Fair turns: what one visitor, one slow handler or one full engine costs the others.

use std::time::Duration;

use flow_core::{Busy, EngineError, Flow, Limits, SessionId, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::stage::{Stage, by, ok};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "crowded_talk")]
enum Talk {
    #[state(start, endless, ask = "Yes?", remind(Bell), handled, to(Listening))]
    Listening,
}

use talk::*;

/// Takes ten seconds over "slow", and no time over anything else.
struct Host;

const SLOW: Duration = Duration::from_secs(10);

impl TalkHandler for Host {
    async fn listening(&self, _: Listening, mut turn: Turn<'_, Listening>) -> Step<Listening> {
        match turn.text() {
            "slow" => sleep(SLOW).await,
            "ring" => turn.remind_in(SLOW, ListeningReminder::Bell),
            _ => {}
        }
        turn.stay("And?")
    }

    async fn listening_on_bell(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        turn.stay("Ring!")
    }
}

fn stage(limits: Limits) -> Stage<Talk> {
    Stage::with(Talk::engine(Host).limits(limits).on_announcement(|_| ok()))
}

/// The visitor says it so many times, without waiting for an answer to any.
async fn floods(stage: &Stage<Talk>, id: SessionId, text: &'static str, times: usize) -> JoinSet<Result<(), Busy>> {
    let mut flood = JoinSet::new();
    for _ in 0..times {
        let engine = stage.engine.clone();
        flood.spawn(async move {
            match engine.handle(id, text).await {
                Ok(_) => Ok(()),
                Err(EngineError::Busy(busy)) => Err(busy),
                Err(error) => panic!("{error}"),
            }
        });
    }
    sleep(Duration::from_millis(1)).await;
    flood
}

#[tokio::test(start_paused = true)]
async fn one_visitor_floods_and_the_others_are_answered_at_once() {
    let stage = stage(Limits::default().turns_at_once(100).turns_waiting(100));
    stage.says("hi").await;
    let flood = floods(&stage, stage.id, "slow", 10_000).await;
    let stats = stage.engine.stats();
    assert_eq!((stats.in_flight, stats.waiting, stats.busy), (1, 32, 10_000 - 33));
    let began = Instant::now();
    for _ in 0..100 {
        stage.engine.handle(SessionId::random(), "hi").await.expect("there is room for others");
    }
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    let answers = flood.join_all().await;
    let refused = answers.iter().filter(|answer| **answer == Err(Busy::Queue { limit: 32 })).count();
    assert_eq!(
        (refused, answers.len() - refused),
        (10_000 - 33, 33),
        "the bound is told at once, the others have their turns"
    );
    assert_eq!((stage.engine.stats().in_flight, stage.engine.stats().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn where_there_are_few_places_sessions_have_them_in_turn() {
    let stage = stage(Limits::default().turns_at_once(1));
    stage.says("hi").await;
    let many = floods(&stage, stage.id, "slow", 6).await;
    for _ in 0..3 {
        let began = Instant::now();
        stage.engine.handle(SessionId::random(), "hi").await.expect("a turn");
        assert!(began.elapsed() <= SLOW, "one turn of the many goes first: {:?}", began.elapsed());
    }
    assert!(many.join_all().await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn beyond_the_bound_of_all_that_wait_a_turn_is_busy_at_once() {
    let stage = stage(Limits::default().turns_at_once(2).turns_waiting(3));
    let ids: Vec<_> = (0..6).map(|_| SessionId::random()).collect();
    for id in &ids {
        stage.engine.handle(*id, "hi").await.expect("a turn");
    }
    let (mut crowd, began) = (JoinSet::new(), Instant::now());
    for id in ids {
        let engine = stage.engine.clone();
        crowd.spawn(async move { engine.handle(id, "slow").await.map(|_| began.elapsed()) });
    }
    let mut times = Vec::new();
    while let Some(turn) = crowd.join_next().await {
        match turn.expect("no panic") {
            Ok(time) => times.push(time.as_secs()),
            Err(error) => {
                assert!(matches!(error, EngineError::Busy(Busy::Crowded { limit: 5 })), "{error}");
                assert!(began.elapsed() < Duration::from_millis(10), "at once");
            }
        }
    }
    assert_eq!(times, [10, 10, 20, 20, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_rings_however_many_turns_wait() {
    let stage = stage(Limits::default().turns_at_once(1).turns_waiting(1));
    stage.says("hi").await;
    let ringing = SessionId::random();
    for text in ["hi", "ring"] {
        stage.engine.handle(ringing, text).await.expect("a turn");
    }
    let began = Instant::now();
    let mut crowd = [floods(&stage, stage.id, "slow", 1).await, floods(&stage, ringing, "slow", 1).await];
    let refused = stage.engine.handle(SessionId::random(), "hi").await;
    assert!(matches!(refused, Err(EngineError::Busy(Busy::Crowded { .. }))), "{refused:?}");
    stage.passes(1);
    stage.works().await;
    assert_eq!((stage.engine.stats().delivered, began.elapsed().as_secs()), (1, 0), "it needs no place");
    for flood in &mut crowd {
        assert!(flood.join_next().await.expect("a turn").expect("no panic").is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_rings_in_the_midst_of_its_visitors_own_flood() {
    let stage = stage(Limits::default());
    stage.says_all(&["hi", "ring"]).await;
    let (flood, began) = (floods(&stage, stage.id, "slow", 100).await, Instant::now());
    stage.passes(1);
    stage.works().await;
    assert_eq!(stage.engine.stats().delivered, 1);
    assert!(began.elapsed() <= 3 * SLOW, "it waits for a turn at each of its steps: {:?}", began.elapsed());
    drop(flood);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_turn_waits_for_no_more_than_one() {
    let stage = stage(Limits::default());
    stage.says("hi").await;
    let line = floods(&stage, stage.id, "slow", 6).await;
    let began = Instant::now();
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("it can be asked"), 0);
    assert!(stage.engine.remove(stage.id).await.expect("it is removed"));
    assert!(began.elapsed() <= 2 * SLOW, "{:?}", began.elapsed());
    drop(line);
}

#[tokio::test(start_paused = true)]
async fn at_a_shutdown_what_waits_has_its_turn_and_what_comes_is_refused() {
    let stage = stage(Limits::default());
    stage.says("hi").await;
    let line = floods(&stage, stage.id, "slow", 3).await;
    let shutdown = stage.engine.shutdown(5 * SLOW);
    let late = async {
        sleep(SLOW).await;
        let refused = stage.engine.handle(stage.id, "hi").await;
        assert!(matches!(refused, Err(EngineError::ShuttingDown)), "{refused:?}");
    };
    let (shutdown, ()) = tokio::join!(shutdown, late);
    assert!(shutdown.is_complete());
    assert!(line.join_all().await.iter().all(Result::is_ok));
}
