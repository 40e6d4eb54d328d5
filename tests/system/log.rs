//! What a test logs: everything on its own thread, down to the finest.
//!
//! One subscriber serves all tests of the program. One for each test would not do: whether anybody listens to a
//! line of code is remembered for the whole process, and tests that begin and end meanwhile can make it forget.

use std::{
    cell::RefCell,
    io::{Result, Write},
    sync::Once,
    time::Duration,
};

use tracing_subscriber::fmt::format::FmtSpan;

use crate::{
    flow::BookingSignal,
    shelf::archiving,
    stage::{TO_REVIEW, by},
};

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Listens from now on.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(|| Sink)
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL);
        subscriber.init();
    });
    LOGGED.take();
}

/// What was logged on this thread since it listens.
pub(crate) fn logged() -> String {
    LOGGED.with_borrow(|logged| String::from_utf8_lossy(logged).into_owned())
}

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What was logged that is no span's: the level and the text of each line.
fn told(logged: &str) -> Vec<String> {
    let line = |line: &str| {
        let level = line.split_whitespace().nth(1)?.to_owned();
        // Behind the module, which ends with the first colon that has a space behind it.
        let (_, text) = line.rsplit_once(": ").filter(|_| line.contains(" flow_core::"))?;
        let is_of_span = ["new", "enter", "exit", "close"].iter().any(|event| text.split(' ').next() == Some(event));
        (!is_of_span).then(|| format!("{level} {text}"))
    };
    logged.lines().filter_map(line).collect()
}

/// Whether the line tells of another session than the one that is called `ID`.
fn is_of_another(line: &str) -> bool {
    line.contains("session=") && !line.contains("session=ID")
}

#[tokio::test]
async fn a_whole_booking_is_told_line_by_line_and_nothing_personal_with_it() {
    let (stage, _shelf) = archiving(|salon| salon);
    listen();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.works().await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    stage.engine.extend(stage.id).await.expect("a live session");
    stage.engine.operator(by()).erase(stage.id).await.expect("a store");
    let _ = stage.engine.shutdown(Duration::from_secs(5)).await;
    let logged = logged().replace(&stage.id.to_string(), "ID");
    // The calendar's times are conversations, too.
    let told: Vec<_> = told(&logged).into_iter().filter(|line| !is_of_another(line)).collect();
    let count = |beginning: &str| told.iter().filter(|line| line.starts_with(beginning)).count();
    assert_eq!(told[0], "DEBUG a conversation begins session=ID state=\"WELCOME\" by=opened", "{told:#?}");
    for (from, to, by) in [
        ("WELCOME", "BOOK_NAME", "message"),
        ("BOOK_SLOT", "BOOK_REVIEW", "message"),
        ("BOOK_REVIEW", "BOOK_SEND_LINK", "message"),
        ("BOOK_SEND_LINK", "BOOK_CONFIRMED", "signal"),
    ] {
        let line = format!("DEBUG a session moves session=ID from=\"{from}\" to=\"{to}\" by={by}");
        assert!(told.contains(&line), "{line}: {told:#?}");
    }
    assert_eq!((count("DEBUG a session moves"), count("DEBUG a turn was taken")), (8, 9), "{told:#?}");
    assert_eq!(count("DEBUG a conversation has come to its end"), 1);
    assert_eq!(count("DEBUG a delivery was made"), 3, "two checkpoints and an effect: {told:#?}");
    assert!(count("DEBUG a session was archived") >= 1, "{told:#?}");
    assert_eq!(count("DEBUG the expiry of a session was renewed"), 1, "{told:#?}");
    let at_info: Vec<_> = told.iter().filter(|line| !line.starts_with("DEBUG")).collect();
    assert_eq!(
        at_info,
        [
            "INFO an operator has acted session=ID deed=\"erase\" by=\"olga\" why=\"a test wants it\"",
            "INFO the engine has shut down is_complete=true"
        ]
    );
    for personal in ["Ana", "Silva", "ana@", "example.com", "+1 234", "1234567890", "Mon 10"] {
        assert!(!logged.contains(personal), "{personal}: {logged}");
    }
}
