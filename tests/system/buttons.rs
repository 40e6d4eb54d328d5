//! Buttons answer the question that they were shown with, however late and however often they are pressed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Ask, Choice, EngineBuilder, Expiry, Flow, Halt, Input, Offer, Opened, Opening, Outcome, Phrases, Reply, Result,
    Resume, SessionId, Step, StepExt, Turn,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{meddler::Meddling, stage::Stage};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "box_office", anywhere(back))]
enum Till {
    #[state(start, choices(Yes, No), to(Seat, Left))]
    Rules,
    #[state(offers = String, to(Pay))]
    Seat,
    #[state(ask = "Pay {seat} now?", choices(Yes, No), tries(2, Left), remind("1h", Nudge), to(Paid, Seat, Left))]
    Pay { seat: String },
    #[state(end)]
    Paid { seat: String },
    #[state(end, say = "Another time.")]
    Left,
}

use till::*;

/// What the till has seen of the inputs, and what it has free.
#[derive(Clone, Default)]
struct Clerk {
    heard: Arc<Mutex<Vec<Input>>>,
    free: Arc<Mutex<Vec<&'static str>>>,
}

impl TillHandler for Clerk {
    async fn on_open(&self, opening: &mut Opening<'_, Till>) -> Result<()> {
        self.hears(Some(opening.input()));
        match opening.input().said() {
            // A cause that quotes the visitor.
            Some(said) if said.contains("canary") => Err(Halt::failed(format!("there is no {said}"))),
            _ => Ok(()),
        }
    }

    async fn ask_rules(&self, _: &Rules, ask: Ask<'_, Rules>) -> Result<Reply> {
        let question = if ask.language() == Some("de") { "Einverstanden?" } else { "Do you agree?" };
        Ok(question.into())
    }

    async fn rules(&self, _: Rules, choice: RulesChoice, turn: Turn<'_, Rules>) -> Step<Rules> {
        self.hears(turn.input());
        match choice {
            RulesChoice::Yes => turn.to(Seat).say(Reply::new("Good.").with_choices([Choice::menu("Menu", "menu")])),
            RulesChoice::No => turn.to(Left),
        }
    }

    async fn ask_seat(&self, _: &Seat, _: Ask<'_, Seat>) -> Result<Offer<String>> {
        let free = self.free.lock().expect("a lock");
        Ok(Offer::new("Where?").items(free.iter().map(|seat| (*seat).to_owned())))
    }

    async fn seat(&self, state: Seat, seat: String, turn: Turn<'_, Seat>) -> Step<Seat> {
        self.hears(turn.input());
        turn.to(state.pay(seat))
    }

    async fn pay(&self, state: Pay, choice: PayChoice, turn: Turn<'_, Pay>) -> Step<Pay> {
        self.hears(turn.input());
        match choice {
            PayChoice::Yes => {
                let again = if state.seat == "cage" { "canary again" } else { "again" };
                turn.to(state.paid()).say(Reply::new("Paid.").with_choices([Choice::new("Once more", again)]))
            }
            PayChoice::No => turn.to(Seat),
        }
    }

    async fn pay_on_nudge(&self, _: Pay, turn: Turn<'_, Pay>) -> Step<Pay> {
        turn.stay(Reply::new("Still there?").with_choices(["Yes", "No"]))
    }
}

impl Clerk {
    fn hears(&self, input: Option<&Input>) {
        self.heard.lock().expect("a lock").extend(input.cloned());
    }

    fn heard(&self) -> Option<Input> {
        self.heard.lock().expect("a lock").last().cloned()
    }
}

/// A stage whose clerk has two seats free.
fn stage() -> (Stage<Till>, Clerk) {
    stage_with(|builder| builder)
}

fn stage_with(set: impl Fn(EngineBuilder<Till>) -> EngineBuilder<Till>) -> (Stage<Till>, Clerk) {
    let clerk = Clerk::default();
    *clerk.free.lock().expect("a lock") = vec!["window", "bar"];
    (Stage::with(set(Till::engine(clerk.clone()))), clerk)
}

/// The button with this label, as the channel gets it back.
fn button(outcome: &Outcome<Till>, label: &str) -> Input {
    let mut buttons = outcome.replies.iter().flat_map(Reply::buttons);
    Input::button(buttons.find(|button| button.label() == label).expect("a button of that label").token())
}

