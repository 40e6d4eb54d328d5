//! What a record keeps of what was said: all of it, masked, or sizes alone; up to its bound.

use std::sync::Arc;

use flow_core::{Input, Limits, engine::Said};
use serde_json::json;

use super::{a_minute_later, archiving, keeping, line, reception};
use crate::{
    log::{listen, logged},
    shelf::Shelf,
    stage::{Stage, by, ok},
};

#[tokio::test]
async fn what_came_in_and_what_was_replied_is_kept_in_order_with_who_said_it_and_where() {
    let stage = keeping(Said::for_days(30));
    stage.says("hi").await;
    stage.says(Input::signal_by_name("Bell", 2)).await;
    stage.says_all(&["Ana", "nice chairs", "bye"]).await;
    let said = stage.all_said().await;
    let expected = [
        "visitor in DOOR: hi",
        "bot in DOOR: Who is there?",
        "outside in DOOR: Bell",
        "bot in DOOR: It rang 2 times.",
        "visitor in DOOR: Ana",
        "bot in WAITING: Ana, please take a seat.",
        "visitor in WAITING: nice chairs",
        "bot in WAITING: You said: nice chairs",
        "visitor in WAITING: bye",
        "bot in GONE: Bye, Ana.",
    ];
    assert_eq!(said.iter().map(line).collect::<Vec<_>>(), expected);
    let named: Vec<_> = said.iter().map(|said| (said.moment.stamp.version, said.moment.index)).collect();
    assert_eq!(named, [1, 2, 3, 4, 5].map(|turn| [(turn, 0), (turn, 1)]).concat());
    assert_eq!((&said[2].details, said[2].kind.as_str()), (&json!(2), "signal"));
}

#[tokio::test]
async fn a_repeat_and_what_is_not_stored_say_nothing() {
    let stage = keeping(Said::for_days(30));
    for _ in 0..3 {
        stage.says(Input::text("hi").with_id("1")).await;
    }
    stage.says_all(&["Ana"]).await;
    // Where the visitor waits, nothing takes the bell.
    assert!(stage.says(Input::signal_by_name("Bell", 2)).await.is_unheard());
    assert_eq!(stage.transcript().await.len(), 4);
}

