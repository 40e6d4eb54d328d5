//! What all the bookings share: who talks, who reports, and a file that outlives the process.
//!
//! A line that is typed is what the visitor says; `!paid 12` is the bank, which reports that receipt 12 was paid.

use std::{
    fmt, fs,
    io::{ErrorKind, stdin},
    path::PathBuf,
    str::FromStr,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Whatever may go wrong.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What comes in.
pub enum Line {
    Said(String),
    Paid(u32),
}

/// Everything that comes in, until there is no more.
pub fn lines() -> impl Iterator<Item = Line> {
    stdin().lines().map_while(Result::ok).map(|line| match line.strip_prefix("!paid ").map(u32::from_str) {
        Some(Ok(receipt)) => Line::Paid(receipt),
        _ => Line::Said(line),
    })
}

/// Says something to the visitor, so that it cannot be taken for a complaint of the program's.
pub fn reply(text: impl fmt::Display) {
    println!("< {text}");
}

/// The file that is named on the command line.
pub fn file() -> PathBuf {
    std::env::args_os().nth(1).expect("the file to keep the conversation in").into()
}

/// What was kept before this process began; none in a new conversation.
pub fn kept<T: DeserializeOwned>() -> Result<Option<T>, Failure> {
    match fs::read(file()) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Keeps it for the processes to come.
pub fn keep(state: &impl Serialize) -> Result<(), Failure> {
    Ok(fs::write(file(), serde_json::to_vec(state)?)?)
}

/// An e-mail address, for the bookings whose crate has none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Email(String);

impl FromStr for Email {
    type Err = &'static str;

    fn from_str(said: &str) -> Result<Self, Self::Err> {
        match said.split_once('@') {
            Some((person, place)) if !person.is_empty() && place.contains('.') => Ok(Self(said.to_owned())),
            _ => Err("That does not look like an e-mail address."),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address that can be said and stored, and that nobody has taught to be read from what is said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Address(String);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
