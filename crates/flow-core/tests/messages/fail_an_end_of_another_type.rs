use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Address {
    #[state(start, ask = "Which street?", to(Given))]
    Street,
    #[state(end)]
    Given { street: String },
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Booking {
    #[state(start, run = Address, to(Booked))]
    Invoice,
    #[state(end, say = "Booked.")]
    Booked,
}

use {address::*, booking::*};

struct Host;

impl BookingHandler for Host {
    async fn invoice_done(&self, _: Invoice, street: Given, turn: Turn<'_, Invoice>) -> Step<Invoice> {
        turn.to(Booked).say(street.street)
    }
}

impl AddressHandler for Host {}

fn main() {
    let _ = Booking::engine(Host);
}