#[tokio::test]
async fn what_the_bot_says_of_its_own_accord_is_kept_if_anybody_hears_it() {
    for (is_heard, count) in [(true, 5), (false, 4)] {
        let builder = reception().keep_said(Said::for_days(30));
        let stage = Stage::with(if is_heard { builder.on_announcement(|_| ok()) } else { builder });
        stage.says_all(&["hi", "Ana"]).await;
        stage.passes(1);
        stage.works().await;
        let said = stage.all_said().await;
        assert_eq!(said.len(), count);
        if is_heard {
            let last = said.last().expect("something");
            assert_eq!((line(last).as_str(), last.kind.as_str()), ("bot in WAITING: Some tea?", "announcement"));
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_unless_it_is_declared() {
    let stage = Stage::with(reception());
    stage.says_all(&["hi", "Ana"]).await;
    assert!(stage.transcript().await.is_empty());
    let record = stage.store.last_written().record;
    assert!(!record.readable().as_object().expect("JSON").contains_key("said"));
    // An instance that does not keep it leaves what another one has.
    let keeping = stage.second(reception().keep_said(Said::for_days(30)));
    keeping.handle(stage.id, "one").await.expect("a turn");
    stage.says("two").await;
    assert_eq!(stage.transcript().await, ["visitor in WAITING: one", "bot in WAITING: You said: one"]);
}

#[tokio::test]
async fn at_the_bound_the_oldest_goes_and_is_counted_and_no_turn_fails() {
    let stage = keeping(Said::for_days(30).at_most(3));
    stage.says_all(&["hi", "Ana", "well"]).await;
    let kept =
        ["bot in WAITING: Ana, please take a seat.", "visitor in WAITING: well", "bot in WAITING: You said: well"];
    assert_eq!(stage.transcript().await, kept);
    assert_eq!(stage.engine.stats().said_dropped, 3);

    let stage = keeping(Said::for_days(30).bytes(700));
    for _ in 0..20 {
        stage.says_all(&["hi", "Ana", "well", "bye"]).await;
    }
    let record = stage.store.last_written().record.readable();
    let bytes: usize = record["said"].as_array().expect("some").iter().map(|said| said.to_string().len()).sum();
    assert!((300..=700).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn a_record_that_has_no_room_for_what_was_said_has_it_for_the_turn() {
    let limits = Limits::default().record(6_000).remembered_messages(1);
    let stage = Stage::with(reception().limits(limits.clone()).keep_said(Said::for_days(30)));
    let without = Stage::with(reception().limits(limits));
    for stage in [&stage, &without] {
        stage.says_all(&["hi", "Ana"]).await;
        for round in 0..60 {
            stage.says(format!("{round} {}", "x".repeat(round * 10))).await;
        }
    }
    assert!(stage.engine.stats().said_dropped > 20);
    let said = stage.transcript().await;
    assert!(said.len() >= 2 && said.last().expect("something").contains("You said: 59"), "{said:?}");
}

#[tokio::test]
async fn what_is_too_long_is_cut_and_says_so() {
    let stage = keeping(Said::for_days(30).longest(8));
    stage.says("ä".repeat(20)).await;
    stage.says(Input::button("Ana").with_id("1")).await;
    let said = stage.all_said().await;
    assert_eq!((said[0].text.as_deref(), said[0].bytes, said[0].is_cut), (Some("ääää"), 40, true));
    assert_eq!((said[2].text.as_deref(), said[2].bytes, said[2].is_cut), (Some("Ana"), 3, false));
    // What is masked is cut at a bound of its own.
    let stage = keeping(Said::for_days(30).longest(10_000).masked());
    stage.says_all(&["hi", "Ana"]).await;
    stage.says("well ".repeat(1_000)).await;
    let said = stage.all_said().await;
    assert!(said[4].is_cut && said[4].bytes == 5_000 && !said[2].is_cut, "{:?}", said[4]);
}

#[tokio::test]
async fn a_masked_log_shows_nothing_that_is_known_to_be_private_nor_what_was_not_understood() {
    let stage = keeping(Said::for_days(30).masked());
    stage.says("I am Ana Silva").await;
    stage.says("1234").await;
    stage.says("Ana Silva").await;
    stage.says("silva here, on a nice chair").await;
    stage.says("bye").await;
    let transcript = stage.transcript().await;
    assert!(transcript.iter().all(|line| !line.to_lowercase().contains("silva") && !line.contains("1234")));
    assert_eq!(transcript[0], "visitor in DOOR: ***");
    assert_eq!(transcript[2], "visitor in DOOR: ***", "no name, and nobody knows what else");
    let end = [
        "visitor in DOOR: ***",
        "bot in WAITING: ***, please take a seat.",
        "visitor in WAITING: *** here, on a nice chair",
        "bot in WAITING: You said: *** here, on a nice chair",
        "visitor in WAITING: bye",
        "bot in GONE: Bye, ***.",
    ];
    assert_eq!(transcript[transcript.len() - 6..], end);
}

#[tokio::test]
async fn what_is_said_to_a_person_in_a_pause_is_masked_whole() {
    let stage = keeping(Said::for_days(30).masked());
    stage.says_all(&["hi", "Ana"]).await;
    stage.engine.operator(by()).pause(stage.id).await.expect("a turn");
    stage.says("my number is canary").await;
    let said = stage.all_said().await;
    assert!(said.iter().all(|said| !said.text.as_deref().unwrap_or_default().contains("canary")), "{said:?}");
    assert_eq!(said.last().and_then(|said| said.text.as_deref()), Some("***"));
}

#[tokio::test]
async fn of_a_log_of_sizes_no_word_stands_anywhere() {
    let stage = keeping(Said::for_days(30).sizes_only());
    // Under an id of ours no replies are remembered either.
    stage.says("a canary").await;
    let said = stage.all_said().await;
    assert_eq!((said[0].text.clone(), said[0].bytes, said[0].kind.as_str()), (None, 8, "text"));
    let record = stage.store.last_written().record.readable().to_string();
    assert!(!record.contains("canary") && !record.contains("Who is there"), "{record}");
}

#[tokio::test]
async fn nothing_of_it_stands_in_a_debug_a_log_or_a_masked_view() {
    listen();
    let shelf = Arc::new(Shelf::default());
    let stage = archiving(Arc::<Shelf>::clone(&shelf));
    stage.says_all(&["hi", "Ana", "my canary sings"]).await;
    let said = stage.all_said().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let masked = session.masked().expect("a view");
    assert_eq!(masked["said"], 6);
    a_minute_later(&stage).await;
    let shown = format!("{said:?} {session:?} {masked} {:?} {:?} {}", shelf.last_entries(), stage.engine, logged());
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_life_of_nothing_forgets_what_there_is() {
    let stage = keeping(Said::for_days(30));
    stage.says_all(&["hi", "Ana"]).await;
    let over = stage.second(reception().keep_said(Said::for_days(0)));
    assert!(over.said(stage.id, None, 10).await.expect("a transcript").is_empty());
    over.handle(stage.id, "one").await.expect("a turn");
    assert_eq!((stage.in_record().await, over.stats().said_dropped), (0, 0));
}
