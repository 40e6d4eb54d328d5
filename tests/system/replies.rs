//! Replies that arrive: stored with their turn, sent to where the message came from, in order, each under a key of its own.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use flow_core::{Address, By, Deadlines, Fate, Input, Retries, Secret, SessionId, engine::Scope};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::RecordingChannel;
use tokio::time::{Instant, sleep, timeout};

use crate::post_office::{Office, Postman, PostmanSignal, at_work, from_web, is_unknown_channel, works};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_reply_goes_to_the_address_of_its_message_and_stands_in_the_outcome_all_the_same() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    assert_eq!(office.says(&engine, "hi").await.texts(), ["What is it?"]);
    assert_eq!(office.channel.has_sent(1).await, ["What is it?"]);
    let elsewhere = Address::new("web", "visitor-7, at work");
    engine.handle(office.id, Input::text("a").with_address(elsewhere.clone())).await.expect("a turn");
    office.channel.has_sent(2).await;
    let addresses: Vec<_> = office.channel.sent().into_iter().map(|outgoing| outgoing.address).collect();
    assert_eq!(addresses, [Address::new("web", "visitor-7"), elsewhere.clone()]);
    let session = engine.peek(office.id).await.expect("readable").expect("there");
    assert_eq!(session.address(), Some(&elsewhere));
    assert_eq!(office.says(&engine, "where").await.texts(), ["web"]);
}

