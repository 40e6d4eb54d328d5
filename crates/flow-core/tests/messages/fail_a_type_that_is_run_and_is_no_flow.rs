use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Address {
    street: String,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Booking {
    #[state(start, run = Address, to(Booked))]
    Invoice,
    #[state(end, say = "Booked.")]
    Booked,
}

use booking::*;

struct Host;

impl BookingHandler for Host {
    async fn invoice_done(&self, _: Invoice, _: Address, turn: Turn<'_, Invoice>) -> Step<Invoice> {
        turn.to(Booked)
    }
}

fn main() {
    let _ = Booking::engine(Host);
}
