//! The smallest conversation: three states in a terminal, and not a line of code to handle them.
//!
//! `cargo run --example hello`

use std::io::{BufRead, stdin};

use flow_chat::{answers::Name, prelude::*};
use serde::{Deserialize, Serialize};

/// A short talk. Each variant holds what is known at that point, and says what may come next.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(anywhere(back))]
pub(crate) enum Hello {
    #[state(start, ask = "Hello! What is your name?", to(Feeling))]
    Welcome,

    #[state(ask = "Nice to meet you, {name}. How are you?", choices(Well, SoSo("So-so")), to(Goodbye))]
    Feeling { name: Name },

    #[state(end, say = "{feeling}, then. Goodbye, {name}!")]
    Goodbye { name: Name, feeling: FeelingChoice },
}

use hello::FeelingChoice;

/// Every answer has its one place, so the declaration says it all.
pub(crate) struct Host;

impl HelloHandler for Host {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Hello::engine(Host).store(MemoryStore::new());
    let id = SessionId::random();
    // The first message opens the conversation, whatever it says.
    let lines = stdin().lock().lines();
    for line in std::iter::once(Ok("hi".to_owned())).chain(lines) {
        let outcome = engine.handle(id, line?.as_str()).await?;
        for reply in &outcome.replies {
            println!("bot: {}", reply.text());
            for (choice, number) in reply.choices().iter().zip(reply.numbers()) {
                let mark = number.map_or_else(|| "-".to_owned(), |number| format!("{number})"));
                println!("     {mark} {}", choice.label);
            }
        }
        if matches!(outcome.state, Some(Hello::Goodbye { .. })) {
            break;
        }
    }
    Ok(())
}
