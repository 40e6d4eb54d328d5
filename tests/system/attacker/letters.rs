//! Attacks on what was accepted: no letter is lost, none holds up others for ever, and none undoes what was said before.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Deadlines, EngineBuilder, EngineError, Flow, Input, Limits, Step, Turn,
    engine::Inbox,
    store::{Letter, Post},
};
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::{shelf::Shelf, stage::Stage};

/// Counts what is said; waits, fails and grows as it is told.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "attacked_counting")]
enum Counting {
    #[state(start, ask = "How many?", handled, to(Counted))]
    Nothing,
    #[state(endless, ask = "And now?", handled, remind(Bell), to(Counted))]
    Counted { all: Vec<String> },
}

use counting::*;

#[derive(Clone, Default)]
struct Clerk(Arc<Mutex<Vec<String>>>);

impl Clerk {
    async fn hears(&self, said: &str) -> Result<String, std::io::Error> {
        self.0.lock().expect("a lock").push(said.to_owned());
        match said.split_once(' ') {
            Some(("wait", seconds)) => sleep(Duration::from_secs(seconds.parse().unwrap_or(0))).await,
            Some(("fail", _)) => return Err(std::io::Error::other("broken")),
            Some(("panic", _)) => panic!("at the disco"),
            Some(("grow", sizes)) => {
                let size = sizes.split(' ').next().and_then(|size| size.parse().ok()).unwrap_or_default();
                return Ok("x".repeat(size));
            }
            _ => {}
        }
        Ok(said.to_owned())
    }

    fn asked(&self) -> Vec<String> {
        self.0.lock().expect("a lock").clone()
    }
}

impl CountingHandler for Clerk {
    async fn nothing(&self, _: Nothing, turn: Turn<'_, Nothing>) -> Step<Nothing> {
        let one = self.hears(turn.text()).await?;
        turn.to(Counted { all: vec![one] })
    }

    async fn counted(&self, state: Counted, turn: Turn<'_, Counted>) -> Step<Counted> {
        let mut all = state.all;
        all.push(self.hears(turn.text()).await?);
        turn.to(Counted { all })
    }

    async fn counted_on_bell(&self, _: Counted, turn: Turn<'_, Counted>) -> Step<Counted> {
        turn.stay("Ring!")
    }
}

/// Another flow in the same store.
mod elsewhere {
    use super::*;

    #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[flow(name = "attacked_other")]
    pub(super) enum Other {
        #[state(start, ask = "Other?", handled, to(Done))]
        Only,
        #[state(end, say = "Bye.")]
        Done,
    }

    use other::*;

    pub(super) struct Nobody;

    impl OtherHandler for Nobody {
        async fn only(&self, _: Only, turn: Turn<'_, Only>) -> Step<Only> {
            turn.to(Done)
        }
    }
}

fn counting() -> (EngineBuilder<Counting>, Clerk) {
    let clerk = Clerk::default();
    (Counting::engine(clerk.clone()), clerk)
}

async fn counted(stage: &Stage<Counting>) -> Vec<String> {
    let session = stage.engine.peek(stage.id).await.expect("it can be read").expect("it is there");
    match session.state() {
        Counting::Counted { all } => all.clone(),
        Counting::Nothing => Vec::new(),
    }
}

/// Has workers look, now and then, for so long.
async fn works_for(stage: &Stage<Counting>, minutes: u64) {
    for _ in 0..minutes {
        sleep(Duration::from_secs(60)).await;
        stage.clock.advance(Duration::from_secs(60));
        stage.works().await;
    }
}

/// A letter of this body, put first into the inbox by a process that ends.
async fn is_posted(stage: &Stage<Counting>, name: u8, body: &str) {
    let letter = Letter::new([name; 16], body.as_bytes().to_vec());
    let post = Post::new(stage.id, "attacked_counting", letter, Duration::ZERO);
    stage.store.behind().post(post).await.expect("it is posted");
}