#[tokio::test(start_paused = true)]
async fn without_an_address_nothing_is_promised_and_the_record_reads_as_before() {
    let office = Office::new();
    let with_a_channel = office.engine();
    with_a_channel.handle(office.id, "hi").await.expect("a turn");
    with_a_channel.handle(office.id, "both a").await.expect("a turn");
    let exported = with_a_channel.export(office.id).await.expect("readable").expect("there");
    let record = exported["record"].to_string();
    for word in ["address", "reply", "pending\":[{", "reaches", "doubted"] {
        assert!(!record.contains(word), "{word}: {record}");
    }
    assert!(office.channel.tries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_address_at_a_channel_that_the_engine_does_not_know_is_refused_and_nothing_is_stored() {
    let office = Office::new();
    let engine = office.engine();
    let lost = Input::text("hi").with_address(Address::new("fax", "canary"));
    let error = engine.handle(office.id, lost).await.expect_err("refused");
    assert!(is_unknown_channel(&error), "{error:?}");
    assert_eq!(error.to_string(), "the engine has no channel of the name \"fax\": give it one on its builder");
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!((office.store.calls(), office.clerk.asked().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn each_reply_has_a_key_of_its_own_and_one_that_fails_has_none_before_it_sent_again() {
    let office = Office::new();
    let engine = office.built(office.builder().retries(Retries::default().pause(seconds(5))));
    office.channel.answers(Ok(()));
    office.channel.answers(Ok(()));
    office.channel.answers(Err(std::io::Error::other("no line").into()));
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.says(&engine, "both a").await;
    office.says(&engine, "b").await;
    assert_eq!(office.channel.has_sent(4).await, ["What is it?", "a 1", "a 2", "b"]);
    let tries = office.channel.tries();
    let keys: BTreeSet<_> = tries.iter().map(|a_try| a_try.outgoing.key).collect();
    assert_eq!((tries.len(), keys.len()), (5, 4));
    assert_eq!(tries[2].outgoing.key, tries[3].outgoing.key);
    assert!(tries[3].at - tries[2].at >= seconds(5));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_down_holds_up_no_other_and_no_effect() {
    let office = Office::new();
    let mail = RecordingChannel::new();
    let engine = office.built(office.builder().channel("mail", mail.clone()));
    let _worker = at_work(engine.worker()).await;
    for _ in 0..100 {
        office.channel.answers(Err(std::io::Error::other("down").into()));
    }
    office.says(&engine, "hi").await;
    office.says(&engine, "mail a").await;
    let stored = Instant::now();
    let by_mail = Input::text("b").with_address(Address::new("mail", "ana@example.com"));
    engine.handle(office.id, by_mail).await.expect("a turn");
    mail.has_sent(1).await;
    assert!(stored.elapsed() < Duration::from_millis(50), "{:?}", stored.elapsed());
    assert_eq!(office.clerk.mailed.lock().expect("a lock").len(), 1);
    assert!(office.channel.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_bot_says_of_its_own_accord_goes_to_where_the_session_was_last_reached() {
    let office = Office::new();
    let engine = office.built(office.builder().on_announcement(|_| async { Err::<(), _>("not by a hook") }));
    let _worker = at_work(engine.worker()).await;
    for what in ["hi", "ring 60"] {
        office.says(&engine, what).await;
    }
    office.channel.has_sent(2).await;
    // By another way in, whose answer only its caller waits for.
    assert_eq!(engine.handle(office.id, "ring 30").await.expect("a turn").texts(), ["It will ring."]);
    let texts = timeout(seconds(60), office.channel.has_sent(4)).await.expect("it rings");
    assert_eq!(texts[2..], ["Ring!", "Ring again!"]);
    let keys: BTreeSet<_> = office.channel.sent().into_iter().map(|outgoing| outgoing.key).collect();
    assert_eq!(keys.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_replies_to_a_signal_and_to_an_operators_hand_go_to_where_the_session_was_last_reached() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    assert_eq!(engine.signal(office.id, PostmanSignal::Paid).await.expect("a turn").texts(), ["It is paid."]);
    engine.operator(By::new("ana", "a test")).force(office.id, Postman::Home).await.expect("a turn");
    assert_eq!(office.channel.has_sent(3).await, ["What is it?", "It is paid.", "Bye."]);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_not_sent_again_and_an_apology_is_the_callers() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    for expected in [false, true, true] {
        let message = from_web("a").with_id("update 1");
        let outcome = engine.handle(office.id, message).await.expect("a turn");
        assert_eq!((outcome.is_repeat(), outcome.texts()), (expected, vec!["a"]));
    }
    let apology = office.says(&engine, "fail now").await;
    assert!(apology.is_failed() && apology.replies.len() == 1);
    sleep(seconds(60)).await;
    assert_eq!(office.channel.texts(), ["What is it?", "a"]);
}

#[tokio::test(start_paused = true)]
async fn replies_that_were_stored_and_not_sent_are_sent_by_another_process() {
    let office = Office::new();
    // It has no worker, and is gone after its commits.
    let first = office.engine();
    for what in ["hi", "both a"] {
        office.says(&first, what).await;
    }
    drop(first);
    let second = office.engine();
    works(&second).await;
    assert_eq!(office.channel.texts(), ["What is it?", "a 1", "a 2"]);
    assert_eq!(office.pending(&second).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_promised_to_a_channel_stays_for_a_process_that_has_it() {
    let office = Office::new();
    let first = office.engine();
    office.says(&first, "hi").await;
    let without = office.built(Postman::engine(office.clerk.clone()).clock(office.clock));
    works(&without).await;
    assert_eq!(office.pending(&without).await, 1);
    sleep(seconds(60)).await;
    works(&first).await;
    assert_eq!(office.channel.texts(), ["What is it?"]);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_waits_long_is_shown_that_an_answer_comes() {
    let office = Office::new();
    let deadlines = Deadlines::default().typing(seconds(2));
    let engine = office.built(office.builder().deadlines(deadlines));
    office.says(&engine, "hi").await;
    let began = Instant::now();
    office.says(&engine, "think 1").await;
    assert!(office.channel.typing_to().is_empty());
    office.says(&engine, "think 7").await;
    assert_eq!(office.channel.typing_to(), vec![Address::new("web", "visitor-7"); 2]);
    assert_eq!(began.elapsed().as_secs(), 8, "nothing waits for it");
    engine.handle(office.id, "think 7").await.expect("a turn");
    assert_eq!(office.channel.typing_to().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whose_message_is_accepted_is_shown_that_an_answer_is_coming_too() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    let slow = from_web("think 3");
    assert!(engine.accept(office.id, slow).await.expect("it is accepted").is_waiting());
    office.channel.has_sent(2).await;
    assert_eq!(office.channel.typing_to(), [Address::new("web", "visitor-7")]);
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_says_and_what_a_pause_owes_go_to_the_address_where_no_hook_takes_announcements() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    let operator = engine.operator(By::new("ana", "ticket 7"));
    operator.say(office.id, "This is Ana.").await.expect("a turn");
    assert_eq!(office.channel.has_sent(2).await[1..], ["This is Ana."]);
    operator.pause_for(office.id, seconds(60)).await.expect("a turn");
    engine.signal(office.id, PostmanSignal::Paid).await.expect("a turn");
    assert_eq!(timeout(seconds(300), office.channel.has_sent(3)).await.expect("the pause ends")[2..], ["It is paid."]);
}

#[tokio::test]
async fn replies_arrive_over_sqlite_and_over_redis() {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    let server = flow_proving::RedisServer::start();
    let redis = RedisStore::connect(&server.url()).await.expect("a server");
    let stores: [Arc<dyn flow_core::Store>; 2] = [Arc::new(sqlite), Arc::new(redis)];
    for store in stores {
        let (channel, clerk) = (RecordingChannel::new(), crate::post_office::Clerk::default());
        channel.answers(Err(Fate::again_after(seconds(1), Scope::Chat)));
        let built = || {
            let builder = Postman::engine(clerk.clone()).channel("web", channel.clone());
            builder.store(Arc::clone(&store))
        };
        let (first, second) = (built(), built());
        let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
        let id = SessionId::reached_at(&secret, &Address::new("web", "visitor-7"));
        for what in ["hi", "both a", "b"] {
            first.handle(id, from_web(what)).await.expect("a turn");
        }
        let worker = second.worker().pause(Duration::from_millis(50)).start();
        let texts = timeout(seconds(20), channel.has_sent(4)).await.expect("they arrive");
        assert_eq!(texts, ["What is it?", "a 1", "a 2", "b"]);
        assert!(second.shutdown(seconds(10)).await.is_complete());
        worker.await.expect("it ends");
        assert_eq!(first.peek(id).await.expect("readable").expect("there").pending(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_person_says_goes_by_the_channel_where_there_is_no_hook() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    engine.operator(crate::stage::by()).say(office.id, "A person speaks.").await.expect("it is said");
    assert_eq!(office.channel.has_sent(2).await, ["What is it?", "A person speaks."]);
}
