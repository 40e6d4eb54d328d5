//! A person takes over: the bot is silent, and the history goes on.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use flow_core::{By, Cause, EngineError, Expiry, Input, OutcomeKind, Resume};
use tokio::sync::Semaphore;

use crate::{
    kitchen::{Cook, HOUR, Order, OrderSignal, paid, paused_at_pay, table},
    meddler::Meddling,
    stage::{Stage, by},
};

#[tokio::test]
async fn what_is_said_in_a_pause_is_a_step_that_no_handler_hears_and_a_repeat_is_known() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    let (runs, version) = (cook.count(), stage.session().await.stamp().version);
    for input in [Input::text("I wait").with_id("1"), Input::button("x").with_id("2"), Input::text("back").with_id("3")]
    {
        let outcome = stage.says(input.clone()).await;
        assert!(outcome.is_paused() && outcome.replies.is_empty() && outcome.is_stored(), "{outcome:?}");
        assert_eq!(outcome.transitions[0].to_string(), "PAY -> PAY (unanswered)");
        let again = stage.says(input).await;
        assert!(again.is_repeat() && again.replies.is_empty(), "{again:?}");
    }
    assert_eq!(stage.session().await.stamp().version, version + 3, "one write each, and none for a repeat");
    assert_eq!((cook.count(), stage.engine.stats().paused), (runs, 3));
    assert_eq!(stage.causes().await[2..], ["paused", "unanswered", "unanswered", "unanswered"]);
    // Two rejected answers would have been too many.
    stage.engine.operator(by()).resume(stage.id).await.expect("a turn");
    assert_eq!(stage.says("what?").await.texts(), ["what??", "Pay for soup, please."]);
    assert_eq!(cook.count(), runs + 1);
    let history = stage.session().await.masked().expect("JSON")["history"].to_string();
    assert!(history.contains("olga") && !history.contains("I wait"), "{history}");
}

#[tokio::test]
async fn a_pause_is_seen_in_the_session_in_its_list_and_in_a_masked_view() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says_all(&["hi", "soup"]).await;
    assert_eq!(stage.session().await.pause(), None);
    assert!(stage.store.last_written().record.readable().get("pause").is_none(), "it costs nothing");
    stage.engine.operator(By::new("kai", "she called")).pause_for(stage.id, HOUR).await.expect("a turn");
    let session = stage.session().await;
    let pause = session.pause().expect("it is paused");
    assert_eq!(
        (pause.by(), pause.until().map(|until| until - pause.since())),
        (&By::new("kai", "she called"), Some(chrono::TimeDelta::hours(1)))
    );
    let view = session.masked().expect("JSON");
    assert_eq!(view["pause"]["by"]["name"], "kai");
    assert!(!view.to_string().contains("soup"), "{view}");
    let page = stage.engine.sessions(None, 10).await.expect("a page");
    assert!(page.sessions[0].session.as_ref().is_ok_and(|session| session.pause().is_some()));
}

#[tokio::test]
async fn resuming_asks_the_present_question_only_if_that_is_wished() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    let operator = stage.engine.operator(by());
    let outcome = operator.resume(stage.id).await.expect("a turn");
    assert!(outcome.replies.is_empty());
    assert!(matches!(operator.resume(stage.id).await, Err(EngineError::NotPaused)));
    stage.pauses().await;
    let outcome = operator.resume_asking(stage.id).await.expect("a turn");
    assert_eq!(outcome.texts(), ["Pay for soup, please."]);
    assert_eq!(outcome.transitions[0].to_string(), "PAY -> PAY (unpaused, olga: a test wants it)");
    stage.works().await;
    assert_eq!(cook.announced(), ["Pay for soup, please."], "nobody waits for it");
}

