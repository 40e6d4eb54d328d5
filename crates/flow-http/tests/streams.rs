//! Replies as they are said: in order, each once, resumed where a connection broke, and from whichever process they come.

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use flow_core::By;
use flow_http::Limits;
use support::Salon;
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn a_stream_tells_what_waits_and_then_what_is_said_and_is_resumed_where_it_broke() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    let mut stream = ana.listens(None).await;
    let first = stream.next().await.expect("a reply");
    assert_eq!((&*first.kind, first.data["text"].as_str()), ("reply", Some("Hair or nails?")));
    assert_eq!(stream.hears().await, "ready");
    ana.says("2", "hair").await;
    assert_eq!(stream.hears().await, "Your name?");
    drop(stream);
    ana.says("3", "Ana").await;
    let mut resumed = ana.listens(first.id.as_deref()).await;
    for said in ["Your name?", "See you, Ana.", "ready"] {
        assert_eq!(resumed.hears().await, said);
    }
}

#[tokio::test]
async fn what_another_process_or_a_worker_says_is_heard_within_a_second() {
    let here = Salon::new();
    let elsewhere = Salon::over(Arc::clone(&here.store), Limits::default());
    let ana = here.visitor().await;
    let mut stream = ana.listens(None).await;
    assert_eq!(stream.hears().await, "ready");
    let there = elsewhere.with_token(ana.token());
    let began = Instant::now();
    there.says("1", "hello").await;
    assert_eq!(stream.hears().await, "Hair or nails?");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    there.says("2", "nails").await;
    assert_eq!(stream.hears().await, "Your name?");
    let worker = elsewhere.engine.worker().pause(Duration::from_millis(50)).start();
    assert_eq!(timeout(Duration::from_secs(5), stream.hears()).await.expect("a reminder"), "Are you there?");
    worker.abort();

    let kai = elsewhere.engine.operator(By::new("kai", "she is on the telephone"));
    kai.pause(here.session_of(&ana)).await.expect("paused");
    kai.say(here.session_of(&ana), "Kai here: one moment.").await.expect("said");
    assert_eq!(stream.hears().await, "Kai here: one moment.");
}

#[tokio::test]
async fn a_slow_answer_is_announced_and_every_tab_hears_it_once() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    ana.says("2", "hair").await;
    let mut tabs = [ana.listens(None).await, ana.listens(None).await];
    for tab in &mut tabs {
        for said in ["Hair or nails?", "Your name?", "ready"] {
            assert_eq!(tab.hears().await, said);
        }
    }
    assert_eq!(ana.says("3", "slow 2500").await.0, StatusCode::ACCEPTED);
    let [mut first, mut second] = tabs;
    assert_eq!(first.hears().await, "typing");
    assert_eq!(first.hears().await, "That took its time.");
    // This one has not looked meanwhile: nothing is coming any more.
    assert_eq!(second.hears().await, "That took its time.");
}

#[tokio::test]
async fn ten_messages_at_once_are_answered_in_order_to_who_listens() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    let mut stream = ana.listens(None).await;
    assert_eq!(stream.hears().await, "ready");
    let said: Vec<_> = (0..10).map(|message| ana.clone().spawn_says(message)).collect();
    for task in said {
        task.await.expect("said");
    }
    for place in 0..10 {
        let event = stream.next().await.expect("a reply");
        let number = event.id.expect("an id").split_once('-').expect("a number").0.parse::<u64>().expect("a number");
        assert_eq!(number, place + 1);
    }
}

#[tokio::test]
async fn streams_are_bounded_and_end_when_the_site_does() {
    let salon = Salon::limited(Limits::default().streams_each(1));
    let ana = salon.visitor().await;
    let mut stream = ana.listens(None).await;
    assert_eq!(stream.hears().await, "ready");
    let second = ana.with_header("accept", "text/event-stream").answer(Method::GET, "/chat/replies", None).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    salon.site.close();
    assert_eq!(timeout(Duration::from_secs(1), stream.next()).await.expect("it ends"), None);
    drop(stream);
}

#[tokio::test]
async fn a_stream_ends_while_the_store_is_away_and_goes_on_from_there() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    salon.store.mood.goes_away();
    let mut stream = ana.listens(None).await;
    assert_eq!(stream.next().await, None);
    salon.store.mood.comes_back();
    // It may be asked again as soon as the engine tries it again: a client comes until then.
    let mut again = ana.listens(None).await.next().await;
    while again.is_none() {
        sleep(Duration::from_millis(100)).await;
        again = ana.listens(None).await.next().await;
    }
    assert_eq!(again.expect("a reply").data["text"], "Hair or nails?");
}
