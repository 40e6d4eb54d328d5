//! Several visitors in one chat: in turn, at once, and in time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Engine, Input,
    engine::{CallEnded, Observer},
};
use flow_memory::MemoryStore;
use flow_testkit::{Chat, ManualClock};
use tokio::runtime;

use crate::salon::{Salon, Visit, chat};

#[tokio::test]
async fn two_visitors_stand_side_by_side_in_one_transcript() {
    let mut chat = chat();
    chat.visitor("ana").says(["hi"]).await.visitor("ben").says(["hello"]).await.presses("yes").await;
    chat.visitor("ana").says(["Yes"]).await.comes_again().await;
    chat.visitor("ben").says(["Yes"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn each_visitor_has_a_session_an_outcome_and_a_last_message_of_their_own() {
    let mut chat = chat();
    chat.visitor("ana").says(["hi"]).await.visitor("ben").says(["hello", "No"]).await;
    assert_eq!(chat.state().await, Some("LEFT"));
    let ben = chat.id();
    chat.visitor("ana");
    assert_ne!(chat.id(), ben);
    assert_eq!(chat.state().await, Some("QUESTION"));
    assert_eq!(chat.outcome().as_ref().expect("a turn").transitions.len(), 1);
    chat.comes_again().await;
    assert!(chat.outcome().as_ref().expect("a turn").is_repeat());
    assert_eq!(chat.visitor("ben").id(), ben);
}

#[tokio::test]
async fn who_is_named_first_wins_a_race() {
    for (first, second) in [("ana", "ben"), ("ben", "ana")] {
        let mut chat = chat();
        chat.says_at_once([("ana", "hi"), ("ben", "hello")]).await;
        chat.says_at_once([(first, "Yes"), (second, "Yes")]).await;
        assert_eq!(chat.visitor(first).state().await, Some("KEPT"));
        assert_eq!(chat.visitor(second).state().await, Some("QUESTION"));
    }
}

#[tokio::test]
async fn what_is_said_at_once_is_written_down_before_any_answer() {
    let mut chat = chat();
    chat.says_at_once([("ana", "hi"), ("ben", "hello")]).await.says_at_once([("ben", "Yes"), ("ana", "Yes")]).await;
    chat.sends_at_once([("ana", Input::button("no")), ("ben", Input::text("stop"))]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[test]
fn a_race_is_the_same_on_one_thread_and_on_several() {
    let race = || async {
        let mut chat = chat();
        chat.says_at_once([("ana", "hi"), ("ben", "hello"), ("cem", "hey")]).await;
        chat.says_at_once([("cem", "Yes"), ("ben", "Yes"), ("ana", "Yes")]).await;
        chat.says_at_once([("ben", "Yes"), ("ben", "No"), ("cem", "Yes")]).await;
        chat.transcript()
    };
    let alone = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let several = runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let told = alone.block_on(race());
    for _ in 0..20 {
        assert_eq!(several.block_on(race()), told);
    }
}

#[tokio::test]
async fn every_session_is_read_before_any_is_written() {
    let (clock, calls) = (ManualClock::new(), Arc::<Mutex<Vec<String>>>::default());
    let seen = calls.clone();
    let mut chat = Chat::over(MemoryStore::builder().clock(clock.clone()).build(), clock, move || {
        let seen = seen.clone();
        Visit::engine(Salon::default()).observer(Calls(seen))
    });
    chat.says_at_once([("ana", "hi"), ("ben", "hello")]).await;
    let calls = calls.lock().expect("a lock").clone();
    let first = |verb: &str| calls.iter().position(|call| call == verb).expect("such a call");
    let loads = calls[..first("Commit")].iter().filter(|call| *call == "Load").count();
    assert_eq!(loads, 2, "{calls:?}");
}

/// The calls to the store, in their order.
struct Calls(Arc<Mutex<Vec<String>>>);

impl Observer for Calls {
    fn call_ended(&self, call: &CallEnded<'_>) {
        self.0.lock().expect("a lock").push(format!("{:?}", call.verb));
    }
}

#[tokio::test]
async fn what_falls_due_is_told_of_each_visitor() {
    let mut chat = chat();
    chat.visitor("ana").says(["hi", "Yes"]).await.waits(Duration::from_secs(600)).await;
    chat.visitor("ben").says(["hello"]).await.waits(Duration::from_secs(3_600)).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_chat_of_one_names_nobody_and_both_can_be_in_one_store() {
    let mut chat = chat();
    chat.says(["hi"]).await;
    assert!(chat.transcript().starts_with("> hi\n    · -> QUESTION (opened)\nbot: Shall"), "{}", chat.transcript());
    let one: Engine<Visit> = chat.engine().clone();
    let (first, second) = (chat.id(), chat.visitor("ana").id());
    chat.says(["hello"]).await;
    for id in [first, second] {
        assert!(one.peek(id).await.expect("readable").is_some());
    }
}

/// Visitors who are played by tasks of a runtime, each in a chat of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_can_be_played_by_a_task() {
    let mut chat = chat();
    let played = tokio::spawn(async move {
        chat.says_at_once([("ana", "hi"), ("ben", "hello")]).await.stops_worker().says(["stop"]).await;
        chat.starts_worker().await.comes_again().await;
        chat.transcript()
    });
    assert!(played.await.expect("it is played").contains("ana> hi\nben> hello"));
}
