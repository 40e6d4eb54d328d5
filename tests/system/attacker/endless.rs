//! Times that a user means as "no end": nothing overflows, and nothing is sent twice for them.

use std::time::Duration;

use flow_core::{Deadlines, EngineBuilder, Retries};
use flow_testkit::RecordingChannel;
use tokio::time::sleep;

use crate::post_office::{Office, Postman, at_work};

const NO_END: Duration = Duration::MAX;

/// How often three replies are sent by a channel that takes three seconds for each, beside a worker of another process.
async fn tries(set: impl FnOnce(EngineBuilder<Postman>) -> EngineBuilder<Postman>) -> usize {
    let office = Office::with(RecordingChannel::new().taking(Duration::from_secs(3)));
    let engine = office.built(set(office.builder()));
    let _worker = at_work(engine.worker()).await;
    let other = office.engine();
    let _other_worker = at_work(other.worker()).await;
    for said in ["hi", "both a"] {
        office.says(&engine, said).await;
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(office.pending(&engine).await, 0);
    office.channel.tries().len()
}

#[tokio::test(start_paused = true)]
async fn deliveries_without_a_deadline_are_made_once() {
    assert_eq!(tries(|builder| builder.deadlines(Deadlines::default().hook(NO_END))).await, 3);
}

#[tokio::test(start_paused = true)]
async fn an_engine_without_any_deadline_delivers_once() {
    let deadlines = Deadlines::default().turn(NO_END).store(NO_END).handler(NO_END).media(NO_END);
    let deadlines = deadlines.hook(NO_END).typing(NO_END).archive(NO_END);
    assert_eq!(tries(|builder| builder.deadlines(deadlines)).await, 3);
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_not_tried_at_once_where_the_pause_has_no_end() {
    let office = Office::new();
    let retries = Retries::default().pause(NO_END).longest_pause(NO_END);
    let engine = office.built(office.builder().retries(retries));
    let _worker = at_work(engine.worker()).await;
    for _ in 0..3 {
        office.channel.answers(Err(std::io::Error::other("down").into()));
    }
    office.says(&engine, "hi").await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(office.channel.tries().len(), 1);
}
