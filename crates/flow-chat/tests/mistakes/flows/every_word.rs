use flow_chat::prelude::*;
use serde::{Deserialize, Serialize};

/// What the states of one conversation share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Visits(u32);

/// The words of the enum and of ways, each in its right form.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "table", version = 2, shared = Visits, module = table, crate = flow_chat)]
#[flow(anywhere("cancel" => Left, back, help))]
enum Table {
    #[state(start, handled, ask = "How many?", tries(3, Left), without("cancel", back), to(Confirm))]
    Welcome,
    #[state(silent, after("1h", Left), alias("CHECK"), to(Booked, Welcome))]
    Confirm { guests: u8 },
    #[state(end, checkpoint, say = "See you, all {guests}!")]
    Booked { guests: u8 },
    #[state(end, silent)]
    Left,
}

use table::*;

struct Waiter;

impl TableHandler for Waiter {
    async fn welcome(&self, state: Welcome, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        let guests = turn.answer()?;
        turn.to(state.confirm(guests)).say("Gladly.")
    }

    async fn confirm(&self, state: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        if turn.answer()? { turn.to(state.booked()) } else { turn.to(Welcome) }
    }
}

fn main() {
    let _ = Table::engine(Waiter).store(MemoryStore::new());
}
