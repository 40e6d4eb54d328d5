//! A pizza order in a terminal: a line in is a message, a reply out a line.
//!
//! `cargo run --example pizza`

mod flow;

use std::io::stdin;

use flow_chat::prelude::*;

use flow::{Pizza, Pizzeria};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Pizza::engine(Pizzeria).store(MemoryStore::new());
    let id = SessionId::random();
    show(&engine.handle(id, "hello").await?.replies);
    for line in stdin().lines() {
        show(&engine.handle(id, line?.as_str()).await?.replies);
    }
    Ok(())
}

fn show(replies: &[Reply]) {
    for reply in replies {
        let labels: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_str()).collect();
        println!("bot: {} {}", reply.text(), labels.join(" / "));
    }
}
