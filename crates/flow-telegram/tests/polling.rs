//! The whole bot on a laptop, which asks Telegram for its updates.

mod support;

use std::{sync::Arc, time::Duration};

use flow_core::{
    Input, Record, Stamp, Store as _,
    store::{Commit, Expect},
};
use flow_http::platform::Arrived;
use flow_proving::Fickle;
use flow_telegram::Polling;
use serde_json::{Value, json};
use support::{Answer, Salon, Server, telegram, until};
use tokio::{sync::oneshot, task::JoinHandle};

/// A process that polls.
struct Laptop {
    salon: Salon,
    end: oneshot::Sender<()>,
    polling: JoinHandle<()>,
}

impl Laptop {
    fn of(salon: Salon) -> Self {
        Self::set(salon, |polling| polling)
    }

    fn set(salon: Salon, set: impl FnOnce(Polling<support::Visit>) -> Polling<support::Visit>) -> Self {
        let (end, ended) = oneshot::channel::<()>();
        let polling = set(Polling::new(&salon.line, &salon.engine).pause(Duration::from_millis(10)));
        let polling = tokio::spawn(polling.until(async {
            let _ = ended.await;
        }));
        Self { salon, end, polling }
    }

    /// Ends in order.
    async fn ends(self) -> Salon {
        let _ = self.end.send(());
        self.polling.await.expect("an end");
        self.salon
    }

    /// Ends as a process that is killed does.
    async fn dies(self) -> Salon {
        self.polling.abort();
        let _ = self.polling.await;
        self.salon
    }
}

#[tokio::test]
async fn what_is_said_is_answered_in_order_and_confirmed_when_it_is_stored() {
    let server = Server::start().await;
    server.says(1, "hello");
    server.says(2, "hello");
    let laptop = Laptop::of(Salon::new(&server));
    until("two questions", || server.texts().len() == 2).await;
    let question = server.calls("sendMessage")[0].clone();
    let chat = question["chat_id"].as_i64().expect("a chat");
    server.presses(chat, &question);
    server.says(chat, "Ana");
    until("the end", || server.texts().iter().any(|text| text == "See you, Ana.")).await;
    // By a call of its own, since there is no request to answer.
    until("acknowledged", || !server.calls("answerCallbackQuery").is_empty()).await;
    until("edited", || !server.calls("editMessageReplyMarkup").is_empty()).await;
    laptop.ends().await;
    assert_eq!(server.waiting(), 0);
    let asked = &server.calls("getUpdates")[0];
    assert_eq!((&asked["offset"], &asked["allowed_updates"]), (&Value::Null, &json!(["message", "callback_query"])));
}

#[tokio::test]
async fn a_process_that_is_killed_has_confirmed_nothing_that_it_has_not_stored() {
    let server = Server::start().await;
    let store = Arc::<Fickle>::default();
    let first = Laptop::of(Salon::over(&server, Arc::clone(&store)));
    until("asked", || !server.calls("getUpdates").is_empty()).await;
    store.mood.gets_stuck();
    server.says(1, "hello");
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.dies().await;
    assert_eq!((server.waiting(), server.texts().len()), (1, 0));
    store.mood.comes_back();
    let second = Laptop::of(Salon::over(&server, Arc::clone(&store)));
    until("answered", || server.texts().len() == 1).await;
    // Killed between storing and confirming: the next one is told again, and says nothing twice.
    second.dies().await;
    let third = Laptop::of(Salon::over(&server, store));
    until("confirmed", || server.waiting() == 0).await;
    server.says(1, "nails");
    until("answered", || server.texts().len() >= 2).await;
    third.ends().await;
    assert_eq!(server.texts(), ["Hair or nails?", "Your name?"]);
}

#[tokio::test]
async fn while_the_store_is_away_nothing_is_confirmed_and_nothing_is_given_up() {
    let server = Server::start().await;
    let laptop = Laptop::set(Salon::new(&server), |polling| polling.patience(Duration::from_millis(50)));
    until("asked", || !server.calls("getUpdates").is_empty()).await;
    laptop.salon.store.mood.goes_away();
    for chat in 1..=3 {
        server.says(chat, "hello");
    }
    until("asked again", || server.calls("getUpdates").len() > 6).await;
    assert_eq!((server.waiting(), server.texts().len()), (3, 0));
    laptop.salon.store.mood.comes_back();
    until("answered", || server.texts().len() == 3).await;
    until("confirmed", || server.waiting() == 0).await;
    laptop.ends().await;
}

#[tokio::test]
async fn what_is_of_no_use_and_what_would_never_be_taken_stop_nothing() {
    let server = Server::start().await;
    server.happens(&json!({ "telepathy": { "thought": "hello" } }));
    server.happens(&json!({ "message": { "message_id": "one", "chat": 1 } }));
    server.says(1, &"x".repeat(2_000));
    server.happens(
        &json!({ "edited_message": { "message_id": 1, "chat": { "id": 1, "type": "private" }, "text": "x" } }),
    );
    server.happens(&json!({ "callback_query": { "id": "x", "from": { "id": 1 }, "inline_message_id": "y" } }));
    server.says(1, "hello");
    let laptop = Laptop::of(Salon::new(&server));
    until("answered", || server.texts() == ["Hair or nails?"]).await;
    until("confirmed", || server.waiting() == 0).await;
    until("acknowledged", || server.calls("answerCallbackQuery").len() == 1).await;
    laptop.ends().await;
}

