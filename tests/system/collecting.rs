//! Replies that wait for a visitor who comes for them: on the session's shelf, in order, within a bound, however often they are collected.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Bookmark, Collection, Collector, Deadlines, Engine,
    engine::{Heard, Shelf},
};
use tokio::{
    sync::Semaphore,
    time::{advance, sleep, timeout},
};

use crate::{
    meddler::Meddling,
    post_office::{Office, Postman, at_work, from_web, works},
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An engine of the office whose web is collected from.
fn collected(office: &Office, shelf: Shelf) -> Engine<Postman> {
    office.built(office.builder().collected("web", shelf))
}

fn texts(collection: &Collection) -> Vec<&str> {
    collection.replies.iter().map(|said| said.reply.text()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_said_waits_in_order_and_is_sent_by_nobody() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    let _worker = at_work(engine.worker()).await;
    for what in ["hi", "both a", "b"] {
        office.says(&engine, what).await;
    }
    sleep(seconds(60)).await;
    let all = engine.collect(office.id, None).await.expect("a shelf");
    assert_eq!(texts(&all), ["What is it?", "a 1", "a 2", "b"]);
    assert_eq!(engine.collect(office.id, None).await.expect("a shelf"), all);
    let after = engine.collect(office.id, Some(all.replies[1].bookmark)).await.expect("a shelf");
    assert_eq!((texts(&after), after.missed), (vec!["a 2", "b"], 0));
    let nothing = engine.collect(office.id, Some(all.replies[3].bookmark)).await.expect("a shelf");
    assert_eq!(nothing, Collection::default());
    let session = engine.peek(office.id).await.expect("readable").expect("there");
    assert_eq!((session.uncollected(), session.pending(), session.wake_at()), (4, 0, None));
    assert!(office.channel.tries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_visitor_has_is_taken_off_by_the_message_that_says_so() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    office.says(&engine, "hi").await;
    office.says(&engine, "both a").await;
    let has = engine.collect(office.id, None).await.expect("a shelf").replies[1].bookmark;
    engine.handle(office.id, from_web("b").with_collected(has)).await.expect("a turn");
    let left = engine.collect(office.id, None).await.expect("a shelf");
    assert_eq!(texts(&left), ["a 2", "b"]);
    assert_eq!(engine.collect(office.id, Some(has)).await.expect("a shelf"), left);
    assert_eq!(engine.stats().uncollected, 0);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_bound_the_oldest_goes_which_is_counted_and_told_to_who_has_not_had_it() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default().replies(3));
    office.says(&engine, "hi").await;
    let has = engine.collect(office.id, None).await.expect("a shelf").replies[0].bookmark;
    for what in ["a", "b", "c", "d", "e"] {
        office.says(&engine, what).await;
    }
    let left = engine.collect(office.id, Some(has)).await.expect("a shelf");
    assert_eq!((texts(&left), left.missed), (vec!["c", "d", "e"], 2));
    assert_eq!(engine.stats().uncollected, 3);

    let small = collected(&office, Shelf::default().bytes(1));
    office.says(&small, "f").await;
    assert_eq!(texts(&small.collect(office.id, None).await.expect("a shelf")), ["f"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_worker_elsewhere_says_waits_as_well() {
    let office = Office::new();
    let (engine, elsewhere) = (collected(&office, Shelf::default()), collected(&office, Shelf::default()));
    office.says(&engine, "hi").await;
    office.says(&engine, "ring 60").await;
    sleep(seconds(61)).await;
    works(&elsewhere).await;
    let all = engine.collect(office.id, None).await.expect("a shelf");
    assert_eq!(texts(&all), ["What is it?", "It will ring.", "Ring!", "Ring again!"]);
}

#[tokio::test(start_paused = true)]
async fn the_apology_for_a_handler_that_failed_waits_if_the_message_was_accepted() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    engine.accept(office.id, from_web("hi").with_id("1")).await.expect("accepted");
    engine.accept(office.id, from_web("fail for once").with_id("2")).await.expect("accepted");
    let all = engine.collect(office.id, None).await.expect("a shelf");
    assert_eq!(all.replies.len(), 2, "{:?}", texts(&all));
    assert_eq!(engine.peek(office.id).await.expect("readable").expect("there").pending(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_put_on_what_came_meanwhile_lays_its_replies_there_once() {
    let office = Office::new();
    let (engine, elsewhere) = (collected(&office, Shelf::default()), collected(&office, Shelf::default()));
    office.says(&engine, "hi").await;
    let thinks = engine.handle(office.id, from_web("think 10"));
    let meddles = async {
        sleep(seconds(5)).await;
        elsewhere.extend(office.id).await.expect("no turn");
    };
    let (thought, ()) = tokio::join!(thinks, meddles);
    thought.expect("a turn");
    assert_eq!(office.clerk.asked(), ["think 10"]);
    let all = engine.collect(office.id, None).await.expect("a shelf");
    assert_eq!(texts(&all), ["What is it?", "Done."]);
    assert_eq!(engine.collect(office.id, Some(all.replies[1].bookmark)).await.expect("a shelf"), Collection::default());
}

#[tokio::test(start_paused = true)]
async fn to_the_bookmark_of_a_session_that_is_gone_everything_is_new() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    office.says(&engine, "hi").await;
    office.says(&engine, "a").await;
    let had = engine.collect(office.id, None).await.expect("a shelf").replies[0].bookmark;
    engine.remove(office.id).await.expect("removed");
    assert_eq!(engine.collect(office.id, Some(had)).await.expect("no session"), Collection::default());
    office.says(&engine, "hi again").await;
    assert_eq!(texts(&engine.collect(office.id, Some(had)).await.expect("a shelf")), ["What is it?"]);
    let nowhere: Bookmark = "99-00000000".parse().expect("a bookmark");
    assert_eq!(texts(&engine.collect(office.id, Some(nowhere)).await.expect("a shelf")), ["What is it?"]);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_collected_from_now_has_what_it_was_to_send_before() {
    let office = Office::new();
    let before = office.engine();
    office.says(&before, "hi").await;
    office.says(&before, "a").await;
    let engine = collected(&office, Shelf::default());
    works(&engine).await;
    assert_eq!(texts(&engine.collect(office.id, None).await.expect("a shelf")), ["What is it?", "a"]);
    assert!(office.channel.tries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_collector_hears_what_waits_and_then_what_is_said_and_asks_the_store_nothing_more() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    office.says(&engine, "hi").await;
    let mut collector = engine.collector(office.id, None);
    let mut heard = Vec::new();
    for _ in 0..2 {
        heard.push(told(collector.next().await.expect("a shelf")));
    }
    assert_eq!(heard, ["What is it?", "ready"]);
    // What was said before the store was listened to is looked for once.
    assert!(timeout(seconds(1), collector.next()).await.is_err(), "nothing is said");
    let calls = office.store.calls();
    assert!(timeout(seconds(3600), collector.next()).await.is_err(), "nothing is said");
    assert_eq!(office.store.calls(), calls);

    office.says(&engine, "both a").await;
    let calls = office.store.calls();
    for text in ["a 1", "a 2"] {
        assert_eq!(told(collector.next().await.expect("a shelf")), text);
    }
    assert_eq!(office.store.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_collector_hears_that_an_answer_is_coming() {
    let office = Office::new();
    let deadlines = Deadlines::default().typing(seconds(1));
    let engine = office.built(office.builder().deadlines(deadlines).collected("web", Shelf::default()));
    office.says(&engine, "hi").await;
    let mut collector = engine.collector(office.id, None);
    assert_eq!(told(collector.next().await.expect("a shelf")), "What is it?");
    assert_eq!(told(collector.next().await.expect("a shelf")), "ready");
    let thinking = tokio::spawn(async move { engine.handle(office.id, from_web("think 10")).await.expect("a turn") });
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != "Done.") {
        heard.push(told(collector.next().await.expect("a shelf")));
    }
    assert_eq!(heard, ["…", "…", "…", "Done."]);
    thinking.await.expect("a turn");
}

#[tokio::test(start_paused = true)]
async fn collectors_of_one_session_hear_the_same_and_a_wait_that_is_given_up_loses_nothing() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    let mut collectors = [engine.collector(office.id, None), engine.collector(office.id, None)];
    for collector in &mut collectors {
        assert_eq!(told(collector.next().await.expect("a shelf")), "ready");
    }
    office.says(&engine, "hi").await;
    for what in ["a", "b", "c"] {
        for collector in &mut collectors {
            // Dropped as soon as it waits.
            let _ = timeout(Duration::ZERO, collector.next()).await.map(|heard| told(heard.expect("a shelf")));
            advance(seconds(1)).await;
        }
        office.says(&engine, what).await;
    }
    for mut collector in collectors {
        let mut last = String::new();
        while last != "c" {
            last = told(collector.next().await.expect("a shelf"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_after_all_before_it_was_taken_off_is_heard_without_asking_the_store() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    office.says(&engine, "hi").await;
    let has = engine.collect(office.id, None).await.expect("a shelf").replies[0].bookmark;
    let mut collector = engine.collector(office.id, Some(has));
    assert_eq!(told(collector.next().await.expect("a shelf")), "ready");
    assert!(timeout(seconds(1), collector.next()).await.is_err(), "nothing is said");
    engine.handle(office.id, from_web("a").with_collected(has)).await.expect("a turn");
    let calls = office.store.calls();
    assert_eq!(told(collector.next().await.expect("a shelf")), "a");
    assert_eq!(office.store.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_begins_anew_under_a_collector_that_is_slow_is_heard_from_its_first_reply() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    office.says(&engine, "hi").await;
    let mut collector = engine.collector(office.id, None);
    for text in ["What is it?", "ready"] {
        assert_eq!(told(collector.next().await.expect("a shelf")), text);
    }
    assert!(timeout(seconds(1), collector.next()).await.is_err(), "nothing is said");
    engine.remove(office.id).await.expect("removed");
    office.says(&engine, "hi again").await;
    office.says(&engine, "a").await;
    for text in ["What is it?", "a"] {
        assert_eq!(told(collector.next().await.expect("a shelf")), text);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_elsewhere_is_heard_at_once_though_a_turn_here_was_given_up_in_the_middle_of_its_write() {
    let office = Office::new();
    let (engine, elsewhere) = (collected(&office, Shelf::default()), collected(&office, Shelf::default()));
    office.says(&engine, "hi").await;
    let mut collector = engine.collector(office.id, None);
    for text in ["What is it?", "ready"] {
        assert_eq!(told(collector.next().await.expect("a shelf")), text);
    }
    assert!(timeout(seconds(1), collector.next()).await.is_err(), "nothing is said");
    office.store.next_commit(Meddling::Hang);
    // Whoever waited for its answer has gone.
    timeout(Duration::from_millis(10), engine.handle(office.id, from_web("a"))).await.expect_err("it hangs");
    office.says(&elsewhere, "b").await;
    let heard = timeout(seconds(1), collector.next()).await.expect("within a second").expect("a shelf");
    assert_eq!(told(heard), "b");
}

fn told(heard: Heard) -> String {
    match heard {
        Heard::Reply(said) => said.reply.text().to_owned(),
        Heard::Missed(count) => format!("missed {count}"),
        Heard::Ready => "ready".to_owned(),
        Heard::Typing => "…".to_owned(),
        _ => "?".to_owned(),
    }
}

/// A commit is tried so often at most before its turn gives up.
const TRIES: usize = 100;

/// A collector that has heard the question, and is ready.
async fn listening(office: &Office, engine: &Engine<Postman>) -> Collector<Postman> {
    office.says(engine, "hi").await;
    let mut collector = engine.collector(office.id, None);
    assert_eq!(hears(&mut collector).await, "What is it?");
    assert_eq!(collector.next().await.expect("readable"), Heard::Ready);
    // What it looks for once it listens is nothing.
    assert_eq!(may_hear(&mut collector).await, None, "nothing was said");
    collector
}

/// What is said next, which must come soon. A store that was away is asked again.
async fn hears(collector: &mut Collector<Postman>) -> String {
    may_hear(collector).await.expect("something is heard")
}

async fn may_hear(collector: &mut Collector<Postman>) -> Option<String> {
    let hearing = async {
        loop {
            match collector.next().await {
                Ok(Heard::Reply(said)) => return said.reply.text().to_owned(),
                Ok(other) => panic!("{other:?}"),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    };
    timeout(seconds(20), hearing).await.ok()
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_though_no_answer_came_is_heard() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    let mut collector = listening(&office, &engine).await;
    office.store.next_commit(Meddling::LoseAnswer);
    for _ in 0..TRIES {
        office.store.next_commit(Meddling::LoseRequest);
    }
    engine.handle(office.id, from_web("a")).await.expect_err("nobody knows whether it is stored");
    assert_eq!(hears(&mut collector).await, "a");
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_late_and_told_by_nobody_is_heard_when_its_message_comes_again() {
    let office = Office::new();
    let engine = collected(&office, Shelf::default());
    let mut collector = listening(&office, &engine).await;
    let (message, late) = (|| from_web("a").with_id("7"), Arc::new(Semaphore::new(0)));
    office.store.next_commit(Meddling::ApplyLate(Arc::clone(&late)));
    for _ in 0..TRIES {
        office.store.next_commit(Meddling::LoseRequest);
    }
    engine.handle(office.id, message()).await.expect_err("it is neither stored nor refused");
    assert_eq!(may_hear(&mut collector).await, None, "nothing is stored");
    late.add_permits(1);
    assert_eq!(may_hear(&mut collector).await, None, "nobody has told of it");
    office.store.leave_alone();
    assert!(engine.handle(office.id, message()).await.expect("it is known").is_repeat());
    assert_eq!(hears(&mut collector).await, "a");
}
