//! What becomes of a reply that is not sent: again after a time, never, in doubt.

use std::time::Duration;

use flow_core::{
    Deadlines, Fate, Limits, Retries, SessionId,
    engine::{Doubt, Found, Scope},
};
use flow_testkit::RecordingChannel;
use tokio::time::{Instant, sleep};

use crate::{
    log::{listen, logged},
    post_office::{Office, at_work, from_web, works},
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn retry_after_34_seconds_asks_again_after_34_seconds_and_in_this_chat_alone() {
    let office = Office::new();
    let engine = office.engine();
    for _ in 0..3 {
        office.channel.answers(Err(Fate::again_after(seconds(34), Scope::Chat)));
    }
    let _worker = at_work(engine.worker()).await;
    let other = SessionId::random();
    office.says(&engine, "hi").await;
    sleep(seconds(1)).await;
    engine.handle(other, from_web("hi")).await.expect("a turn");
    sleep(seconds(1)).await;
    assert_eq!(office.channel.tries().len(), 2, "only this chat waits, and the other is told so itself");
    office.channel.has_sent(2).await;
    let first = office.channel.tries()[0].outgoing.key;
    let tries: Vec<_> = office.channel.tries().into_iter().filter(|a_try| a_try.outgoing.key == first).collect();
    for pair in tries.windows(2) {
        let waited = pair[1].at - pair[0].at;
        assert!(waited >= seconds(34) && waited < seconds(36), "{waited:?}");
    }
    sleep(seconds(5)).await;
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_time_that_a_platform_says_to_wait_counts_as_no_try() {
    let office = Office::new();
    // The second try that fails would set it aside, and one does fail.
    let engine = office.built(office.builder().retries(Retries::default().tries(2)));
    for _ in 0..3 {
        office.channel.answers(Err(Fate::again_after(seconds(34), Scope::Chat)));
    }
    office.channel.answers(Err(std::io::Error::other("down").into()));
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    sleep(seconds(180)).await;
    assert_eq!((office.channel.tries().len(), office.channel.sent().len()), (5, 1));
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_whole_channel_that_rests_is_asked_by_no_session_and_others_go_on() {
    let office = Office::new();
    let mail = RecordingChannel::new();
    let builder = office.builder().channel("mail", mail.clone()).retries(Retries::default().tries(1));
    let engine = office.built(builder);
    office.channel.answers(Err(Fate::again_after(seconds(60), Scope::Channel)));
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    sleep(seconds(1)).await;
    let began = Instant::now();
    let writes = office.store.writes();
    for _ in 0..200 {
        engine.handle(SessionId::random(), from_web("hi")).await.expect("a turn");
    }
    let by_mail = flow_core::Input::text("hi").with_address(flow_core::Address::new("mail", "ana@example.com"));
    engine.handle(SessionId::random(), by_mail).await.expect("a turn");
    mail.has_sent(1).await;
    sleep(seconds(55)).await;
    assert_eq!(office.channel.tries().len(), 1, "nobody asked");
    assert_eq!(office.store.writes() - writes, 202, "a write for each turn, and one that strikes off the mail");
    office.channel.has_sent(201).await;
    assert!(began.elapsed() < seconds(70), "{:?}", began.elapsed());
    sleep(seconds(5)).await;
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn never_sets_aside_lets_the_later_ones_pass_and_is_heard_once_as_a_signal() {
    let office = Office::new();
    let engine = office.built(office.telling());
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    office.channel.answers(Err(Fate::never("blocked")));
    office.says(&engine, "both a").await;
    assert_eq!(office.channel.has_sent(2).await, ["What is it?", "a 2"]);
    sleep(seconds(3)).await;
    assert_eq!(office.clerk.asked(), ["both a", "unreachable: blocked"]);
    let session = engine.peek(office.id).await.expect("readable").expect("there");
    let letters = session.set_aside();
    assert_eq!((letters.len(), letters[0].kind.as_str(), letters[0].error.as_str()), (1, "reply", "blocked"));
    assert_eq!(session.pending(), 0);
    // What the flow said to that, the address that cannot be reached is not sent.
    sleep(seconds(3_600)).await;
    assert_eq!((office.channel.tries().len(), office.clerk.asked().len()), (3, 2));
    // Tried again by an operator, and refused again: it was heard already.
    office.channel.answers(Err(Fate::never("blocked")));
    assert_eq!(engine.operator(flow_core::By::new("ana", "a test")).retry(office.id).await.expect("a session"), 1);
    sleep(seconds(5)).await;
    assert_eq!((office.channel.tries().len(), office.clerk.asked().len()), (4, 2));
    assert_eq!(office.pending(&engine).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_can_never_be_reached_is_heard_all_the_same_and_the_oldest_that_was_said_to_them_goes() {
    let office = Office::new();
    let engine = office.built(office.builder().limits(Limits::default().undelivered(3)));
    let _worker = at_work(engine.worker()).await;
    for _ in 0..10 {
        office.channel.answers(Err(Fate::never("blocked")));
        office.says(&engine, "are you there?").await;
        sleep(seconds(3)).await;
    }
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (4, 0));
    assert_eq!(engine.stats().forgotten_replies, 6);
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_does_not_ask_to_be_told_is_not_told() {
    let office = Office::new();
    let engine = office.engine();
    office.channel.answers(Err(Fate::never("canary")));
    listen();
    office.says(&engine, "hi").await;
    works(&engine).await;
    works(&engine).await;
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (1, 0));
    assert!(office.clerk.asked().is_empty());
    let logged = logged();
    assert!(logged.contains("its channel will not send it") && !logged.contains("canary"), "{logged}");
    assert!(!logged.contains("visitor-7"), "{logged}");
}

#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_is_found_out() {
    for (found, tries) in [(Found::Sent, 1), (Found::NotSent, 2)] {
        let office = Office::new();
        let engine = office.engine();
        office.channel.answers(Err(Fate::in_doubt("no answer")));
        office.channel.finds(found);
        let _worker = at_work(engine.worker()).await;
        office.says(&engine, "hi").await;
        sleep(seconds(10)).await;
        assert_eq!((office.channel.tries().len(), office.channel.asked().len()), (tries, 1), "{found:?}");
        assert_eq!((office.pending(&engine).await, office.set_aside(&engine).await), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_yet_is_asked_for_once_more_before_it_is_sent_again() {
    for (found, tries) in [(Found::Sent, 1), (Found::Unknown, 2)] {
        let office = Office::new();
        let engine = office.engine();
        office.channel.answers(Err(Fate::in_doubt("no answer")));
        for found in [Found::Unknown, found] {
            office.channel.finds(found);
        }
        let _worker = at_work(engine.worker()).await;
        office.says(&engine, "both hi").await;
        sleep(seconds(10)).await;
        assert_eq!((office.channel.tries().len(), office.channel.asked().len()), (tries, 2), "{found:?}");
        assert_eq!(office.pending(&engine).await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_would_rather_not_send_twice_has_what_is_in_doubt_set_aside() {
    let office = Office::with(RecordingChannel::new().in_doubt_doing(Doubt::SetAside));
    let engine = office.built(office.telling());
    let _worker = at_work(engine.worker()).await;
    office.channel.answers(Err(Fate::in_doubt("no answer")));
    office.says(&engine, "hi").await;
    office.says(&engine, "both a").await;
    assert_eq!(office.channel.has_sent(2).await, ["a 1", "a 2"]);
    sleep(seconds(10)).await;
    assert_eq!((office.set_aside(&engine).await, office.pending(&engine).await), (1, 0));
    assert_eq!(office.clerk.asked(), ["both a"], "that it is unreachable, nobody knows");
}

#[tokio::test(start_paused = true)]
async fn a_send_that_takes_too_long_is_in_doubt() {
    let office = Office::with(RecordingChannel::new().taking(seconds(60)));
    let engine = office.built(office.builder().deadlines(Deadlines::default().hook(seconds(3))));
    office.channel.finds(Found::Sent);
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    sleep(seconds(30)).await;
    assert_eq!((office.channel.tries().len(), office.channel.asked().len()), (1, 1));
    assert_eq!(office.pending(&engine).await, 0);
}

#[tokio::test(start_paused = true)]
async fn all_that_a_process_may_have_sent_before_it_died_is_found_out_and_nothing_that_came_later() {
    let office = Office::with(RecordingChannel::new().in_doubt_doing(Doubt::SetAside));
    let engine = office.engine();
    let worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.channel.has_sent(1).await;
    sleep(seconds(5)).await;
    office.says(&engine, "both a").await;
    office.channel.has_sent(3).await;
    worker.abort();
    drop(engine);
    let second = office.engine();
    office.says(&second, "later").await;
    for found in [Found::Sent, Found::Unknown] {
        office.channel.finds(found);
    }
    let _worker = at_work(second.worker()).await;
    sleep(seconds(60)).await;
    let asked: Vec<_> = office.channel.asked().iter().map(|asked| asked.reply.text().to_owned()).collect();
    assert_eq!(asked, ["a 1", "a 2"]);
    assert_eq!(office.channel.texts(), ["What is it?", "a 1", "a 2", "later"]);
    assert_eq!((office.pending(&second).await, office.set_aside(&second).await), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn any_error_is_tried_again_as_the_retries_say_and_set_aside_in_the_end() {
    let office = Office::new();
    let retries = Retries::default().tries(3).pause(seconds(10));
    let engine = office.built(office.telling().retries(retries));
    for _ in 0..3 {
        office.channel.answers(Err(std::io::Error::other("down").into()));
    }
    let _worker = at_work(engine.worker()).await;
    office.says(&engine, "hi").await;
    office.says(&engine, "a").await;
    assert_eq!(office.channel.has_sent(1).await, ["a"]);
    sleep(seconds(5)).await;
    assert_eq!((office.channel.tries().len(), office.set_aside(&engine).await), (4, 1));
    assert_eq!(office.clerk.asked(), ["a"]);
}
