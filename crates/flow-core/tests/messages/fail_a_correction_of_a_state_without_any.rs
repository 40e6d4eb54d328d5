use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Booking {
    #[state(start, ask = "Your name?", to(Review))]
    Name,
    #[state(ask = "{name}?", choices(Yes, Other), to(Booked))]
    Review { name: String },
    #[state(end, say = "Booked.")]
    Booked,
}

use booking::*;

struct Host;

impl BookingHandler for Host {
    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => turn.to(Booked),
            ReviewChoice::Other => turn.correct(state, "name"),
        }
    }
}

fn main() {
    let _ = Booking::engine(Host);
}
