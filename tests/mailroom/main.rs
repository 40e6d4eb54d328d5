//! A bot that dies: it accepts messages from its standard input, and kills itself at one of the points between accepting a message
//! and striking off its reply. What it says to its visitors stands in a file.

mod deadly;
mod room;

use std::{io::BufRead, path::PathBuf, sync::Arc, thread, time::Duration};

use deadly::{Deadly, Death};
use flow_core::{Address, Deadlines, Engine, Input, Retries, SessionId, Store, engine::Inbox};
use flow_postgres::PostgresStore;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use room::{Clerk, Journal, Room};
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::mpsc, time::sleep};

/// A line of the standard input.
#[derive(Deserialize)]
struct Line {
    session: SessionId,
    id: String,
    text: String,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, folder, seed, one_in] = &arguments[..] else { panic!("mailroom STORE FOLDER SEED ONE-IN") };
    let folder = PathBuf::from(folder);
    let death = Death::new(&folder, seed.parse().expect("a seed"), one_in.parse().expect("a number"));
    let engine = engine(store(url, &death), &folder, &death);
    engine.worker().pause(Duration::from_millis(50)).lease(Duration::from_secs(1)).start();
    println!("{}", json!({"ready": true}));
    let mut lines = lines();
    let mut sessions = Vec::new();
    while let Some(line) = lines.recv().await {
        let Line { session, id, text } = serde_json::from_str(&line).expect("a line");
        if !sessions.contains(&session) {
            sessions.push(session);
        }
        let engine = engine.clone();
        tokio::spawn(async move {
            let address = Address::new("paper", session.to_string());
            let message = Input::text(text).with_id(id.clone()).with_address(address);
            let answer = match engine.accept(session, message).await {
                Ok(accepted) => json!({"accepted": id, "session": session, "waits": accepted.is_waiting()}),
                Err(error) => json!({"refused": id, "session": session, "error": error.to_string()}),
            };
            println!("{answer}");
        });
    }
    end(&engine, &sessions).await;
}

/// Waits until nothing is left to be done, and tells what was heard.
async fn end(engine: &Engine<Room>, sessions: &[SessionId]) {
    for session in sessions {
        let mut asked = 0_u32;
        let (waiting, known) = loop {
            // A store whose server was replaced a moment ago may refuse for a while.
            let told = (engine.waiting(*session).await, engine.peek(*session).await);
            if let (Ok(0), Ok(Some(known))) = &told
                && known.pending() == 0
            {
                break (0, known.clone());
            }
            asked += 1;
            if asked.is_multiple_of(500) {
                let pending = told.1.map(|known| known.map(|known| known.pending()));
                println!(
                    "{}",
                    json!({"session": session, "restless": format!("waiting {:?}, pending {pending:?}", told.0)})
                );
            }
            sleep(Duration::from_millis(20)).await;
        };
        let set_aside: Vec<_> = known.set_aside().into_iter().map(|aside| (aside.kind, aside.error)).collect();
        println!(
            "{}",
            json!({"session": session, "heard": known.shared().heard, "waiting": waiting, "aside": set_aside})
        );
    }
    let _ = engine.shutdown(Duration::from_secs(10)).await;
}

fn engine(store: Arc<dyn Store>, folder: &std::path::Path, death: &Death) -> Engine<Room> {
    let deadlines = Deadlines::default()
        .handler(Duration::from_millis(500))
        .archive(Duration::from_millis(1))
        .store(Duration::from_secs(1))
        .hook(Duration::from_millis(500));
    Room::engine(Clerk(death.clone()))
        .deadlines(deadlines)
        .retries(Retries::default().pause(Duration::from_millis(20)))
        // It dies so often that messages which have nothing to do with it would be counted out.
        .inbox(Inbox::default().patience(Duration::from_millis(8)).tries(u32::MAX))
        .channel("paper", Journal::at(folder, death))
        .store(store)
}

fn store(url: &str, death: &Death) -> Arc<dyn Store> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        Arc::new(Deadly::over(SqliteStore::open(path).expect("a store"), death))
    } else if url.starts_with("redis+") {
        // Servers that stand in for each other: what only one of them has is not acknowledged.
        let store = RedisStore::builder(url).replicas(1, Duration::from_millis(400));
        Arc::new(Deadly::over(store.lazy().expect("an address"), death))
    } else if url.starts_with("redis") {
        Arc::new(Deadly::over(RedisStore::builder(url).lazy().expect("an address"), death))
    } else {
        Arc::new(Deadly::over(PostgresStore::builder(url).lazy().expect("an address"), death))
    }
}

/// The lines of the standard input, as they come.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
