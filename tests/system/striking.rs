//! What was sent is struck off by the next turn's commit, or by one of its own when nobody writes for a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Observer, SessionId, Store,
    engine::{CallEnded, Verb},
};
use flow_memory::MemoryStore;
use flow_sqlite::SqliteStore;
use flow_testkit::RecordingChannel;
use tokio::{
    sync::Semaphore,
    task::yield_now,
    time::{Instant, sleep},
};

use crate::{
    meddler::Meddling,
    post_office::{Clerk, Office, Postman, at_work, from_web, works},
};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn a_lively_talk_is_one_write_a_message_and_an_idle_one_two() {
    for (pause, writes) in [(millis(400), 11), (millis(5_000), 20)] {
        let office = Office::with(RecordingChannel::new().taking(millis(150)));
        let engine = office.engine();
        let _worker = at_work(engine.worker()).await;
        office.says(&engine, "hi").await;
        for number in 1..10 {
            sleep(pause).await;
            office.says(&engine, &number.to_string()).await;
        }
        office.channel.has_sent(10).await;
        sleep(millis(5_000)).await;
        assert_eq!(office.store.writes(), writes, "a message each {pause:?}");
        assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (10, 0));
        let loads = office.store.calls() - office.store.writes();
        assert!(loads < 10 + 10 + 60, "and no more is read than turns and looks do: {loads}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_struck_off_after_a_second_of_quiet() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    sleep(millis(900)).await;
    assert_eq!((office.store.writes(), office.pending(&engine).await), (1, 1));
    sleep(millis(200)).await;
    assert_eq!((office.store.writes(), office.pending(&engine).await), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_struck_off_holds_up_no_later_one() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    for number in 1..=4 {
        office.says(&engine, &number.to_string()).await;
        office.channel.has_sent(number).await;
        sleep(millis(1_100)).await;
        assert_eq!((office.store.writes(), office.pending(&engine).await), (2 * number, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_a_reply_is_sent_is_sent_next_and_each_is_sent_once() {
    let office = Office::with(RecordingChannel::new().taking(millis(150)));
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    let began = Instant::now();
    for number in 1..20 {
        sleep(millis(100)).await;
        office.says(&engine, &number.to_string()).await;
    }
    let texts = office.channel.has_sent(20).await;
    assert!(began.elapsed() < millis(20 * 150 + 100), "nothing waits: {:?}", began.elapsed());
    let expected = std::iter::once("What is it?".to_owned()).chain((1..20).map(|number| number.to_string()));
    assert_eq!(texts, expected.collect::<Vec<_>>());
    sleep(millis(2_000)).await;
    assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (20, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_while_a_handler_thought_is_struck_off_with_its_turn_and_delays_nothing() {
    let office = Office::with(RecordingChannel::new().taking(millis(500)));
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    // The handler begins before the reply is sent, and ends within the second after that.
    office.says(&engine, "think 1").await;
    let stored = Instant::now();
    office.channel.has_sent(2).await;
    assert!(stored.elapsed() <= millis(520), "{:?}", stored.elapsed());
    assert_eq!(office.store.writes(), 2);
    // And one that ends later, so that a commit of its own has come first: it runs once all the same.
    office.says(&engine, "think 4").await;
    office.channel.has_sent(3).await;
    assert_eq!(office.clerk.asked(), ["think 1", "think 4"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_turn_is_written_while_the_one_before_is_sent_waits_for_no_second() {
    let office = Office::with(RecordingChannel::new().taking(millis(150)));
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    let permits = Arc::new(Semaphore::new(0));
    office.store.next_commit(Meddling::Wait(Arc::clone(&permits)));
    let (talker, id) = (engine.clone(), office.id);
    let talking = tokio::spawn(async move { talker.handle(id, from_web("a")).await.expect("a turn") });
    office.channel.has_sent(1).await;
    sleep(millis(10)).await;
    permits.add_permits(1);
    talking.await.expect("it ends");
    let stored = Instant::now();
    office.channel.has_sent(2).await;
    assert!(stored.elapsed() < millis(200), "{:?}", stored.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_struck_off_at_once() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.says(&engine, "mail a").await;
    office.channel.has_sent(2).await;
    sleep(millis(10)).await;
    assert_eq!(office.clerk.mailed.lock().expect("a lock").len(), 1);
    let session = engine.peek(office.id).await.expect("readable").expect("there");
    assert!(session.pending() <= 1, "at most the reply is listed: {}", session.pending());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_between_sending_and_striking_off_has_the_reply_sent_again_once_under_its_key() {
    let office = Office::new();
    let engine = office.engine();
    let worker = at_work(engine.worker()).await;
    office.says(&engine, "both hi").await;
    office.channel.has_sent(1).await;
    worker.abort();
    drop(engine);
    let second = office.engine();
    let _worker = at_work(second.worker()).await;
    office.says(&second, "a").await;
    office.channel.has_sent(3).await;
    sleep(millis(120_000)).await;
    let tries = office.channel.tries();
    assert_eq!(tries.len(), 3);
    assert_eq!(tries[0].outgoing.key, tries[1].outgoing.key);
    assert_ne!(tries[1].outgoing.key, tries[2].outgoing.key);
    assert_eq!(office.pending(&second).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_strikes_off_at_once() {
    let office = Office::new();
    let engine = office.engine();
    let worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    let began = Instant::now();
    assert!(engine.shutdown(millis(10_000)).await.is_complete());
    assert!(began.elapsed() < millis(100), "{:?}", began.elapsed());
    worker.await.expect("it ends");
    assert_eq!((office.store.writes(), office.pending(&engine).await), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_waits_to_be_struck_off_holds_no_place_of_a_worker() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker().at_once(1)).await;
    let began = Instant::now();
    for _ in 0..50 {
        let id = SessionId::random();
        engine.handle(id, from_web("hi")).await.expect("a turn");
    }
    office.channel.has_sent(50).await;
    // Some find the line full and come with the next look. One second for each would be fifty.
    assert!(began.elapsed() < millis(2_000), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_when_it_is_struck_off_is_asked_again_and_nothing_is_sent_twice() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    office.store.is_away(true);
    sleep(millis(3_000)).await;
    office.store.is_away(false);
    sleep(millis(15_000)).await;
    assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (1, 0));
    works(&engine).await;
    yield_now().await;
    assert_eq!(office.channel.tries().len(), 1);
}

/// Notes when the first commit of each session was answered.
#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<HashMap<SessionId, Instant>>>);

impl Observer for Stopwatch {
    fn call_ended(&self, call: &CallEnded<'_>) {
        if let (Verb::Commit, Some(id)) = (call.verb, call.session) {
            self.0.lock().expect("a lock").entry(id).or_insert_with(Instant::now);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures: cargo test -p flow-system-tests --all-features --test system from_commit -- --ignored --nocapture"]
async fn from_commit_to_hand_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    let stores: [(&str, Arc<dyn Store>); 2] = [("memory", Arc::new(MemoryStore::new())), ("sqlite", Arc::new(sqlite))];
    for (name, store) in stores {
        let (watch, channel) = (Stopwatch::default(), RecordingChannel::new());
        let builder = Postman::engine(Clerk::default()).channel("web", channel.clone()).observer(watch.clone());
        let engine = builder.store(store);
        let _worker = at_work(engine.worker()).await;
        let (mut returned, mut handed_over) = (Vec::new(), Vec::new());
        for number in 1..=1_000 {
            let id = SessionId::random();
            engine.handle(id, from_web("hi")).await.expect("a turn");
            let answered = Instant::now();
            let committed = watch.0.lock().expect("a lock")[&id];
            returned.push(answered - committed);
            while channel.tries().len() < number {
                sleep(millis(1)).await;
            }
            handed_over.push(channel.tries()[number - 1].at.saturating_duration_since(committed));
        }
        for (what, mut times) in [("returned", returned), ("handed over", handed_over)] {
            times.sort();
            println!("{name}: {what} p50 {:?}, p99 {:?}", times[500], times[990]);
        }
        assert!(engine.shutdown(millis(10_000)).await.is_complete());
    }
}
