//! A form that takes corrections at any point: Rasa's `examples/formbot`.

use flow_chat::{Arriving, Reask, Result, prelude::*};
use serde::{Deserialize, Serialize};

/// What a restaurant is looked for by. "Change cuisine" asks for that again in every state that knows it.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(
    name = "restaurant",
    anywhere("cancel" => Cancelled, aside("are you a bot" => ABot), aside("thank you" => YouAreWelcome)),
    corrects(cuisine, people, seating, preferences)
)]
pub enum Restaurant {
    #[state(start, ask = "Hello, I look for restaurants! Which cuisine?", choices = Cuisine, to(HowMany))]
    WhichCuisine,

    #[state(ask = "For how many people?", to(Where))]
    HowMany { cuisine: Cuisine },

    #[state(ask = "Do you want to sit outside?", choices = Seating, to(WhatElse))]
    Where { cuisine: Cuisine, people: u8 },

    #[state(ask = "What else should it be?", answer = Option<String>, to(HowWasIt))]
    WhatElse { cuisine: Cuisine, people: u8, seating: Seating },

    #[state(ask = "And how do you like to talk with me?", answer = String, to(Found))]
    HowWasIt { cuisine: Cuisine, people: u8, seating: Seating, preferences: String },

    #[state(end, say = "I look for: {cuisine}, {people} people, {seating}, {preferences}. Thank you!")]
    Found { cuisine: Cuisine, people: u8, seating: Seating, preferences: String, feedback: String },

    #[state(end, say = "I am one, made with Flow.")]
    ABot,

    #[state(end, say = "You are welcome.")]
    YouAreWelcome,

    #[state(end, say = "Another time.")]
    Cancelled,
}

pub use restaurant::*;

#[derive(Answer, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cuisine {
    Caribbean,
    Chinese,
    French,
    Greek,
    Indian,
    Italian,
    Mexican,
}

#[derive(Answer, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Seating {
    #[answer("Outside", "outdoors", "yes")]
    Outside,
    #[answer("Inside", "indoors", "no")]
    Inside,
}

/// Looks for restaurants.
pub struct Guide;

impl RestaurantHandler for Guide {
    /// A reader of free text may stand here. This one knows what follows "actually", and takes the first field that it can be.
    async fn on_input(&self, arriving: &mut Arriving<'_, Restaurant>) -> Result<()> {
        if arriving.text() == "stop" {
            arriving.answer(Reply::new("Shall I stop? If not, just go on.").with_choices(["Cancel"]));
        }
        let Some(said) = arriving.text().strip_prefix("actually ") else { return Ok(()) };
        let said = said.trim_end_matches(" people").to_owned();
        let fields = [
            // A choice can be read from its number too, so what is a number is looked for first.
            ("people", u8::parse(&said).is_ok()),
            ("cuisine", Cuisine::parse(&said).is_ok()),
            ("seating", Seating::parse(&said).is_ok()),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, reads)| *reads) {
            arriving.correct_with(field, said);
        }
        Ok(())
    }

    async fn how_many(&self, state: HowMany, people: u8, turn: Turn<'_, HowMany>) -> Step<HowMany> {
        match people {
            0 => Err(Reask::because("For one person at least.").into()),
            _ => turn.to(state.r#where(people)),
        }
    }

    async fn what_else(&self, state: WhatElse, said: Option<String>, turn: Turn<'_, WhatElse>) -> Step<WhatElse> {
        turn.to(state.how_was_it(said.unwrap_or_else(|| "nothing else".to_owned())))
    }
}