#[tokio::test]
async fn a_signal_is_taken_in_a_pause_and_what_it_says_is_said_when_that_ends() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    let noted = stage.engine.signal(stage.id, OrderSignal::Noted).await.expect("a turn");
    let paid = stage.engine.signal(stage.id, paid(7)).await.expect("a turn");
    assert!(noted.replies.is_empty() && paid.replies.is_empty());
    assert!(matches!(paid.kind, OutcomeKind::Taken));
    assert_eq!(stage.state().await, Some("DONE"), "the world outside does not wait");
    stage.works().await;
    assert!(cook.announced().is_empty());
    stage.engine.operator(by()).resume(stage.id).await.expect("a turn");
    stage.works().await;
    assert_eq!(cook.announced(), ["Noted.", "Receipt 7.", "Anything else?"], "and the question that is new");
    assert_eq!(stage.says("tea").await.texts(), ["\"tea\" it is.", "Good bye."]);
}

#[tokio::test]
async fn a_session_that_is_moved_in_a_pause_is_asked_when_that_ends() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    let operator = stage.engine.operator(by());
    let outcome = operator.force(stage.id, Order::Done).await.expect("a turn");
    assert!(outcome.replies.is_empty());
    assert_eq!(operator.resume(stage.id).await.expect("a turn").texts(), ["Anything else?"]);
}

#[tokio::test]
async fn a_timer_that_runs_out_in_a_pause_has_its_turn_when_that_ends() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    stage.passes(2);
    stage.works().await;
    assert_eq!((cook.announced().len(), stage.engine.stats().woken), (0, 0), "nobody is even woken");
    stage.engine.operator(by()).resume(stage.id).await.expect("a turn");
    stage.works().await;
    assert_eq!(cook.announced(), ["Are you there?"]);
}

#[tokio::test]
async fn a_pause_with_an_end_is_ended_by_a_worker_which_asks_what_is_owed() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says_all(&["hi", "soup"]).await;
    stage.engine.operator(by()).pause_for(stage.id, 2 * HOUR).await.expect("a turn");
    stage.engine.signal(stage.id, paid(7)).await.expect("a turn");
    stage.passes(1);
    stage.works().await;
    assert!(stage.says("hello?").await.is_paused());
    cook.failures.store(1, Ordering::SeqCst);
    stage.passes(1);
    stage.works().await;
    assert!(stage.session().await.pause().is_some(), "its question could not be asked");
    stage.clock.advance(Duration::from_secs(2));
    stage.works().await;
    assert_eq!(cook.announced(), ["Receipt 7.", "Anything else?"]);
    assert_eq!(stage.causes().await.last().map(String::as_str), Some("unpaused"));
    assert!(!stage.says("tea").await.is_paused());
}

#[tokio::test]
async fn without_a_worker_the_next_message_ends_a_pause_whose_time_has_passed() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says_all(&["hi", "soup"]).await;
    let operator = stage.engine.operator(by());
    operator.pause_for(stage.id, HOUR).await.expect("a turn");
    stage.passes(1);
    assert_eq!(stage.says("what?").await.texts(), ["what??", "Pay for soup, please."], "it was asked before");
    operator.pause_for(stage.id, HOUR).await.expect("a turn");
    stage.engine.signal(stage.id, paid(7)).await.expect("a turn");
    stage.passes(1);
    let runs = cook.count();
    let outcome = stage.says("now?").await;
    assert_eq!(outcome.texts(), ["Receipt 7.", "Anything else?"], "what it said is no answer to that");
    assert!(!outcome.is_paused() && cook.count() == runs);
    assert_eq!(stage.says("tea").await.texts(), ["\"tea\" it is.", "Good bye."]);
    for time in [Duration::ZERO, Duration::MAX] {
        assert!(matches!(operator.pause_for(stage.id, time).await, Err(EngineError::PauseTime)));
    }
}

#[tokio::test]
async fn what_is_owed_at_the_end_of_a_pause_waits_where_nobody_would_tell_it() {
    let cook = Cook::default();
    let stage = Stage::with(Order::engine(cook.clone()));
    stage.says_all(&["hi", "soup"]).await;
    stage.engine.operator(by()).pause_for(stage.id, HOUR).await.expect("a turn");
    stage.engine.signal(stage.id, paid(7)).await.expect("a turn");
    stage.passes(1);
    stage.works().await;
    assert!(stage.session().await.pause().is_some(), "it is left to the next message");
    assert_eq!(stage.says("now?").await.texts(), ["Receipt 7.", "Anything else?"]);
}

