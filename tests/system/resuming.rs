//! A session that its store has no longer: taken up from the archive, or begun anew behind it, and told either way.

use std::time::Duration;

use flow_core::{Archival, Archive, Cause, Clock, EngineError, Expiry, Input, Opened, Resume};

use crate::{
    flow::Booking,
    shelf::archiving,
    stage::{Stage, TO_REVIEW, by, sent},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn archived(stage: &Stage<Booking>) {
    stage.clock.advance(MINUTE);
    stage.works().await;
}

/// The store loses it.
async fn lost(stage: &Stage<Booking>) {
    assert!(stage.store.behind().remove(stage.id).await.expect("a store"));
}

#[tokio::test]
async fn key_lost_and_the_session_goes_on_where_it_was_archived_and_says_so() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book", "Ana"]).await;
    let last_turn = stage.clock.now();
    archived(&stage).await;
    lost(&stage).await;
    let outcome = stage.says("ana@example.com").await;
    assert_eq!((outcome.opened, outcome.resumed), (None, Some(last_turn)));
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["BOOK_EMAIL -> BOOK_EMAIL (resumed)", "BOOK_EMAIL -> BOOK_PHONE (message)"]);
    assert_eq!(stage.says("back").await.texts(), ["Thanks, Ana. Which e-mail should the confirmation go to?"]);
    assert_eq!(stage.engine.stats().resumed, 1);
}

#[tokio::test]
async fn a_message_that_was_archived_is_known_as_a_repeat_though_its_session_was_lost() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says("hi").await;
    stage.says(Input::text("Book").with_id("m2")).await;
    archived(&stage).await;
    lost(&stage).await;
    assert!(stage.says(Input::text("Book").with_id("m2")).await.is_repeat());
}

#[tokio::test]
async fn turns_that_were_not_archived_are_gone_and_their_loss_is_told() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    archived(&stage).await;
    stage.says("Ana").await;
    lost(&stage).await;
    let outcome = stage.says("12345").await;
    assert_eq!(outcome.resumed, Some(stage.clock.now() - MINUTE), "the turn in between is not known");
    assert_eq!(stage.state().await, Some("BOOK_NAME"), "a number is no name");
}

#[tokio::test]
async fn after_months_a_session_goes_on_if_the_policy_allows() {
    for (resume, is_resumed) in
        [(Resume::Within(90 * DAY), true), (Resume::Within(10 * DAY), false), (Resume::Unexpired, false)]
    {
        let (stage, shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(DAY)).resume(resume));
        stage.says_all(&["hi", "Book", "Ana"]).await;
        for _ in 0..60 {
            stage.clock.advance(DAY);
            stage.works().await;
        }
        assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None, "forgotten long ago");
        let outcome = stage.says("ana@example.com").await;
        if is_resumed {
            assert!(outcome.resumed.is_some() && outcome.opened.is_none());
            assert_eq!(stage.state().await, Some("BOOK_PHONE"));
        } else {
            assert_eq!((outcome.resumed, outcome.opened), (None, Some(Opened::AfterExpiry)));
            archived(&stage).await;
            assert_eq!(shelf.beginnings(stage.id).await, [(Cause::Opened, 1), (Cause::Expired, 2)]);
        }
        assert!(outcome.version > 3, "the version goes on: {}", outcome.version);
    }
}

#[tokio::test]
async fn within_the_policy_a_session_goes_on_though_it_is_expired_and_still_stored() {
    let (stage, _shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(MINUTE)).resume(Resume::Within(DAY)));
    stage.says_all(&["hi", "Book", "Ana"]).await;
    stage.clock.advance(MINUTE);
    let outcome = stage.says("ana@example.com").await;
    assert!(outcome.resumed.is_some());
    stage.clock.advance(MINUTE);
    stage.works().await;
    let outcome = stage.says("+1 234 567 890").await;
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["BOOK_PHONE -> BOOK_PHONE (resumed)", "BOOK_PHONE -> BOOK_COMPANY (message)"]);
    assert_eq!(stage.engine.stats().lapsed, 1, "the worker had found it");
}