async fn tries(stage: &Stage<Till>) -> u64 {
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    session.masked().expect("JSON")["tries"].as_u64().expect("a number")
}

#[tokio::test]
async fn a_double_tap_answers_one_question() {
    let (stage, _) = stage();
    let yes = button(&stage.says("hi").await, "Yes");
    let first = stage.says(yes.clone()).await;
    stage.says("window").await;
    // The question before was left by a word; the first one's "Yes" is no answer to "Pay now?".
    let late = stage.says(yes).await;
    assert!(late.is_over() && first.is_repeat() == late.is_repeat());
    assert_eq!((late.texts(), stage.state().await), (vec!["That question is over.", "Pay window now?"], Some("PAY")));
}

#[tokio::test]
async fn the_choice_that_was_taken_is_a_repeat_when_it_is_pressed_again() {
    let (stage, clerk) = stage();
    let yes = button(&stage.says("hi").await, "Yes");
    let first = stage.says(yes.clone()).await;
    let (writes, heard) = (stage.store.writes(), clerk.heard.lock().expect("a lock").len());
    // Also in another process, and under ids of their own.
    for engine in [stage.engine.clone(), stage.second(Till::engine(clerk.clone()))] {
        let again = engine.handle(stage.id, yes.clone()).await.expect("a repeat");
        assert!(again.is_repeat() && !again.is_late_repeat());
        assert_eq!((&again.replies, again.version), (&first.replies, first.version));
        assert_eq!(button(&again, "bar"), button(&first, "bar"));
    }
    assert_eq!((stage.store.writes(), clerk.heard.lock().expect("a lock").len()), (writes, heard));
    assert_eq!(tries(&stage).await, 0);
    assert_eq!(stage.engine.stats().repeats, 1);
}

#[tokio::test]
async fn a_choice_that_was_written_is_no_answer_when_it_is_pressed_afterwards() {
    let (stage, _) = stage();
    let opened = stage.says("hi").await;
    stage.says(" yes").await;
    assert!(stage.says(button(&opened, "Yes")).await.is_repeat());
    assert!(stage.says(button(&opened, "No")).await.is_over());
    assert_eq!(stage.state().await, Some("SEAT"));
}

#[tokio::test]
async fn a_double_tap_on_the_last_choice_opens_no_new_conversation() {
    let (stage, _) = stage();
    stage.says_all(&["hi", "Yes"]).await;
    let yes = button(&stage.says("bar").await, "Yes");
    let paid = stage.says(yes.clone()).await;
    let again = stage.says(yes).await;
    assert!(again.is_repeat() && again.opened.is_none());
    assert_eq!(again.replies, paid.replies);
    assert_eq!(stage.state().await, Some("PAID"));
}

#[tokio::test]
async fn two_taps_at_once_on_two_engines_are_one_answer() {
    let (stage, clerk) = stage();
    let other = stage.second(Till::engine(clerk.clone()));
    for _ in 0..20 {
        let id = SessionId::random();
        let opened = stage.engine.handle(id, "hi").await.expect("a turn");
        let yes = button(&opened, "Yes");
        let (one, two) = tokio::join!(stage.engine.handle(id, yes.clone()), other.handle(id, yes));
        let (one, two) = (one.expect("a turn"), two.expect("a turn"));
        assert!(one.is_repeat() != two.is_repeat(), "{one:?} {two:?}");
        assert_eq!(one.replies, two.replies);
    }
}

#[tokio::test]
async fn a_handler_is_given_the_payload_and_never_the_token() {
    let (stage, clerk) = stage();
    let opened = stage.says("hi").await;
    let seat = stage.says(button(&opened, "Yes")).await;
    assert_eq!(clerk.heard(), Some(Input::button("Yes")));
    stage.says(button(&seat, "bar")).await;
    assert_eq!(clerk.heard(), Some(Input::button("bar")));
    assert_eq!(
        stage.engine.peek(stage.id).await.expect("readable").map(|session| session.state().copy()),
        Some(Till::Pay { seat: "bar".into() })
    );
    // And the raw payload of a terminal, or of a test, counts as ever.
    stage.says(Input::button("Yes")).await;
    assert_eq!(stage.state().await, Some("PAID"));
}

