//! What goes wrong with a platform: a [`Fault`].

use std::time::Duration;

use clap::ValueEnum;
use flow_testkit::stubs::Faults;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Fault {
    /// It answers 429 for so many seconds
    Limited,
    /// It is away for so many seconds
    Away,
    /// It answers with a gateway's 502 for so many seconds
    Broken,
    /// It takes so many messages and closes the connection without an answer
    Losing,
    /// It takes so many messages and never answers
    Stalling,
    /// It delivers so many messages twice
    Doubling,
}

impl Fault {
    /// Makes it happen from now on.
    pub fn begins(self, faults: &Faults, much: u32) {
        let (time, count) = (Duration::from_secs(much.into()), much as usize);
        match self {
            Self::Limited => faults.answers_429_for(time),
            Self::Away => faults.is_away_for(time),
            Self::Broken => faults.is_broken_for(time),
            Self::Losing => faults.loses_answers(count),
            Self::Stalling => faults.stalls(count),
            Self::Doubling => faults.doubles(count),
        }
    }
}
