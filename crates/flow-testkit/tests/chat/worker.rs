//! A worker that is not there: time passes, and a visitor who comes late finds what is overdue.

use std::time::Duration;

use crate::salon::chat;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn without_a_worker_nothing_happens_until_the_visitor_speaks() {
    let mut chat = chat();
    chat.says(["hi", "Yes"]).await.stops_worker().waits(2 * HOUR).await;
    assert_eq!(chat.state().await, Some("KEPT"), "nobody has seen to it");
    chat.says(["Yes"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_worker_that_is_back_does_what_is_overdue() {
    let mut chat = chat();
    chat.visitor("ana").says(["hi", "Yes"]).await.stops_worker().says(["Yes"]).await;
    chat.visitor("ben").says(["hello", "stop"]).await;
    assert!(!chat.transcript().contains("checkpoint"), "{}", chat.transcript());
    chat.starts_worker().await;
    assert!(
        chat.transcript().ends_with("(the worker starts)\n    ana: checkpoint SEATED 3/0"),
        "{}",
        chat.transcript()
    );
}

#[tokio::test]
async fn a_worker_that_is_back_leaves_a_state_whose_time_is_over() {
    let mut chat = chat();
    chat.says(["hi", "Yes"]).await.stops_worker().waits(HOUR).await.starts_worker().await;
    assert_eq!(chat.state().await, Some("LEFT"));
    let transcript = chat.transcript();
    assert!(transcript.contains("(1 h pass)\n(the worker starts)\n    KEPT -> LEFT (after)"), "{transcript}");
}

#[tokio::test]
async fn a_process_that_restarts_brings_no_worker() {
    let mut chat = chat();
    chat.says(["hi", "Yes"]).await.stops_worker().restarts_process().waits(2 * HOUR).await;
    assert_eq!(chat.switches_process().state().await, Some("KEPT"));
}
