//! A platform that counts how it is called, and a bot that says as much as it is told to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Address, Clock, Engine, Fate, Flow, Input, Key, Outgoing, Reply, Secret, SessionId, Stamp, Step, StepExt as _,
    Turn,
    engine::{Found, Scope},
};
use flow_http::platform::{Arrivals, Forged, Hook, Line, Part, Platform, Screen, Unreadable};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "paced")]
pub enum Said {
    #[state(start, ask = "Yes?", to(Over))]
    Listening,
    #[state(end, say = "Bye.")]
    Over,
}

use said::*;

/// Counts up to what it is told, or says it back.
pub struct Clerk;

impl SaidHandler for Clerk {
    async fn listening(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        let said = turn.text().to_owned();
        let Ok(count) = said.parse::<usize>() else { return turn.stay(said) };
        (2..=count).fold(turn.stay("1"), |step, number| step.say(number.to_string()))
    }
}

/// A visitor who is reached at this place says this.
pub async fn address(engine: &Engine<Said>, channel: &str, place: &str, what: &str) {
    says(engine, SessionId::random(), channel, place, what).await;
}

/// The same in this conversation, which is begun for it.
pub async fn says(engine: &Engine<Said>, id: SessionId, channel: &str, place: &str, what: &str) {
    let message = Input::text(what).with_address(Address::new(channel, place));
    // What greets is said to nobody: it is not reached yet.
    engine.handle(id, "hello").await.expect("a turn");
    engine.handle(id, message).await.expect("a turn");
}

pub fn outgoing(place: &str, text: &str) -> Outgoing {
    let key = Key::new(SessionId::random(), Stamp::first(), 0);
    Outgoing::new(key, Address::new("post", place), Reply::new(text), Utc::now())
}

pub fn line(name: &str, counter: &Counter) -> Line<Counter> {
    Line::new(name, counter.clone(), Secret::new("a secret of at least sixteen bytes").expect("long enough"))
}

/// A clock that goes on with the test's own time.
#[derive(Clone, Copy)]
pub struct Ticking(Instant);

impl Ticking {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.0.elapsed()
    }
}

/// The platform.
#[derive(Clone, Default)]
pub struct Counter(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    calls: usize,
    taken: Vec<Taken>,
    found: Vec<Found>,
    refuses: Option<(Instant, Scope, bool)>,
    away_until: Option<Instant>,
    loses_each: Option<usize>,
}

/// What the platform has taken.
#[derive(Clone)]
pub struct Taken {
    pub at: Instant,
    pub place: String,
    pub text: String,
    pub key: String,
}

impl Counter {
    /// What it has taken.
    pub fn said(&self) -> Vec<Taken> {
        self.0.lock().expect("a lock").taken.clone()
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.0.lock().expect("a lock").calls
    }

    /// How often it told this of a key.
    pub fn found(&self, what: Found) -> usize {
        self.0.lock().expect("a lock").found.iter().filter(|found| **found == what).count()
    }

    /// Takes nothing until then, and says so: with the time that is left, or without.
    pub fn refuses_until(&self, until: Instant, scope: Scope, is_named: bool) {
        self.0.lock().expect("a lock").refuses = Some((until, scope, is_named));
    }

    pub fn is_away_until(&self, until: Instant) {
        self.0.lock().expect("a lock").away_until = Some(until);
    }

    /// Takes each message of so many, and does not say so.
    pub fn loses_each(&self, count: usize) {
        self.0.lock().expect("a lock").loses_each = Some(count);
    }

    /// The most that it has taken in any half-open window of this length.
    pub fn most_in(window: Duration, taken: &[Taken]) -> usize {
        let from =
            |first: &Taken| taken.iter().filter(|taken| (first.at..first.at + window).contains(&taken.at)).count();
        taken.iter().map(from).max().unwrap_or_default()
    }
}

#[async_trait]
impl Platform for Counter {
    const SCREEN: Screen = Screen::of_text(60);
    type Wire = String;

    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn read(&self, _: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        Ok(Arrivals::none())
    }

    fn render(&self, part: &Part<'_>) -> String {
        part.text().to_owned()
    }

    fn is_group(&self, place: &str) -> bool {
        place.starts_with('#')
    }

    async fn send(&self, place: &str, wire: &String, key: &str) -> Result<(), Fate> {
        let said = {
            let (mut inside, now) = (self.0.lock().expect("a lock"), Instant::now());
            inside.calls += 1;
            match (inside.refuses, inside.away_until) {
                (Some((until, scope, is_named)), _) if now < until => {
                    let time = if is_named { until - now } else { Duration::ZERO };
                    Err(Fate::again_after(time, scope))
                }
                (_, Some(until)) if now < until => Err(std::io::Error::other("it is away").into()),
                _ => {
                    let taken = Taken { at: now, place: place.to_owned(), text: wire.clone(), key: key.to_owned() };
                    inside.taken.push(taken);
                    let is_lost = inside.loses_each.is_some_and(|count| inside.taken.len().is_multiple_of(count));
                    if is_lost { Err(Fate::in_doubt("no answer")) } else { Ok(()) }
                }
            }
        };
        // It takes its time.
        sleep(Duration::from_millis(5)).await;
        said
    }

    async fn find_out(&self, _: &str, key: &str) -> Found {
        let mut inside = self.0.lock().expect("a lock");
        let is_known = inside.taken.iter().any(|taken| taken.key == key);
        let found = if is_known { Found::Sent } else { Found::NotSent };
        inside.found.push(found);
        found
    }
}