#[tokio::test]
async fn a_question_that_is_asked_again_keeps_its_buttons() {
    let (stage, _) = stage();
    let opened = stage.says("hi").await;
    let again = stage.says("what?").await;
    let german = stage.says(Input::text("wie?").with_language("de")).await;
    assert_eq!(german.texts(), ["Please take one of these:", "Einverstanden?"]);
    assert!(button(&opened, "Yes") == button(&again, "Yes") && button(&again, "Yes") == button(&german, "Yes"));
    assert!(!stage.says(button(&opened, "Yes")).await.is_over());
    assert_eq!(stage.state().await, Some("SEAT"));
}

#[tokio::test]
async fn a_question_that_was_come_back_to_is_another() {
    let (stage, _) = stage();
    let opened = stage.says("hi").await;
    stage.says("Yes").await;
    let back = stage.says("back").await;
    assert_ne!(button(&opened, "Yes"), button(&back, "Yes"));
    let late = stage.says(button(&opened, "Yes")).await;
    assert_eq!((late.is_over(), late.texts()), (true, vec!["That question is over.", "Do you agree?"]));
    // The buttons under it are good.
    assert!(!stage.says(button(&late, "Yes")).await.is_over());
    assert_eq!(stage.state().await, Some("SEAT"));
}

#[tokio::test]
async fn a_button_of_a_question_that_is_over_counts_no_try_and_puts_no_expiry_off() {
    let idle = Duration::from_secs(3600 * 10);
    let (stage, _) = stage_with(|builder| builder.expiry(Expiry::default().idle(idle)));
    let opened = stage.says("hi").await;
    stage.says_all(&["Yes", "bar", "neither"]).await;
    let expires_at =
        || async { stage.engine.peek(stage.id).await.expect("readable").and_then(|session| session.expires_at()) };
    let before = (expires_at().await, tries(&stage).await);
    stage.passes(1);
    for _ in 0..5 {
        assert!(stage.says(button(&opened, "Yes")).await.is_over());
    }
    assert_eq!((expires_at().await, tries(&stage).await), before);
    assert_eq!((before.1, stage.state().await, stage.engine.stats().over), (1, Some("PAY"), 5));
}

#[tokio::test]
async fn the_press_of_an_old_button_that_is_delivered_twice_is_answered_the_same() {
    let (stage, _) = stage();
    let opened = stage.says("hi").await;
    stage.says_all(&["Yes", "bar"]).await;
    let press = button(&opened, "No").with_id("7");
    let (first, again) = (stage.says(press.clone()).await, stage.says(press).await);
    assert!(first.is_over() && again.is_repeat());
    assert_eq!(first.replies, again.replies);
}

#[tokio::test]
async fn what_is_no_longer_offered_is_asked_again_and_what_moved_is_meant() {
    let (stage, clerk) = stage();
    let seats = stage.says_all(&["hi", "Yes"]).await;
    *clerk.free.lock().expect("a lock") = vec!["garden", "bar"];
    stage.says("?").await;
    let gone = stage.says(button(&seats, "window")).await;
    assert!(!gone.is_over());
    assert_eq!(gone.texts(), ["Please take one of these:", "Where?"]);
    // It was the second, and still is what was meant, wherever it stands.
    *clerk.free.lock().expect("a lock") = vec!["bar", "garden"];
    stage.says("?").await;
    let paid = stage.says(button(&seats, "bar")).await;
    assert_eq!(paid.texts(), ["Pay bar now?"]);
}

#[tokio::test]
async fn every_button_of_a_long_list_counts() {
    let (stage, clerk) = stage();
    let names: Vec<&'static str> = (0..100).map(|seat| &*Box::leak(format!("seat {seat}").into_boxed_str())).collect();
    clerk.free.lock().expect("a lock").clone_from(&names);
    let seats = stage.says_all(&["hi", "Yes"]).await;
    assert_eq!(stage.says(button(&seats, "seat 0")).await.texts(), ["Pay seat 0 now?"]);
}