#[tokio::test]
async fn of_the_processes_that_share_a_store_one_polls_and_another_takes_over() {
    let server = Server::start().await;
    let store = Arc::<Fickle>::default();
    let [first, second] = [(), ()].map(|()| Laptop::of(Salon::over(&server, Arc::clone(&store))));
    until("asked", || !server.calls("getUpdates").is_empty()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((server.calls("getUpdates").len(), server.calls("getMe").len()), (1, 1), "only one asks");
    server.says(1, "hello");
    until("answered", || server.texts().len() == 1).await;
    // Whichever of them it was.
    first.ends().await;
    server.says(1, "nails");
    until("answered", || server.texts().len() == 2).await;
    second.ends().await;
    assert_eq!(server.waiting(), 0);
    let third = Laptop::of(Salon::over(&server, store));
    server.says(1, "Ana");
    until("answered", || server.texts().len() == 3).await;
    third.ends().await;
    assert_eq!(server.texts(), ["Hair or nails?", "Your name?", "See you, Ana."]);
}

/// Makes the record of this chat's session one that nobody can read: its messages cannot be taken, those of others can.
async fn spoil(salon: &Salon, chat: i64) {
    let id = salon.line.session_of(&Arrived::new(chat.to_string(), Input::text("x")));
    let record = Record::compose(Stamp::first(), b"not a session");
    let commit = Commit::new(id, Expect::Absent, record, "telegram_salon", "WELCOME");
    salon.store.commit(commit).await.expect("a store");
}

#[tokio::test]
async fn an_update_that_cannot_be_taken_holds_up_the_others_for_a_time_and_no_longer() {
    let server = Server::start().await;
    let salon = Salon::new(&server);
    spoil(&salon, 1).await;
    for _ in 0..2 {
        server.says(1, "hello");
    }
    server.says(2, "hello");
    let laptop = Laptop::set(salon, |polling| polling.patience(Duration::from_millis(300)));
    // Behind it, and not held up: it came in the same answer.
    until("answered", || server.texts() == ["Hair or nails?"]).await;
    assert_eq!(server.waiting(), 3);
    until("given up", || server.waiting() == 0).await;
    server.says(2, "nails");
    until("answered", || server.texts().len() == 2).await;
    laptop.ends().await;
    assert_eq!(server.texts(), ["Hair or nails?", "Your name?"]);
}

#[tokio::test]
async fn whoever_else_polls_and_a_webhook_are_in_the_way_only_for_as_long_as_they_are_there() {
    let server = Server::start().await;
    server.has_webhook("https://bot.example.com/hooks/telegram");
    let other = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    server.says(1, "hello");
    let laptop = Laptop::of(Salon::new(&server));
    until("asked again", || server.calls("getUpdates").len() > 2).await;
    assert_eq!((server.waiting(), server.calls("deleteWebhook").len()), (1, 0), "it is not ours to take away");
    for answer in [
        Answer::refuses(409, other),
        Answer::refuses_with(429, "Too Many Requests: retry after 0", &json!({ "retry_after": 0 })),
        Answer::refuses(401, "Unauthorized"),
        Answer::Page(502),
        Answer::Page(200),
    ] {
        server.next("getUpdates", answer);
    }
    laptop.salon.line.platform().unregister().await.expect("taken away");
    until("answered", || server.texts().len() == 1).await;
    laptop.ends().await;
    // And where it is said that it is.
    server.has_webhook("https://bot.example.com/hooks/telegram");
    let laptop = Laptop::set(Salon::new(&server), Polling::replaces_webhook);
    server.says(2, "hello");
    until("answered", || server.texts().len() == 2).await;
    laptop.ends().await;
}

#[tokio::test]
async fn numbers_that_begin_anew_after_a_week_lose_nothing() {
    let server = Server::start().await;
    server.numbers_from(900_000);
    server.says(1, "hello");
    let laptop = Laptop::of(Salon::new(&server));
    until("answered", || server.texts().len() == 1).await;
    until("confirmed", || server.waiting() == 0).await;
    server.numbers_from(500);
    laptop.salon.store.mood.goes_away();
    server.happens(&json!({ "message": { "message_id": 4, "date": 0, "chat": { "id": 1, "type": "private" },
        "from": { "id": 1, "first_name": "Ana" }, "text": "nails" } }));
    let before = server.calls("getUpdates").len();
    until("asked again", || server.calls("getUpdates").len() > before + 3).await;
    assert_eq!(server.waiting(), 1, "it is not stored");
    laptop.salon.store.mood.comes_back();
    until("answered", || server.texts().len() == 2).await;
    until("confirmed", || server.waiting() == 0).await;
    laptop.ends().await;
    assert_eq!(server.texts(), ["Hair or nails?", "Your name?"]);
}

#[tokio::test]
async fn the_answer_to_a_poll_may_take_longer_than_any_other() {
    let server = Server::start().await;
    // The client waits for half a second.
    let salon = Salon::with(telegram(server.address()), Arc::default());
    let laptop = Laptop::of(salon);
    until("asked", || !server.calls("getUpdates").is_empty()).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(server.calls("getUpdates").len(), 1);
    server.says(1, "hello");
    until("answered", || server.texts().len() == 1).await;
    laptop.ends().await;
}