#[tokio::test]
async fn a_handler_hands_over_to_a_person_and_has_somebody_called() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says("hi").await;
    let outcome = stage.says("person").await;
    assert_eq!((outcome.texts(), outcome.is_paused()), (vec!["One moment."], false));
    assert_eq!(outcome.transitions[0].to_string(), "MENU -> MENU (handed over, bot: a wish of the visitor's)");
    stage.works().await;
    assert_eq!(cook.calls.load(Ordering::SeqCst), 1);
    assert!(stage.says("soup").await.is_paused());
    stage.engine.operator(by()).resume(stage.id).await.expect("a turn");
    assert_eq!(stage.says("soup").await.texts(), ["Pay for soup, please."]);
}

#[tokio::test]
async fn a_person_says_something_and_the_history_tells_that_and_not_what() {
    let cook = Cook::default();
    let stage = paused_at_pay(&cook).await;
    let operator = stage.engine.operator(By::new("kai", "she called"));
    let outcome = operator.say(stage.id, "It is on the house.").await.expect("a turn");
    assert_eq!(outcome.transitions[0].to_string(), "PAY -> PAY (spoken, kai: she called)");
    stage.works().await;
    assert_eq!(cook.announced(), ["It is on the house."]);
    let silent = stage.second(Order::engine(cook.clone()));
    let version = stage.session().await.stamp();
    let unheard = silent.operator(by()).say(stage.id, "Hello?").await;
    assert!(matches!(unheard, Err(EngineError::NobodyTells)));
    assert_eq!(stage.session().await.stamp(), version, "nothing was touched");
}

#[tokio::test]
async fn a_turn_that_is_decided_when_the_pause_comes_is_not_taken() {
    let held = Arc::new(Semaphore::new(0));
    let cook = Cook { held: Some(Arc::clone(&held)), ..Cook::default() };
    let stage = table(&cook);
    stage.says("hi").await;
    let other = stage.second(cook.engine());
    let (outcome, ()) = tokio::join!(stage.says("soup"), async {
        while cook.count() == 0 {
            tokio::task::yield_now().await;
        }
        other.operator(by()).pause(stage.id).await.expect("a turn");
        held.add_permits(1);
    });
    assert!(outcome.is_paused(), "{outcome:?}");
    assert_eq!((stage.state().await, cook.count()), (Some("MENU"), 1), "decided again, and by nobody");
}

#[tokio::test]
async fn a_pause_outlasts_an_end_and_the_taking_up_of_an_expired_session_and_no_new_conversation() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says_all(&["hi", "bye"]).await;
    stage.pauses().await;
    assert!(stage.says("one more thing").await.is_paused(), "no conversation begins anew");
    assert_eq!(stage.engine.stats().ended, 1, "it came to its end once");
    for (resume, is_paused) in [(Resume::Within(2 * HOUR), true), (Resume::Unexpired, false)] {
        let stage = Stage::with(cook.engine().expiry(Expiry::default().idle(HOUR)).resume(resume));
        stage.says_all(&["hi", "soup"]).await;
        stage.pauses().await;
        stage.clock.advance(HOUR / 2);
        assert!(stage.says("hello?").await.is_paused());
        stage.clock.advance(HOUR / 2);
        assert!(stage.says("hello?").await.is_paused(), "what is said puts the expiry off");
        stage.clock.advance(HOUR);
        assert_eq!(stage.says("hello?").await.is_paused(), is_paused, "{resume:?}");
    }
}

#[tokio::test]
async fn a_pause_whose_answer_was_lost_is_a_pause() {
    let cook = Cook::default();
    let stage = table(&cook);
    stage.says_all(&["hi", "soup"]).await;
    stage.store.next_commit(Meddling::LoseAnswer);
    stage.pauses().await;
    assert_eq!(stage.causes().await.iter().filter(|by| *by == "paused").count(), 1);
    assert_eq!(stage.session().await.history().last().map(|step| step.by), Some(Cause::Paused));
}
