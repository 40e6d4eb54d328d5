//! A gallery of pictures and files, several at once, each with a description: telemux's `examples/album_conversation`.

use flow_chat::{Media, MediaKind, Result, prelude::*};
use serde::{Deserialize, Serialize};

/// A gallery that is kept with the conversation. An album comes as its pictures, one after the other.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "gallery", shared = Albums, anywhere("cancel" => Menu, "/add" => First, "/list" => List))]
pub enum Gallery {
    #[state(start, endless, ask = "I keep your pictures and files.", choices(Add, List), to(First, List))]
    Menu,

    #[state(ask = "What shall I keep?", answer = Media, to(More))]
    First,

    #[state(ask = "One more, or \"done\".", handled, to(More, Described, Saving))]
    More { files: Vec<Media> },

    #[state(ask = "What is to be seen?", to(Saving))]
    Described { files: Vec<Media> },

    #[state(ask = "Shall I keep \"{description}\"?", answer = bool, to(Menu))]
    Saving { files: Vec<Media>, description: String },

    #[state(offers = Album, to(Menu))]
    List,
}

pub use gallery::*;

/// What is kept.
pub type Albums = Vec<Album>;

/// Pictures and files with a description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Album {
    pub description: String,
    pub files: Vec<Media>,
}

/// Keeps and shows.
pub struct Curator;

impl Speak for Album {
    fn speak(&self) -> String {
        self.description.clone()
    }
}

impl GalleryHandler for Curator {
    async fn menu(&self, _: Menu, choice: MenuChoice, turn: Turn<'_, Menu>) -> Step<Menu> {
        match choice {
            MenuChoice::Add => turn.to(First),
            MenuChoice::List => turn.to(List),
        }
    }

    async fn first(&self, _: First, media: Media, turn: Turn<'_, First>) -> Step<First> {
        turn.to(More { files: vec![media] })
    }

    async fn more(&self, state: More, turn: Turn<'_, More>) -> Step<More> {
        let mut files = state.files;
        if turn.media().is_some() || turn.text() != "done" {
            files.push(turn.answer()?);
            return turn.to(More { files });
        }
        // What is written under an album stands under its first picture.
        match files.iter().find_map(|media| media.caption().map(str::to_owned)) {
            Some(description) => turn.to(Saving { files, description }),
            None => turn.to(Described { files }),
        }
    }

    async fn saving(&self, state: Saving, is_kept: bool, mut turn: Turn<'_, Saving>) -> Step<Saving> {
        if is_kept {
            turn.shared_mut().push(Album { description: state.description, files: state.files });
        }
        turn.to(Menu).say(if is_kept { "It is kept." } else { "It is not kept." })
    }

    async fn ask_list(&self, _: &List, ask: Ask<'_, List>) -> Result<Offer<Album>> {
        let albums = ask.shared();
        let question = if albums.is_empty() { "There is nothing yet. Add something, or cancel." } else { "Which one?" };
        Ok(Offer::new(question).items(albums.iter().cloned()))
    }

    async fn list(&self, _: List, album: Album, turn: Turn<'_, List>) -> Step<List> {
        album.files.into_iter().fold(turn.to(Menu), |step, file| {
            let shown = Reply::new(&*album.description);
            step.say(if file.kind() == MediaKind::Image { shown.with_image(file) } else { shown.with_file(file) })
        })
    }
}