#[tokio::test]
async fn after_an_expiry_every_button_is_over_and_a_conversation_begins() {
    let idle = |builder: EngineBuilder<Till>| {
        builder.expiry(Expiry::default().idle(Duration::from_secs(3600)).grace(Duration::from_secs(36_000)))
    };
    let (stage, clerk) = stage_with(idle);
    let opened = stage.says("hi").await;
    stage.passes(2);
    let late = stage.says(button(&opened, "Yes")).await;
    assert_eq!((late.is_over(), late.opened), (true, Some(Opened::AfterExpiry)));
    assert_eq!(late.texts(), ["That question is over.", "Do you agree?"]);
    // What its payload was is not known any more, and nothing else is said for it.
    assert_eq!(clerk.heard(), Some(Input::button("")));
}

#[tokio::test]
async fn a_session_that_is_taken_up_after_its_expiry_asks_anew() {
    let hours = |hours: u64| Duration::from_secs(3600 * hours);
    let (stage, _) = stage_with(|builder| {
        builder.expiry(Expiry::default().idle(hours(1)).grace(hours(100))).resume(Resume::Within(hours(50)))
    });
    let opened = stage.says("hi").await;
    stage.passes(2);
    let late = stage.says(button(&opened, "Yes")).await;
    assert!(late.is_over() && late.resumed.is_some());
    assert_ne!(button(&late, "Yes"), button(&opened, "Yes"));
    stage.says(button(&late, "Yes")).await;
    assert_eq!(stage.state().await, Some("SEAT"));
}

#[tokio::test]
async fn a_token_of_another_session_or_a_forged_one_is_over() {
    let (stage, _) = stage();
    let theirs = stage.engine.handle(SessionId::random(), "hi").await.expect("a turn");
    let opened = stage.says("hi").await;
    let ours = opened.replies[0].buttons()[0].token().to_owned();
    let forged = [format!("{}AAAAAA", &ours[..9]), format!("~AAAAAAAA{}", &ours[9..])];
    for press in forged.map(Input::button).into_iter().chain([button(&theirs, "Yes")]) {
        let outcome = stage.says(press).await;
        assert!(outcome.is_over());
        assert_eq!(stage.state().await, Some("RULES"));
    }
    // Where there is no session, one begins.
    let stranger = stage.engine.handle(SessionId::random(), button(&opened, "Yes")).await.expect("a turn");
    assert_eq!((stranger.is_over(), stranger.opened), (true, Some(Opened::First)));
}

#[tokio::test]
async fn what_has_not_the_form_of_a_token_comes_as_it_is() {
    let (stage, clerk) = stage();
    stage.says("hi").await;
    for payload in ["~Yes", "~AAAAAAAA AAAAAA", "/start x", "~AAAAAAAAAAAAAA="] {
        stage.says(Input::button(payload)).await;
        assert!(clerk.heard.lock().expect("a lock").len() == 1, "only the opening was heard");
    }
    assert_eq!((stage.engine.stats().over, stage.engine.stats().reasked), (0, 4));
    // Words are never taken for a button, whatever they look like.
    let token = stage.says("?").await.replies[1].buttons()[0].token().to_owned();
    stage.says(Input::text(token)).await;
    assert_eq!((stage.state().await, stage.engine.stats().reasked), (Some("RULES"), 6));
}

#[tokio::test]
async fn a_menu_is_sent_as_it_is_and_works_at_any_time() {
    let (stage, _) = stage();
    let seats = stage.says_all(&["hi", "Yes"]).await;
    assert_eq!(button(&seats, "Menu"), Input::button("menu"));
    stage.says("bar").await;
    // It is an answer to whatever is asked, and here no good one.
    assert_eq!(stage.says(Input::button("menu")).await.texts()[0], "Please take one of these:");
}

#[tokio::test]
async fn a_menu_whose_payload_looks_like_a_button_of_a_question_is_a_menu_all_the_same() {
    let (stage, clerk) = stage();
    let pressed = |payload: &str| {
        let reply = Reply::new("Hello!").with_choices([Choice::menu("Menu", payload)]);
        Input::button(reply.buttons()[0].token())
    };
    for payload in ["~AAAAAAAAAAAAAA", "~~AAAAAAAAAAAAAA"] {
        let opened = stage.engine.handle(SessionId::random(), pressed(payload)).await.expect("a turn");
        assert_eq!((opened.is_over(), clerk.heard()), (false, Some(Input::button(payload))), "as it was declared");
    }
    // It is told from a button of the present question too, and of the one that has led there.
    let rules = stage.says("hi").await;
    let seats = stage.says(button(&rules, "Yes")).await;
    for outcome in [&seats, &rules] {
        let token = outcome.replies.iter().flat_map(Reply::buttons).last().expect("a button").token().to_owned();
        let answered = stage.says(pressed(&token)).await;
        assert!(!answered.is_over() && !answered.is_repeat(), "{:?}", answered.texts());
    }
    assert_eq!((stage.state().await, stage.engine.stats().reasked), (Some("SEAT"), 2));
}

