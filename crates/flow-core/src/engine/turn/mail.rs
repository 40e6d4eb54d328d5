//! A message on its way through the inbox: [`Mail`], which is a letter when it is posted.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Flow, Message, Unreadable,
    declare::graph::Waiting,
    session::TurnId,
    store::{Commit, Letter},
};

/// The name of a letter.
pub(in crate::engine) type Name = [u8; 16];

/// A message that was accepted, or several that one turn answers. Its turn is taken at once, or it waits as a letter beside the
/// session's record.
pub(in crate::engine) struct Mail {
    pub(in crate::engine) message: Message,
    pub(in crate::engine) turn: TurnId,
    /// The ids of further messages that the turn answers.
    pub(super) also: Vec<TurnId>,
    /// When it was accepted, by the store's time; none if that is now.
    pub(super) accepted_at: Option<DateTime<Utc>>,
    /// The letters that its turn takes off the inbox, once they may be there.
    pub(super) names: Vec<Name>,
    may_be_posted: AtomicBool,
    has_begun: AtomicBool,
    gave_way: AtomicBool,
}

/// A message as a letter has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<M> {
    turn: TurnId,
    at: DateTime<Utc>,
    message: M,
}

/// What the first letters of an inbox come to.
pub(super) struct Sorted {
    /// The letters at the head that the record remembers: their turns were taken, and they were posted too late to be taken off.
    pub(super) done: Vec<Name>,
    /// What is to be handled next; it takes off the done ones as well.
    pub(super) next: Option<Mail>,
}

impl Mail {
    /// What was accepted just now.
    ///
    /// A message without an id is given one, by which its letter is known again.
    pub(in crate::engine) fn new(message: Message) -> Self {
        let id = message.id().map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        Self::of(name_of(&id), TurnId::Given(id), None, message)
    }

    /// The letter that keeps it until it is handled. It was accepted `at` this time.
    ///
    /// Fails if it cannot be written as JSON.
    pub(in crate::engine) fn letter(&self, at: DateTime<Utc>) -> Result<Letter, serde_json::Error> {
        let written = Written { turn: self.turn.clone(), at, message: &self.message };
        Ok(Letter::new(self.names[0], serde_json::to_vec(&written)?))
    }

    /// Says that its letter may be in the inbox from now on: then its turn takes it off.
    pub(in crate::engine) fn is_being_posted(&self) {
        self.may_be_posted.store(true, Ordering::SeqCst);
    }

    /// Whether its letter may be in the inbox.
    pub(super) fn may_be_posted(&self) -> bool {
        self.may_be_posted.load(Ordering::SeqCst)
    }

    /// Whether its turn comes later, where these letters are the first of the inbox: they were accepted before it, unless the first
    /// is its own, which is being posted beside its turn.
    ///
    /// A store may be so slow to tell of letters that the message is being posted by then. It gives way all the same.
    pub(super) fn waits_behind(&self, letters: &[Letter]) -> bool {
        let is_own = |letter: &Letter| self.may_be_posted() && self.names.contains(&letter.name);
        letters.first().is_some_and(|first| !is_own(first))
    }

    /// Says that nothing waits before it, and that its turn is being taken.
    pub(super) fn begins(&self) {
        self.has_begun.store(true, Ordering::SeqCst);
    }

    /// Whether its turn is being taken, and so may be stored, though nothing is heard of it.
    pub(in crate::engine) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::SeqCst)
    }

    /// Says that letters wait before it, so that its turn is not taken now.
    pub(super) fn gives_way(&self) {
        self.gave_way.store(true, Ordering::SeqCst);
    }

    /// Whether letters wait before it.
    pub(in crate::engine) fn gave_way(&self) -> bool {
        self.gave_way.load(Ordering::SeqCst)
    }

    /// The commit of its turn, which takes its letters off and goes on with those behind them for so long.
    pub(super) fn taken_by(&self, commit: Commit, lease: Duration) -> Commit {
        if self.may_be_posted() { commit.takes(self.names.clone()).while_waiting(lease) } else { commit }
    }

    /// The letter as it is kept where it cannot be handled, for an operator.
    ///
    /// Fails as [`letter`](Self::letter) does.
    pub(super) fn kept(&self, at: DateTime<Utc>) -> Result<Value, serde_json::Error> {
        let at = self.accepted_at.unwrap_or(at);
        serde_json::to_value(Written { turn: self.turn.clone(), at, message: &self.message })
    }

    /// A message that was kept so, to be accepted again; none if it cannot be read.
    pub(in crate::engine) fn kept_as(kept: Value) -> Option<Self> {
        let written: Written<Message> = serde_json::from_value(kept).ok()?;
        let TurnId::Given(id) = &written.turn else { return None };
        Some(Self::waiting(name_of(id), written))
    }

    /// Has its turn answer a letter behind it too, if the flow has them handled so; tells whether it does.
    fn takes_in(&mut self, name: Name, written: Written<Message>, waiting: Waiting, longest: usize) -> bool {
        let Written { turn, message, .. } = written;
        let message = match waiting {
            Waiting::OneByOne => None,
            Waiting::Together => message.after(&self.message, longest),
            Waiting::Latest => {
                let are_said = [&self.message, &message].iter().all(|message| message.input().said().is_some());
                are_said.then_some(message)
            }
        };
        let Some(message) = message else { return false };
        self.message = message;
        // The later one is answered, and so it is the one whose repeat hears the same.
        self.also.push(std::mem::replace(&mut self.turn, turn));
        self.names.push(name);
        true
    }

    /// What waits as a letter of this name.
    fn waiting(name: Name, Written { turn, at, message }: Written<Message>) -> Self {
        Self { may_be_posted: true.into(), ..Self::of(name, turn, Some(at), message) }
    }

    fn of(name: Name, turn: TurnId, accepted_at: Option<DateTime<Utc>>, message: Message) -> Self {
        let (also, names) = (Vec::new(), vec![name]);
        let (may_be_posted, has_begun, gave_way) = Default::default();
        Self { message, turn, also, accepted_at, names, may_be_posted, has_begun, gave_way }
    }
}

impl Sorted {
    /// What these letters, the first of an inbox, come to, if that is how to tell whether one was handled.
    ///
    /// Fails if the first that is not done cannot be read.
    pub(super) fn of<F: Flow>(
        letters: &[Letter],
        is_handled: impl Fn(&TurnId) -> bool,
        longest: usize,
    ) -> Result<Self, Unreadable> {
        let (mut done, mut next) = (Vec::new(), None::<Mail>);
        for letter in letters {
            let written = match serde_json::from_slice::<Written<Message>>(&letter.body) {
                Ok(written) => written,
                // Those before it have their turn first.
                Err(_) if next.is_some() || !done.is_empty() => break,
                Err(error) => return Err(Unreadable::corrupt(error)),
            };
            let is_done = is_handled(&written.turn);
            match &mut next {
                None if is_done => done.push(letter.name),
                None => next = Some(Mail::waiting(letter.name, written)),
                Some(next) if is_done => next.names.push(letter.name),
                Some(next) => {
                    if !next.takes_in(letter.name, written, F::GRAPH.waiting, longest) {
                        break;
                    }
                }
            }
        }
        if let Some(next) = &mut next {
            next.names.splice(..0, done.iter().copied());
        }
        Ok(Self { done, next })
    }
}

/// The name of the letter of the message with this id: the same when it is delivered again, and that of no other.
fn name_of(id: &str) -> Name {
    let digest: [u8; 32] = Sha256::digest(id).into();
    std::array::from_fn(|place| digest[place])
}
