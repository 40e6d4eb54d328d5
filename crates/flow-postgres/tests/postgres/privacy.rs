//! What visitors say is in the tables, and in no log.

use std::sync::Mutex;

use flow_core::{
    Archive as _, Record, SessionId,
    store::{Commit, Expect},
};
use flow_testkit::conformance::archive::seed;
use log::{LevelFilter, Log, Metadata};
use serde_json::json;

use crate::{
    server::fresh_store,
    writes::{FLOW, create, write},
};

const SECRET: &str = "nobody must read this";

/// Hears what the client of the database logs.
struct Listener {
    statements: Mutex<u32>,
    leaks: Mutex<Vec<String>>,
}

static LISTENER: Listener = Listener { statements: Mutex::new(0), leaks: Mutex::new(Vec::new()) };

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = record.args().to_string();
        *self.statements.lock().expect("a count") += u32::from(line.contains("with parameters"));
        if line.contains(SECRET) {
            self.leaks.lock().expect("a list").push(line);
        }
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn what_a_visitor_says_is_in_no_log_of_the_client() {
    log::set_logger(&LISTENER).expect("no other listens");
    log::set_max_level(LevelFilter::Debug);
    let (store, creation) = (fresh_store().await, create(SessionId::random()));
    let body = format!(r#","current":"{SECRET}"}}"#);
    let record = Record::compose(creation.record.stamp(), body.as_bytes());
    write(&store, Commit::new(creation.id, Expect::Absent, record, FLOW, "WELCOME")).await;
    let mut entry = seed().remove(0);
    entry.summary.data = json!(SECRET);
    entry.summary.language = Some(SECRET.into());
    // One that is kept, and one that the server refuses with its words.
    store.archive().put(std::slice::from_ref(&entry)).await.expect("an archive");
    entry.id = SessionId::random();
    entry.summary.flow = format!("{SECRET}\0");
    store.archive().put(&[entry]).await.expect("an archive");
    log::set_max_level(LevelFilter::Off);
    assert!(*LISTENER.statements.lock().expect("a count") > 4, "the client tells its statements");
    assert_eq!(*LISTENER.leaks.lock().expect("a list"), Vec::<String>::new());
}
