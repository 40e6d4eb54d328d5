//! What platforms tell of replies that they were sent: a receipt ends a doubt, or says that a reply has failed after all.

use std::time::Duration;

use flow_core::{
    Address, Deadlines, Engine, Fate, Key, SessionId, Stamp,
    engine::{Became, Doubt, Noted},
};
use flow_testkit::RecordingChannel;
use tokio::time::sleep;

use crate::{
    log::{listen, logged},
    post_office::{Office, Postman, PostmanSignal, at_work, from_web},
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn failed(reason: &str) -> Became {
    Became::Failed(reason.to_owned())
}

impl Office {
    /// The platform tells this process what became of the reply with this key.
    async fn tells(&self, engine: &Engine<Postman>, key: Key, became: Became) -> Noted {
        engine.take_receipt(key, &Address::new("web", "visitor-7"), &became).await.expect("the store")
    }

    /// The key of the first, second, … try.
    fn key_of(&self, number: usize) -> Key {
        self.channel.tries()[number].outgoing.key
    }

    /// An engine whose flow hears of receipts.
    fn hearing(&self) -> Engine<Postman> {
        self.built(self.telling().tell_receipts(|address, became| {
            assert_eq!(address.place(), "visitor-7");
            (*became != Became::Sent).then(|| PostmanSignal::Receipt(became.name().to_owned()))
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_is_known_to_be_sent_by_a_receipt_that_another_process_is_told() {
    for became in [Became::Sent, Became::Delivered, Became::Read] {
        let office = Office::new();
        let (engine, other) = (office.engine(), office.engine());
        office.channel.answers(Err(Fate::in_doubt("no answer")));
        let _worker = at_work(engine.worker()).await;
        office.says(&engine, "both a").await;
        sleep(Duration::from_millis(100)).await;
        assert_eq!((office.channel.tries().len(), office.pending(&other).await), (1, 1));
        office.says(&engine, "both b").await;
        assert_eq!(office.tells(&other, office.key_of(0), became).await, Noted::Stored);
        // The next ones need not wait for the pause after the try.
        sleep(seconds(2)).await;
        assert_eq!(office.channel.texts(), ["b 1", "b 2"]);
        sleep(seconds(60)).await;
        assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (3, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_comes_before_the_answer_to_the_sending_counts() {
    let office = Office::with(RecordingChannel::new().taking(seconds(60)));
    let engine = office.built(office.builder().deadlines(Deadlines::default().hook(seconds(3))));
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    sleep(seconds(1)).await;
    assert_eq!(office.tells(&office.engine(), office.key_of(0), Became::Sent).await, Noted::Stored);
    sleep(seconds(60)).await;
    assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_process_had_sent_before_it_died_is_not_sent_again_and_what_came_after_it_goes_on() {
    let office = Office::new();
    let engine = office.engine();
    let worker = at_work(engine.worker()).await;
    office.says(&engine, "both a").await;
    office.channel.has_sent(1).await;
    worker.abort();
    drop(engine);
    let second = office.engine();
    office.tells(&second, office.key_of(0), Became::Delivered).await;
    office.says(&second, "both b").await;
    let _worker = at_work(second.worker()).await;
    sleep(seconds(60)).await;
    assert_eq!(office.channel.texts(), ["What is it?", "b 1", "b 2"]);
    assert_eq!((office.pending(&second).await, office.set_aside(&second).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_set_aside_in_doubt_is_no_dead_letter_once_it_is_known_to_be_there() {
    let office = Office::with(RecordingChannel::new().in_doubt_doing(Doubt::SetAside));
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.channel.answers(Err(Fate::in_doubt("no answer")));
    office.says(&engine, "hi").await;
    sleep(seconds(3)).await;
    assert_eq!(office.set_aside(&engine).await, 1);
    office.tells(&engine, office.key_of(0), Became::Delivered).await;
    assert_eq!(office.set_aside(&engine).await, 0);
}

#[tokio::test(start_paused = true)]
async fn receipts_that_say_what_the_record_says_write_nothing() {
    let office = Office::new();
    let (engine, other) = (office.engine(), office.engine());
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    let (key, writes) = (office.key_of(0), office.store.writes());
    // In the process that has sent it, and where it is struck off.
    assert_eq!(office.tells(&engine, key, Became::Sent).await, Noted::Stored);
    assert_eq!(office.store.writes(), writes);
    sleep(seconds(3)).await;
    let writes = office.store.writes();
    for engine in [&engine, &other] {
        for became in [Became::Sent, Became::Delivered, Became::Read, failed("nobody is told")] {
            assert_eq!(office.tells(engine, key, became).await, Noted::Stored);
        }
    }
    assert_eq!(office.store.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn what_fails_after_it_was_taken_is_heard_once_by_the_flow_however_often_it_is_told() {
    let office = Office::new();
    let (engine, other) = (office.built(office.telling()), office.built(office.telling()));
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    sleep(seconds(3)).await;
    listen();
    let key = office.key_of(0);
    for _ in 0..3 {
        let told =
            tokio::join!(office.tells(&engine, key, failed("canary")), office.tells(&other, key, failed("canary")));
        assert_eq!(told, (Noted::Stored, Noted::Stored));
        sleep(seconds(3)).await;
    }
    assert_eq!(office.clerk.asked(), ["unreachable: canary"]);
    // What the flow says to that is not sent where nothing arrives.
    assert_eq!((office.channel.tries().len(), office.pending(&engine).await), (1, 0));
    let logged = logged();
    assert!(logged.contains("a platform has given up a reply that it had taken"), "{logged}");
    assert!(!logged.contains("canary") && !logged.contains("visitor-7"), "{logged}");
    // Many turns later it is still known.
    for turn in 0..100 {
        office.says(&engine, &turn.to_string()).await;
    }
    office.tells(&other, key, failed("canary")).await;
    sleep(seconds(3)).await;
    assert_eq!(office.clerk.asked().iter().filter(|asked| asked.starts_with("unreachable")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_fails_while_its_record_lists_it_is_a_dead_letter_and_no_try_that_comes_back_says_otherwise() {
    let office = Office::new();
    let (engine, other) = (office.engine(), office.engine());
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    // Before this process has struck off what it sent.
    office.tells(&other, office.key_of(0), failed("no such number")).await;
    sleep(seconds(5)).await;
    // And told in the wrong order.
    office.tells(&other, office.key_of(0), Became::Sent).await;
    let letters = engine.peek(office.id).await.expect("readable").expect("there").set_aside();
    assert_eq!((letters.len(), &*letters[0].kind, &*letters[0].error), (1, "reply", "no such number"));
    assert_eq!(office.pending(&engine).await, 0);
    let ana = engine.operator(flow_core::By::new("ana", "a test"));
    assert_eq!(ana.retry(office.id).await.expect("a session"), 1);
    sleep(seconds(5)).await;
    assert_eq!((office.channel.tries().len(), office.set_aside(&engine).await), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_wants_to_hears_each_kind_of_receipt_once_and_none_of_what_it_says_to_one() {
    let office = Office::new();
    let (engine, other) = (office.hearing(), office.hearing());
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    for engine in [&engine, &other, &engine] {
        for became in [Became::Sent, Became::Read] {
            assert_eq!(office.tells(engine, office.key_of(0), became).await, Noted::Stored);
        }
    }
    assert_eq!(office.clerk.asked(), ["receipt: read"]);
    assert_eq!(office.channel.has_sent(2).await, ["What is it?", "You have read it."]);
    // It would go round for ever.
    assert_eq!(office.tells(&other, office.key_of(1), Became::Read).await, Noted::Stored);
    // What fails is told as it always was.
    office.tells(&other, office.key_of(0), failed("gone")).await;
    sleep(seconds(5)).await;
    assert_eq!(office.clerk.asked(), ["receipt: read", "unreachable: gone"]);
    assert_eq!(office.channel.tries().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_over_which_the_handler_fails_is_to_be_told_again_and_one_that_nobody_takes_is_dropped() {
    let office = Office::new();
    let engine = office.hearing();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    for _ in 0..2 {
        assert_eq!(office.tells(&engine, office.key_of(0), Became::Delivered).await, Noted::Failed);
    }
    assert_eq!(office.clerk.asked(), ["receipt: delivered", "receipt: delivered"]);
    // Where the conversation has ended nobody listens.
    office.says(&engine, "bye").await;
    assert_eq!(office.tells(&engine, office.key_of(0), Became::Delivered).await, Noted::Stored);
    assert_eq!(office.clerk.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_of_what_nobody_has_said_is_nothing() {
    let office = Office::new();
    let engine = office.hearing();
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    sleep(seconds(3)).await;
    let writes = office.store.writes();
    let later = Stamp { version: 4_711, ..Stamp::first() };
    for key in [Key::new(SessionId::random(), Stamp::first(), 0), Key::new(office.id, later, 0)] {
        for became in [Became::Sent, Became::Read, failed("x")] {
            assert_eq!(office.tells(&engine, key, became).await, Noted::Nothing);
        }
    }
    assert_eq!((office.store.writes(), office.clerk.asked().len()), (writes, 0));
    // Of a channel that has not sent it, it strikes off nothing.
    let silent = office.engine();
    office.channel.answers(Err(Fate::in_doubt("no answer")));
    engine.handle(office.id, from_web("again")).await.expect("a turn");
    sleep(Duration::from_millis(100)).await;
    let elsewhere = Address::new("fax", "visitor-7");
    silent.take_receipt(office.key_of(1), &elsewhere, &Became::Sent).await.expect("the store");
    assert_eq!(office.pending(&silent).await, 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_a_receipt_is_refused() {
    let office = Office::new();
    let engine = office.engine();
    let _worker = at_work(engine.worker()).await;
    office.channel.answers(Err(Fate::in_doubt("no answer")));
    office.says(&engine, "hi").await;
    sleep(Duration::from_millis(100)).await;
    let address = Address::new("web", "visitor-7");
    office.store.is_away(true);
    engine.take_receipt(office.key_of(0), &address, &Became::Sent).await.expect_err("no store");
    office.store.is_away(false);
    sleep(seconds(5)).await;
}
