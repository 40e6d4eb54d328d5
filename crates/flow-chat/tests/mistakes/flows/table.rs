use std::error::Error;

use flow_chat::{answers::Email, prelude::*};
use serde::{Deserialize, Serialize};

/// A table for an evening.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(anywhere("cancel" => Left, back))]
enum Table {
    #[state(start, ask = "A table for how many?", to(Contact))]
    Welcome,
    #[state(ask = "For {guests}. And your e-mail?", to(Confirm))]
    Contact { guests: u8 },
    #[state(ask = "For {guests}, then?", answer = bool, to(Booked, Welcome))]
    Confirm { guests: u8, email: Email },
    #[state(end, say = "See you! We wrote to {email}.")]
    Booked { guests: u8, email: Email },
    #[state(end, say = "Another time.")]
    Left,
}

use table::*;

struct Waiter;

impl TableHandler for Waiter {
    async fn confirm(&self, state: Confirm, agreed: bool, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        if agreed { turn.to(state.booked()).say("Gladly.") } else { turn.to(Welcome) }
    }
}

/// What a channel does with each message.
async fn receive(visitor: SessionId, said: &str) -> Result<(), Box<dyn Error>> {
    let engine = Table::engine(Waiter).store(MemoryStore::new());
    for answer in engine.handle(visitor, said).await?.texts() {
        println!("{answer}");
    }
    Ok(())
}

fn main() {
    let _ = receive(SessionId::random(), "hello");
}