#[tokio::test]
async fn where_nothing_is_taken_up_the_new_conversation_follows_the_archived_one() {
    let (stage, shelf) = archiving(|salon| salon.resume(Resume::Never));
    stage.says_all(&["hi", "Book"]).await;
    archived(&stage).await;
    lost(&stage).await;
    let outcome = stage.says("hello").await;
    assert_eq!((outcome.opened, outcome.version), (Some(Opened::AfterLoss), 3), "behind what was archived");
    archived(&stage).await;
    assert_eq!(shelf.beginnings(stage.id).await, [(Cause::Opened, 1), (Cause::Reopened, 2)]);
}

#[tokio::test]
async fn nobody_waits_for_an_archive_that_is_away_and_the_two_are_joined_later() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book", "Ana"]).await;
    archived(&stage).await;
    lost(&stage).await;
    shelf.is_away(true);
    assert_eq!(stage.says("ana@example.com").await.opened, Some(Opened::First));
    shelf.is_away(false);
    stage.says("Book").await;
    for _ in 0..2 {
        archived(&stage).await;
    }
    assert_eq!(shelf.beginnings(stage.id).await, [(Cause::Opened, 1), (Cause::Opened, 2)]);
    assert_eq!((shelf.steps(stage.id).await.len(), stage.engine.stats().archive_repaired), (5, 1));
    stage.says("Bea").await;
    archived(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 6);
}

#[tokio::test]
async fn no_key_stands_for_two_things_though_turns_were_lost_in_between() {
    for is_asked in [true, false] {
        let (stage, shelf) = archiving(|salon| salon);
        stage.says_all(&TO_REVIEW).await;
        archived(&stage).await;
        let before = stage.says("Yes").await.checkpoints;
        lost(&stage).await;
        shelf.is_away(!is_asked);
        stage.says("hello").await;
        stage.engine.operator(by()).force(stage.id, sent()).await.expect("moved");
        shelf.is_away(false);
        for _ in 0..2 {
            archived(&stage).await;
        }
        let kept = shelf.checkpoints(stage.id).await.expect("checkpoints");
        assert_eq!(kept.len(), 1, "the one before was lost with its turn");
        assert!(kept[0].key != before[0]);
    }
}

#[tokio::test]
async fn who_insists_on_the_archive_is_refused_while_it_is_away_and_loses_nothing() {
    let (stage, shelf) = archiving(|salon| salon.archival(Archival::default().insist(true)));
    stage.says_all(&["hi", "Book", "Ana"]).await;
    archived(&stage).await;
    stage.says("help").await;
    lost(&stage).await;
    shelf.is_away(true);
    let refused = stage.engine.handle(stage.id, "ana@example.com").await;
    assert!(matches!(refused, Err(EngineError::Archive(_))), "{refused:?}");
    shelf.is_away(false);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(stage.says("ana@example.com").await.resumed.is_some());
}

#[tokio::test]
async fn without_an_archive_a_lost_session_is_a_new_one() {
    let stage = Stage::new();
    stage.says_all(&["hi", "Book"]).await;
    lost(&stage).await;
    assert_eq!(stage.says("hello").await.opened, Some(Opened::First));
}

#[tokio::test]
async fn timers_of_a_session_that_had_expired_run_anew_from_its_return() {
    let (stage, _shelf) =
        archiving(|salon| salon.expiry(Expiry::default().idle(DAY / 2)).resume(Resume::Within(90 * DAY)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.clock.advance(DAY);
    stage.works().await;
    stage.says("hello?").await;
    assert_eq!(stage.state().await, Some("BOOK_SEND_LINK"));
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert!(session.wake_at().is_some_and(|wake_at| wake_at > stage.clock.now()), "{:?}", session.wake_at());
}

#[tokio::test]
async fn timers_run_anew_though_nobody_had_noticed_the_expiry() {
    let (stage, _shelf) =
        archiving(|salon| salon.expiry(Expiry::default().idle(DAY / 2)).resume(Resume::Within(90 * DAY)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.clock.advance(2 * DAY);
    assert!(stage.says("hello?").await.resumed.is_some());
    stage.works().await;
    assert_eq!(stage.state().await, Some("BOOK_SEND_LINK"), "it is not left as soon as its visitor is back");
    stage.clock.advance(DAY / 3);
    stage.says("hello?").await;
    stage.clock.advance(DAY / 3);
    stage.says("hello?").await;
    stage.clock.advance(DAY / 3);
    stage.works().await;
    assert_eq!(stage.state().await, Some("CANCELLED"));
}
