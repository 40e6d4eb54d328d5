//! A profile in four questions, two of which may be skipped: python-telegram-bot's `examples/conversationbot.py`.

use flow_chat::{Place, Result, answers::Image, prelude::*};
use serde::{Deserialize, Serialize};

/// Who somebody is, with a picture and a place if they like.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "profile", anywhere("cancel" => Cancelled))]
pub enum Profile {
    #[state(
        start,
        ask = "Hello! Say \"cancel\" to stop. Are you a boy or a girl?",
        choices(Boy, Girl, Other),
        to(Photo)
    )]
    Gender,

    #[state(ask = "I see! A photo of you, please.", to(Location))]
    Photo { gender: GenderChoice },

    /// What is said of the photo depends on whether there is one, so the handler asks.
    #[state(answer, to(Bio))]
    Location { gender: GenderChoice, photo: Option<Image> },

    #[state(answer, to(Known))]
    Bio { gender: GenderChoice, photo: Option<Image>, location: Option<Place> },

    #[state(end, say = "Thank you! Let us talk again some day.")]
    Known { gender: GenderChoice, photo: Option<Image>, location: Option<Place>, bio: String },

    #[state(end, say = "Good-bye! Let us talk again some day.")]
    Cancelled,
}

pub use profile::*;

/// Asks.
pub struct Host;

impl ProfileHandler for Host {
    async fn ask_location(&self, state: &Location, _: Ask<'_, Location>) -> Result<Reply> {
        let seen = if state.photo.is_some() { "Gorgeous!" } else { "You look great, I am sure!" };
        Ok(format!("{seen} Where are you?").into())
    }

    async fn ask_bio(&self, state: &Bio, _: Ask<'_, Bio>) -> Result<Reply> {
        let seen = if state.location.is_some() { "I may come and see you!" } else { "Your secret." };
        Ok(format!("{seen} At last, tell me something about yourself.").into())
    }
}
