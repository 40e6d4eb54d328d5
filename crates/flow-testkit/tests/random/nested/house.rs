//! The flow that is talked with: a house in whose hall a trip is planned, a letter is sent, and a list is made. A trip and a letter both
//! need an address, which is a flow of its own.

use flow_core::{Arriving, Ask, Flow, Result, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "random_house", anywhere("/out" => Gone, aside("/ask" => Wonder), back), corrects(name))]
pub(crate) enum House {
    #[state(start, ask = "Who is there?", answer = String, to(Hall))]
    Door,
    #[state(ask = "What now, {name}?", choices(Trip, Mail, List, Out), to(Travel, Post, More, Gone))]
    Hall { name: String },
    #[state(run = Trip, to(Hall))]
    Travel { name: String },
    #[state(run = Address, begin, to(Hall))]
    Post { name: String },
    #[state(handled, to(More, Hall))]
    More { name: String, things: Vec<String> },
    #[state(ask = "What is it?", answer = String, to(Told))]
    Wonder,
    #[state(end, say = "Who knows.")]
    Told,
    #[state(end, say = "Good bye.")]
    Gone,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "random_trip", anywhere("cancel" => Left, back), corrects(place))]
pub(crate) enum Trip {
    #[state(start, ask = "Where to?", answer = String, to(Party))]
    Where,
    #[state(ask = "How many to {place}?", tries(3, Left), after("10m", Left), to(Lodging))]
    Party { place: String },
    #[state(run = Address, to(Review))]
    Lodging { place: String, party: u8 },
    #[state(
        ask = "{party} to {place}, at {address}?",
        choices(Yes, No),
        corrects(party => address, address = Lodging),
        to(Booked, Left)
    )]
    Review { place: String, party: u8, address: String },
    #[state(end, say = "Off to {place}.")]
    Booked { place: String },
    #[state(end, say = "No trip.")]
    Left,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "random_address", anywhere("nowhere" => Nowhere, back))]
pub(crate) enum Address {
    #[state(start, ask = "Which street?", answer = String, to(Town))]
    Street,
    #[state(ask = "Which town, for {street}?", answer = String, after("1h", Nowhere), to(Given))]
    Town { street: String },
    #[state(end, say = "Thank you.")]
    Given { street: String, town: String },
    #[state(end, say = "Nowhere, then.")]
    Nowhere,
}

use {address::*, house::*, trip::*};

pub(crate) struct Host;

fn written(end: AddressEnd) -> String {
    match end {
        AddressEnd::Given(given) => format!("{} in {}", given.street, given.town),
        AddressEnd::Nowhere(_) => "no address".to_owned(),
    }
}

impl HouseHandler for Host {
    async fn on_input(&self, arriving: &mut Arriving<'_, House>) -> Result<()> {
        if let Some(party) = arriving.text().strip_prefix("we are ").map(str::to_owned) {
            arriving.correct_with("party", party);
        }
        Ok(())
    }

    async fn hall(&self, state: Hall, choice: HallChoice, turn: Turn<'_, Hall>) -> Step<Hall> {
        match choice {
            HallChoice::Trip => turn.to(state.travel()),
            HallChoice::Mail => turn.to(state.post()),
            HallChoice::List => turn.to(state.more(Vec::new())),
            HallChoice::Out => turn.to(Gone),
        }
    }

    async fn travel_done(&self, state: Travel, end: TripEnd, turn: Turn<'_, Travel>) -> Step<Travel> {
        match end {
            TripEnd::Booked(booked) => turn.to(state.hall()).say(format!("{} is booked.", booked.place)),
            TripEnd::Left(_) => turn.to(state.hall()),
        }
    }

    async fn post_begin(&self, state: &Post, _: Ask<'_, Post>) -> Result<Address> {
        Ok(Address::Town { street: format!("{} Road", state.name) })
    }

    async fn post_done(&self, state: Post, end: AddressEnd, turn: Turn<'_, Post>) -> Step<Post> {
        turn.to(state.hall()).say(format!("Sent to {}.", written(end)))
    }

    async fn wonder(&self, _: Wonder, _: String, turn: Turn<'_, Wonder>) -> Step<Wonder> {
        turn.to(Told)
    }

    async fn ask_more(&self, state: &More, _: Ask<'_, More>) -> Result<flow_core::Reply> {
        Ok(format!("What else, {}, after {:?}?", state.name, state.things).into())
    }

    async fn more(&self, state: More, turn: Turn<'_, More>) -> Step<More> {
        if turn.text() == "done" {
            return turn.to(state.hall());
        }
        let mut things = state.things;
        things.push(turn.text().to_owned());
        turn.to(More { name: state.name, things })
    }
}

impl TripHandler for Host {
    async fn lodging_done(&self, state: Lodging, end: AddressEnd, turn: Turn<'_, Lodging>) -> Step<Lodging> {
        turn.to(state.review(written(end)))
    }

    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => turn.to(state.booked()),
            ReviewChoice::No => turn.to(Left),
        }
    }
}

impl AddressHandler for Host {}