fn body(id: &str, text: &str) -> String {
    format!(r#"{{"turn":"{id}","at":"2026-01-01T00:00:00Z","message":{{"input":{{"text":"{text}"}},"id":"{id}"}}}}"#)
}

/// A session that was archived, and lost by its store.
async fn lost_and_archived(builder: EngineBuilder<Counting>) -> (Stage<Counting>, Arc<Shelf>) {
    let shelf = Arc::<Shelf>::default();
    let stage = Stage::with(builder.archive(Arc::clone(&shelf)));
    for text in ["hi", "one", "two"] {
        stage.says(text).await;
    }
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    assert!(stage.store.behind().remove(stage.id).await.expect("a store"));
    (stage, shelf)
}

#[tokio::test(start_paused = true)]
async fn a_failed_turn_of_an_archived_session_does_not_hide_what_was_archived() {
    let (builder, _) = counting();
    let (stage, _shelf) = lost_and_archived(builder).await;
    let accepted = stage.engine.accept(stage.id, Input::text("fail now").with_id("1")).await.expect("it is accepted");
    assert!(accepted.outcome().expect("at once").is_failed());
    stage.says("three").await;
    assert_eq!(counted(&stage).await, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_a_worker_takes_over_is_handled_by_the_session_that_was_archived() {
    let (builder, _) = counting();
    let (stage, _shelf) = lost_and_archived(builder).await;
    is_posted(&stage, 1, &body("7", "three")).await;
    stage.works().await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    assert_eq!(counted(&stage).await, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_letter_of_a_newer_release_waits_and_what_was_said_before_is_delivered() {
    let (builder, clerk) = counting();
    let rung = Arc::new(Mutex::new(0));
    let bell = Arc::clone(&rung);
    let stage = Stage::with(builder.on_announcement(move |_| {
        *bell.lock().expect("a lock") += 1;
        async { Ok::<(), String>(()) }
    }));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    stage.engine.operator(crate::stage::by()).say(stage.id, "A person speaks.").await.expect("it is said");
    is_posted(&stage, 1, r#"{"turn":"1","at":"2026-01-01T00:00:00Z","message":{"input":{"hologram":1}}}"#).await;
    is_posted(&stage, 2, &body("2", "behind")).await;
    works_for(&stage, 10).await;
    assert_eq!(clerk.asked(), ["one"]);
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 2, "both stay");
    assert_eq!(*rung.lock().expect("a lock"), 1, "what a person said is delivered");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_beyond_the_turns_deadline_ends_with_the_apology() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder.deadlines(Deadlines::default().turn(Duration::from_secs(5))));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    let accepted = stage.engine.accept(stage.id, Input::text("wait 600").with_id("1")).await;
    assert!(accepted.expect("it is accepted").is_waiting());
    assert!(stage.engine.accept(stage.id, Input::text("behind").with_id("2")).await.expect("accepted").is_waiting());
    sleep(Duration::from_secs(30)).await;
    assert_eq!(clerk.asked(), ["one", "wait 600", "behind"]);
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_is_away_for_long_sets_no_letter_aside() {
    let (builder, _) = counting();
    let insisting = flow_core::Archival::default().insist(true);
    let (stage, shelf) = lost_and_archived(builder.archival(insisting)).await;
    shelf.is_away(true);
    is_posted(&stage, 1, &body("7", "three")).await;
    works_for(&stage, 10).await;
    shelf.is_away(false);
    works_for(&stage, 3).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    assert_eq!(counted(&stage).await, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_larger_than_the_inbox_is_answered_by_its_own_turn() {
    let (builder, _) = counting();
    let stage = Stage::with(builder.inbox(Inbox::default().bytes(100)));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    let long = format!("wait 2{}", " ".repeat(200));
    let accepted = stage.engine.accept(stage.id, Input::text(long).with_id("1")).await;
    assert!(!accepted.expect("it is accepted").is_waiting());
}

#[tokio::test(start_paused = true)]
async fn letters_that_cannot_be_set_aside_for_want_of_room_hold_up_none_behind_them() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder.limits(Limits::default().record(4_000)));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    for id in 0..20 {
        is_posted(&stage, id, &body(&id.to_string(), &format!("grow 10000 {}", "y".repeat(500)))).await;
    }
    is_posted(&stage, 100, &body("last", "last")).await;
    works_for(&stage, 20).await;
    assert_eq!(clerk.asked().last().map(String::as_str), Some("last"));
    assert_eq!(counted(&stage).await, ["one", "last"]);
    // What made room is told, and those that came last are whole.
    let (stats, session) = (stage.engine.stats(), stage.engine.peek(stage.id).await.expect("it can be read"));
    assert_eq!(stats.set_aside, 20);
    assert!((1..20).contains(&stats.letters_emptied), "{}", stats.letters_emptied);
    let aside = session.expect("it is there").set_aside();
    let is_emptied: Vec<_> = aside.iter().map(|letter| letter.error.ends_with("had to make room")).collect();
    assert!(is_emptied.is_sorted_by(|one, next| one >= next) && !is_emptied[is_emptied.len() - 1], "{is_emptied:?}");
}

#[tokio::test(start_paused = true)]
async fn letters_are_set_aside_though_a_record_has_no_room_for_anything() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder.limits(Limits::default().record(4_000)));
    stage.says("hi").await;
    let most = (1..).map(|size| format!("grow {size}0"));
    for text in most {
        let outcome = stage.engine.handle(stage.id, text.as_str()).await;
        if outcome.is_err() {
            break;
        }
    }
    let before = clerk.asked().len();
    for id in 0..5 {
        is_posted(&stage, id, &body(&id.to_string(), "grow 1000")).await;
    }
    works_for(&stage, 20).await;
    assert_eq!(clerk.asked().len() - before, 5, "each is tried once");
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    let session = stage.engine.peek(stage.id).await.expect("it can be read").expect("it is there");
    assert_eq!((session.set_aside().len(), stage.engine.stats().letters_emptied), (1, 5));
}

#[tokio::test(start_paused = true)]
async fn of_the_letters_that_are_set_aside_the_oldest_lose_their_words_beyond_the_bound() {
    let stage = with_letters_aside(small(counting().0).inbox(Inbox::default().aside(2)), 5).await;
    assert_eq!(stage.engine.stats().letters_emptied, 3);
    let exported = stage.engine.export(stage.id).await.expect("it can be read").expect("it is there").to_string();
    let whole = (0..5).filter(|id| exported.contains(&format!(r#""id":"{id}""#))).collect::<Vec<_>>();
    assert_eq!(whole, [3, 4], "{exported}");
    assert!((0..5).all(|id| exported.contains(&format!(r#""turn":"{id}""#))), "which they were is known");
    // Those that have their words are accepted again, and the others wait to be dismissed.
    let retried = stage.engine.operator(crate::stage::by()).retry(stage.id).await;
    assert_eq!(retried.expect("they are accepted again"), 2);
    let dismissed = stage.engine.operator(crate::stage::by()).dismiss(stage.id).await;
    assert!(dismissed.expect("they are given up") >= 3);
}

#[tokio::test(start_paused = true)]
async fn what_another_flow_accepts_for_a_session_is_no_message_of_this_flow() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    let other = elsewhere::Other::engine(elsewhere::Nobody)
        .inbox(Inbox::default().patience(Duration::ZERO))
        .clock(ManualClock::default())
        .store(stage.store.behind());
    // Its turn does not end at once.
    stage.store.next_load(crate::meddler::Meddling::Pass);
    let refused = other.accept(stage.id, Input::text("for the other").with_id("9")).await;
    works_for(&stage, 5).await;
    assert_eq!(clerk.asked(), ["one"], "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_letter_of_another_flow_is_set_aside_whole_and_holds_up_none_behind_it() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    let other = elsewhere::Other::engine(elsewhere::Nobody)
        .inbox(Inbox::default().patience(Duration::ZERO))
        .clock(stage.clock.clone())
        .store(Arc::clone(&stage.store));
    // It is posted before its turn has seen whose session this is.
    let passes = Arc::new(tokio::sync::Semaphore::new(0));
    stage.store.next_load(crate::meddler::Meddling::Wait(Arc::clone(&passes)));
    let accepted = other.accept(stage.id, Input::text("for the other").with_id("9")).await;
    assert!(accepted.expect("it is stored").is_waiting());
    passes.add_permits(1);
    works_for(&stage, 2).await;
    stage.engine.accept(stage.id, Input::text("two").with_id("2")).await.expect("it is accepted");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(clerk.asked(), ["one", "two", "two"], "once before it was seen that a letter waits");
    assert_eq!(counted(&stage).await, ["one", "two"]);
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    let session = stage.engine.peek(stage.id).await.expect("it can be read").expect("it is there");
    assert!(session.set_aside()[0].error.contains("another flow"), "{}", session.set_aside()[0].error);
    // Accepted again by hand it is still that flow's.
    assert_eq!(stage.engine.operator(crate::stage::by()).retry(stage.id).await.expect("it is accepted again"), 1);
    sleep(Duration::from_secs(5)).await;
    assert_eq!((aside(&stage).await, clerk.asked().len()), (1, 3));
    let exported = stage.engine.export(stage.id).await.expect("it can be read").expect("it is there").to_string();
    assert!(exported.contains("for the other"), "nothing of it is lost: {exported}");
}

#[tokio::test(start_paused = true)]
async fn letters_of_two_flows_for_one_new_session_are_handled_or_kept() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    let other = elsewhere::Other::engine(elsewhere::Nobody).clock(stage.clock.clone()).store(stage.store.behind());
    let letter = |flow: &str, id: &str| {
        let body = format!(
            r#"{{"flow":"{flow}","turn":"{id}","at":"2026-01-01T00:00:00Z","message":{{"input":{{"text":"hi"}},"id":"{id}"}}}}"#
        );
        Post::new(stage.id, flow.to_owned(), Letter::new([id.as_bytes()[0]; 16], body.into_bytes()), Duration::ZERO)
    };
    for post in [letter("attacked_other", "1"), letter("attacked_counting", "2")] {
        stage.store.behind().post(post).await.expect("it is posted");
    }
    works_for(&stage, 3).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 2, "the first is the other's");
    other.worker().look().await.expect("the store tells what is due");
    assert_eq!((clerk.asked().len(), other.waiting(stage.id).await.expect("a number")), (0, 0));
    let session = other.peek(stage.id).await.expect("it can be read").expect("the other's");
    assert!(session.set_aside()[0].error.contains("another flow"), "{}", session.set_aside()[0].error);
}

#[tokio::test(start_paused = true)]
async fn a_worker_whose_look_is_dropped_has_not_ended_over_its_letter() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    is_posted(&stage, 1, &body("1", "wait 10")).await;
    for _ in 0..5 {
        drop(timeout(Duration::from_secs(1), stage.engine.worker().look()).await);
        sleep(Duration::from_secs(1)).await;
        stage.clock.advance(Duration::from_secs(60));
    }
    stage.works().await;
    assert_eq!(clerk.asked(), ["one", "wait 10", "wait 10", "wait 10", "wait 10", "wait 10", "wait 10"]);
    assert_eq!((aside(&stage).await, counted(&stage).await), (0, vec!["one".to_owned(), "wait 10".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_when_a_letter_was_handled_ends_no_process() {
    let (builder, _) = counting();
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    is_posted(&stage, 1, &body("1", "wait 2")).await;
    for _ in 0..5 {
        let goes_away = async {
            sleep(Duration::from_secs(1)).await;
            stage.store.is_away(true);
        };
        // Its look may fail as well.
        let _ = tokio::join!(stage.engine.worker().look(), goes_away);
        sleep(Duration::from_secs(30)).await;
        stage.store.is_away(false);
        sleep(Duration::from_secs(10)).await;
        stage.clock.advance(Duration::from_secs(60));
    }
    stage.works().await;
    assert_eq!((aside(&stage).await, counted(&stage).await), (0, vec!["one".to_owned(), "wait 2".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_leaves_its_letter_to_a_worker_has_not_ended_over_it() {
    let (builder, _) = counting();
    let retries = flow_core::engine::Retries::default().tries(2);
    let stage = Stage::with(builder.retries(retries).inbox(Inbox::default().tries(1)));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    let accepted = stage.engine.accept(stage.id, Input::text("wait 2").with_id("1")).await;
    assert!(accepted.expect("it is accepted").is_waiting());
    stage.store.is_away(true);
    sleep(Duration::from_secs(60)).await;
    stage.store.is_away(false);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 1, "it has given up");
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    assert_eq!((aside(&stage).await, counted(&stage).await), (0, vec!["one".to_owned(), "wait 2".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_handler_slower_than_its_deadline_is_handled_with_the_apology_by_a_worker_too() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder.inbox(Inbox::default().tries(2)));
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    for id in 1..4 {
        is_posted(&stage, id, &body(&id.to_string(), "wait 600")).await;
    }
    stage.works().await;
    assert_eq!((clerk.asked().len(), aside(&stage).await), (4, 0));
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    assert!(stage.says(Input::text("wait 600").with_id("2")).await.is_repeat());
}

#[tokio::test(start_paused = true)]
async fn whatever_a_handler_does_every_letter_is_handled_once_in_its_order() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    stage.says("hi").await;
    let texts = ["wait 2", "panic 1", "fail 1", "wait 600", "~AAAAAAAAAAAAAA", "\u{202e}\u{0}", "last"];
    for (index, text) in texts.iter().enumerate() {
        let message = Input::text(*text).with_id(index.to_string());
        let accepted = timeout(Duration::from_secs(2), stage.engine.accept(stage.id, message)).await;
        accepted.expect("at once").expect("it is accepted");
    }
    sleep(Duration::from_secs(120)).await;
    assert_eq!(clerk.asked(), texts);
    assert_eq!(counted(&stage).await, ["wait 2", "~AAAAAAAAAAAAAA", "\u{202e}\u{0}", "last"]);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_without_room_refuses_and_says_so_before_the_handler_is_asked_again() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder.inbox(Inbox::default().letters(0)));
    stage.says("hi").await;
    let refused = stage.engine.accept(stage.id, Input::text("wait 2").with_id("1")).await;
    let asked = clerk.asked();
    assert!(matches!(refused, Ok(_) | Err(EngineError::InboxFull { .. })), "{refused:?}");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(clerk.asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_removed_while_its_letters_are_handled_begins_anew_with_what_comes() {
    let (builder, clerk) = counting();
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    assert!(stage.engine.accept(stage.id, Input::text("wait 5").with_id("1")).await.expect("accepted").is_waiting());
    assert!(stage.engine.accept(stage.id, Input::text("two").with_id("2")).await.expect("accepted").is_waiting());
    assert!(stage.engine.operator(crate::stage::by()).erase(stage.id).await.expect("it is erased"));
    sleep(Duration::from_secs(60)).await;
    assert!(!clerk.asked().contains(&"two".to_owned()), "{:?}", clerk.asked());
}

/// A session with so many letters aside: each would make the record larger than it may be.
async fn with_letters_aside(builder: EngineBuilder<Counting>, letters: u8) -> Stage<Counting> {
    let stage = Stage::with(builder);
    for text in ["hi", "one"] {
        stage.says(text).await;
    }
    for id in 0..letters {
        is_posted(&stage, id, &body(&id.to_string(), "grow 100000")).await;
        stage.works().await;
    }
    assert_eq!(aside(&stage).await, usize::from(letters));
    stage
}

async fn aside(stage: &Stage<Counting>) -> usize {
    let session = stage.engine.peek(stage.id).await.expect("it can be read").expect("it is there");
    session.set_aside().len()
}

fn small(builder: EngineBuilder<Counting>) -> EngineBuilder<Counting> {
    builder.limits(Limits::default().record(20_000)).inbox(Inbox::default().letters(1))
}

#[tokio::test(start_paused = true)]
async fn what_is_accepted_again_is_handled_though_there_is_no_room_for_all_of_it() {
    let stage = with_letters_aside(small(counting().0), 2).await;
    let refused = stage.engine.operator(crate::stage::by()).retry(stage.id).await;
    assert!(matches!(refused, Err(EngineError::InboxFull { letters: 1, .. })), "{refused:?}");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0, "without a worker");
    assert_eq!(aside(&stage).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_set_aside_again_while_it_is_accepted_again_is_not_lost() {
    let stage = with_letters_aside(small(counting().0), 1).await;
    let passes = Arc::new(tokio::sync::Semaphore::new(0));
    stage.store.next_commit(crate::meddler::Meddling::Wait(Arc::clone(&passes)));
    let (engine, id) = (stage.engine.clone(), stage.id);
    let retried = tokio::spawn(async move { engine.operator(crate::stage::by()).retry(id).await });
    sleep(Duration::from_millis(100)).await;
    stage.clock.advance(Duration::from_secs(60));
    let another = stage.behind(small(counting().0));
    another.worker().look().await.expect("the store tells what is due");
    passes.add_permits(10);
    assert_eq!(retried.await.expect("it ends").expect("it is accepted again"), 1);
    sleep(Duration::from_secs(1)).await;
    assert_eq!((aside(&stage).await, stage.engine.waiting(stage.id).await.expect("a number")), (1, 0));
}
