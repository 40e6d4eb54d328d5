//! Any of the conversations in a terminal: a line in is a message, a reply out a line.
//!
//! `cargo run --example ports -- purchase`

mod flows;

use std::{
    collections::HashMap,
    env,
    error::Error,
    io::{BufRead, stdin},
};

use flow_chat::{Command, EngineBuilder, Media, MediaKind, Place, prelude::*};

use flows::{address, login, media, photo_location_bio, purchase, restaurant, survey};

const USAGE: &str = "say which: photo-location-bio, purchase, restaurant, login, survey, address or media";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("photo-location-bio") => talk(photo_location_bio::Profile::engine(photo_location_bio::Host)).await,
        Some("purchase") => talk(purchase::Purchase::engine(purchase::Grocer)).await,
        Some("restaurant") => talk(restaurant::Restaurant::engine(restaurant::Guide)).await,
        Some("login") => talk(login::Login::engine(login::Porter(HashMap::from([("Ana", "sesame")])))).await,
        Some("survey") => talk(survey::Survey::engine(survey::Pollster)).await,
        Some("address") => talk(address::Order::engine(address::Shop)).await,
        Some("media") => talk(media::Gallery::engine(media::Curator)).await,
        _ => Err(USAGE.into()),
    }
}

/// A conversation with who sits at the terminal, until it is over or nothing more comes.
async fn talk<F: Flow>(builder: EngineBuilder<F>) -> Result<(), Box<dyn Error>> {
    println!("A photo is \"photo: its caption\", a file \"file: its name\", a place \"place: 52.5 13.4\".");
    let engine = builder.store(MemoryStore::new());
    let id = SessionId::random();
    for line in std::iter::once(Ok("hello".to_owned())).chain(stdin().lock().lines()) {
        let outcome = engine.handle(id, read(&line?)?).await?;
        for reply in &outcome.replies {
            let labels: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_str()).collect();
            let attached = reply.attachment().map(|attachment| format!("({}) ", attachment.kind())).unwrap_or_default();
            println!("bot: {attached}{} {}", reply.text(), labels.join(" / "));
        }
    }
    Ok(())
}

/// What a line is.
fn read(line: &str) -> Result<Input, Box<dyn Error>> {
    Ok(match line.split_once(':').map(|(kind, said)| (kind, said.trim())) {
        Some(("photo", caption)) => Media::new(MediaKind::Image, "a-photo").with_caption(caption).into(),
        Some(("file", name)) => Media::new(MediaKind::Document, "a-file").with_file_name(name).into(),
        Some(("place", place)) => {
            let (latitude, longitude) = place.split_once(' ').ok_or("a place is \"place: 52.5 13.4\"")?;
            Place::new(latitude.parse()?, longitude.parse()?)?.into()
        }
        _ => match line.strip_prefix('/') {
            Some(command) => Command::new(command).into(),
            None => Input::text(line),
        },
    })
}
