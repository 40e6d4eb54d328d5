use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Booking {
    #[state(start, run = Address, to(Booked))]
    Invoice,
    #[state(end, say = "Booked.")]
    Booked,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Address {
    #[state(start, run = Booking, to(Given))]
    Visit,
    #[state(end)]
    Given,
}

use {address::*, booking::*};

struct Host;

impl BookingHandler for Host {
    async fn invoice_done(&self, _: Invoice, _: AddressEnd, turn: Turn<'_, Invoice>) -> Step<Invoice> {
        turn.to(Booked)
    }
}

impl AddressHandler for Host {
    async fn visit_done(&self, _: Visit, _: BookingEnd, turn: Turn<'_, Visit>) -> Step<Visit> {
        turn.to(Given)
    }
}

fn main() {}
