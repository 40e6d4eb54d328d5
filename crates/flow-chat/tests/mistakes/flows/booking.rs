use std::fmt;

use flow_chat::{Key, Result, prelude::*};
use serde::{Deserialize, Serialize};

/// A visit to a gallery, where all that comes in has a type: choices, an offer, an answer, signals and reminders.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(effects(Mail(Ticket), Ring))]
enum Booking {
    #[state(start, ask = "A visit, or a look around?", choices(Visit("A visit", "come"), Look), to(When, Gallery))]
    Welcome,
    #[state(offers = Slot, answer, to(Guests))]
    When,
    #[state(ask = "For how many?", answer = u8, to(Tour, When))]
    Guests { slot: Slot },
    #[state(ask = "In which language?", choices = Language, to(Paying))]
    Tour { slot: Slot, guests: u8 },
    #[state(say = "Pay at the desk.", signals(Paid(Ticket), Refused), remind("1h", Desk), to(Booked, Welcome))]
    Paying { slot: Slot, guests: u8, language: Language },
    #[state(end, say = "See you!")]
    Booked { slot: Slot, ticket: Ticket },
    #[state(ask = "Which room next?", endless, to(Gallery))]
    Gallery,
}

/// A number of the hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot(u8);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} o'clock", self.0)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ticket(u64);

#[derive(Answer, Clone, Debug, Serialize, Deserialize)]
enum Language {
    English,
    Dutch,
}

use booking::*;

struct Desk;

impl BookingHandler for Desk {
    async fn welcome(&self, _: Welcome, choice: WelcomeChoice, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        match choice {
            WelcomeChoice::Visit => turn.to(When),
            WelcomeChoice::Look => turn.to(Gallery),
        }
    }

    async fn ask_when(&self, _: &When, _: Ask<'_, When>) -> Result<Offer<Slot>> {
        Ok(Offer::new("At which hour?").items([Slot(10), Slot(14)]))
    }

    async fn guests(&self, state: Guests, guests: u8, turn: Turn<'_, Guests>) -> Step<Guests> {
        if guests < 20 { turn.to(state.tour(guests)) } else { turn.to(When) }
    }

    async fn paying(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay("The desk is on the left.")
    }

    async fn paying_on_paid(&self, state: Paying, ticket: Ticket, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(state.booked(ticket.clone())).effect(BookingEffect::Mail(ticket)).effect(BookingEffect::Ring)
    }

    async fn paying_on_refused(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(Welcome)
    }

    async fn paying_on_desk(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay("The desk is still open.")
    }

    async fn gallery(&self, state: Gallery, turn: Turn<'_, Gallery>) -> Step<Gallery> {
        turn.to(state)
    }

    async fn deliver_mail(&self, ticket: Ticket, _: Key) -> Result<()> {
        println!("{}", ticket.0);
        Ok(())
    }

    async fn deliver_ring(&self, _: Key) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Booking::engine(Desk).store(MemoryStore::new());
}
