use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Address {
    #[state(start, ask = "Which street?", answer = String, to(Town))]
    Street,
    #[state(ask = "Which town?", answer = String, endless, to(Street))]
    Town,
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
    async fn invoice_done(
        &self,
        _: Invoice,
        _: <Address as Flow>::End,
        turn: Turn<'_, Invoice>,
    ) -> Step<Invoice> {
        turn.to(Booked)
    }
}

impl AddressHandler for Host {
    async fn street(&self, _: Street, _: String, turn: Turn<'_, Street>) -> Step<Street> {
        turn.to(Town)
    }

    async fn town(&self, _: Town, _: String, turn: Turn<'_, Town>) -> Step<Town> {
        turn.to(Street)
    }
}

fn main() {
    let _ = Booking::engine(Host);
}