#[tokio::test]
async fn a_button_at_the_end_opens_a_conversation_with_its_payload() {
    let (stage, clerk) = stage();
    let paid = stage.says_all(&["hi", "Yes", "bar", "Yes"]).await;
    let opened = stage.says(button(&paid, "Once more")).await;
    assert_eq!((opened.opened, opened.is_over()), (Some(Opened::AfterEnd), false));
    assert_eq!(clerk.heard(), Some(Input::button("again")));
}

#[tokio::test]
async fn what_is_said_without_being_asked_has_the_buttons_of_its_question() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&said);
    let (stage, _) = stage_with(|builder| {
        let said = Arc::clone(&hook);
        builder.on_announcement(move |announcement| {
            said.lock().expect("a lock").extend(announcement.replies);
            crate::stage::ok()
        })
    });
    let asked = stage.says_all(&["hi", "Yes", "bar"]).await;
    stage.passes(1);
    stage.works().await;
    let tokens = |reply: &Reply| reply.buttons().iter().map(|button| button.token().to_owned()).collect::<Vec<_>>();
    let announced = said.lock().expect("a lock").first().map(tokens).expect("a nudge");
    assert_eq!(announced, tokens(&asked.replies[0]));
    stage.says(Input::button(&*announced[0])).await;
    assert_eq!(stage.state().await, Some("PAID"));
}

#[tokio::test]
async fn a_turn_that_is_put_on_a_newer_record_keeps_its_buttons_and_its_choice() {
    let (stage, clerk) = stage();
    let seats = stage.says_all(&["hi", "Yes"]).await;
    // While the turn is decided, another process extends the session, which is no turn: the plan is put on that.
    let other = stage.behind(Till::engine(clerk.clone()).expiry(Expiry::default().idle(Duration::from_secs(60))));
    let permits = Arc::new(Semaphore::new(0));
    stage.store.next_commit(Meddling::Wait(Arc::clone(&permits)));
    let (asked, ()) = tokio::join!(stage.says(button(&seats, "bar")), async {
        tokio::task::yield_now().await;
        other.expire_after(stage.id, Duration::from_secs(3600)).await.expect("a session");
        permits.add_permits(1);
    });
    assert_eq!((stage.engine.stats().conflicts, clerk.heard.lock().expect("a lock").len()), (1, 3));
    let again = stage.says(button(&seats, "bar")).await;
    assert_eq!((again.is_repeat(), &again.replies, again.version), (true, &asked.replies, asked.version));
    stage.says(button(&asked, "Yes")).await;
    assert_eq!(stage.state().await, Some("PAID"));
}

#[tokio::test]
async fn what_a_button_stands_for_is_in_no_log_and_no_debug() {
    crate::log::listen();
    let (stage, clerk) = stage();
    *clerk.free.lock().expect("a lock") = vec!["cage"];
    let paid = stage.says_all(&["hi", "Yes", "cage", "Yes"]).await;
    let failed = stage.says(button(&paid, "Once more")).await;
    assert!(failed.is_failed());
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let masked = session.masked().expect("JSON");
    let buttons = paid.replies.iter().flat_map(Reply::buttons).collect::<Vec<_>>();
    let logged = crate::log::logged();
    assert!(logged.contains("there is no"), "the failure was logged");
    let shown = format!("{logged} {paid:?} {failed:?} {session:?} {masked} {buttons:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn the_engine_says_it_in_the_words_it_was_given() {
    let (stage, _) = stage_with(|builder| {
        let mut phrases = Phrases::default();
        phrases.question_is_over = "Diese Frage ist vorbei.".into();
        builder.phrases(phrases)
    });
    let opened = stage.says("hi").await;
    stage.says("Yes").await;
    assert_eq!(stage.says(button(&opened, "No")).await.texts(), ["Diese Frage ist vorbei.", "Where?"]);
}
