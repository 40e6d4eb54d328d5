//! A message on its way through the inbox: [`Mail`], which is a letter when it is posted.

use std::{
    borrow::Cow,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;
use uuid::Uuid;

use super::Drainer;
use crate::{
    Flow, Message, Unreadable,
    declare::graph::Waiting,
    session::{TurnId, hash_of},
    store::{Commit, Letter, Posted},
};

/// The name of a letter.
pub(in crate::engine) type Name = [u8; 16];

/// A message that was accepted, or several that one turn answers. Its turn is taken at once, or it waits as a letter beside the
/// session's record.
pub(in crate::engine) struct Mail {
    pub(in crate::engine) message: Message,
    pub(in crate::engine) turn: TurnId,
    /// The wire name of the flow that has accepted it; none if that is not known.
    flow: Option<Cow<'static, str>>,
    /// The ids of further messages that the turn answers.
    pub(super) also: Vec<TurnId>,
    /// By which its turn has asked the world before it was set aside with others, if that is not its own id.
    asked_as: Option<TurnId>,
    /// When it was accepted, by the store's time; none if that is now.
    pub(super) accepted_at: Option<DateTime<Utc>>,
    /// The letters that its turn takes off the inbox, once they may be there.
    pub(super) names: Vec<Name>,
    may_be_posted: AtomicBool,
    was_posted: AtomicBool,
    has_begun: AtomicBool,
    gave_way: AtomicBool,
    found_abandoned: AtomicBool,
    was_erased: AtomicBool,
}

/// A message as a letter has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<M> {
    /// The wire name of the flow that has accepted it; none in what a release before wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flow: Option<Cow<'static, str>>,
    turn: TurnId,
    at: DateTime<Utc>,
    message: M,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_as: Option<TurnId>,
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
    pub(in crate::engine) fn new<F: Flow>(message: Message) -> Self {
        let id = message.id().map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let flow = Some(F::GRAPH.name.into());
        Self { flow, ..Self::of(name_of(&id), TurnId::Given(id), None, message) }
    }

    /// The letter that keeps it until it is handled. It was accepted `at` this time.
    ///
    /// Fails if it cannot be written as JSON.
    pub(in crate::engine) fn letter(&self, at: DateTime<Utc>) -> Result<Letter, serde_json::Error> {
        let written = self.written(at, self.asked_as.clone());
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

    /// Says that its letter is in the inbox: it is there from now on until it was handled, or its session was removed.
    pub(in crate::engine) fn lies_in_the_inbox(&self) {
        self.was_posted.store(true, Ordering::SeqCst);
    }

    /// Whether its letter was in the inbox at some time.
    pub(super) fn was_posted(&self) -> bool {
        self.was_posted.load(Ordering::SeqCst)
    }

    /// Says that it was erased with its session, so that it is not handled.
    pub(super) fn is_erased(&self) {
        self.was_erased.store(true, Ordering::SeqCst);
    }

    /// Whether it was erased with its session.
    pub(super) fn was_erased(&self) -> bool {
        self.was_erased.load(Ordering::SeqCst)
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

    /// The id by which its turn asks the world: that of its first message. The turn may be taken anew with later messages, where
    /// its process ends or its store is away; the first stays the first.
    pub(super) fn asks_as(&self) -> &TurnId {
        self.asked_as.as_ref().or(self.also.first()).unwrap_or(&self.turn)
    }

    /// Whether some of its messages are handled, and others are not.
    pub(super) fn is_handled_in_part(&self, is_handled: impl Fn(&TurnId) -> bool) -> bool {
        let is_last_handled = is_handled(&self.turn);
        self.also.iter().any(|turn| is_handled(turn) != is_last_handled)
    }

    /// Says that letters wait before it, so that its turn is not taken now.
    pub(super) fn gives_way(&self) {
        self.gave_way.store(true, Ordering::SeqCst);
    }

    /// Whether letters wait before it.
    pub(in crate::engine) fn gave_way(&self) -> bool {
        self.gave_way.load(Ordering::SeqCst)
    }

    /// Says that the letters before it are nobody's to go on with.
    pub(super) fn finds_abandoned(&self) {
        self.found_abandoned.store(true, Ordering::SeqCst);
    }

    /// As what the process that has accepted it goes through its inbox, where it came to lie so, or found no place.
    pub(in crate::engine) fn drained_by(&self, posted: Option<&Posted>) -> Option<Drainer> {
        match posted {
            Some(Posted::First) => Some(Drainer::Poster),
            _ => self.found_abandoned.load(Ordering::SeqCst).then_some(Drainer::Finder),
        }
    }

    /// Whether it was accepted by another flow than this.
    pub(super) fn is_of_another<F: Flow>(&self) -> bool {
        is_of_another::<F>(self.flow.as_deref())
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
        let asked_as = Some(self.asks_as()).filter(|asks_as| **asks_as != self.turn).cloned();
        serde_json::to_value(self.written(at, asked_as))
    }

    fn written(&self, at: DateTime<Utc>, asked_as: Option<TurnId>) -> Written<&Message> {
        Written { flow: self.flow.clone(), turn: self.turn.clone(), at, message: &self.message, asked_as }
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
    fn waiting(name: Name, Written { flow, turn, at, message, asked_as }: Written<Message>) -> Self {
        let mail = Self::of(name, turn, Some(at), message);
        Self { flow, asked_as, may_be_posted: true.into(), was_posted: true.into(), ..mail }
    }

    fn of(name: Name, turn: TurnId, accepted_at: Option<DateTime<Utc>>, message: Message) -> Self {
        let (also, asked_as, names) = (Vec::new(), None, vec![name]);
        let (flow, may_be_posted, was_posted, has_begun, gave_way, found_abandoned, was_erased) = Default::default();
        Self {
            message,
            turn,
            flow,
            also,
            asked_as,
            accepted_at,
            names,
            may_be_posted,
            was_posted,
            has_begun,
            gave_way,
            found_abandoned,
            was_erased,
        }
    }
}

impl Sorted {
    /// What these letters, the first of an inbox, come to, if that is how to tell whether one was handled.
    ///
    /// Fails if the first that is not done cannot be read.
    pub(super) fn of<F: Flow>(
        letters: &[Letter],
        is_handled: impl Fn(&TurnId) -> bool,
        has_asked: impl Fn(&TurnId) -> bool,
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
            if is_of_another::<F>(written.flow.as_deref()) {
                // It is by itself, and what this record remembers is not of it.
                if next.is_none() && done.is_empty() {
                    next = Some(Mail::waiting(letter.name, written));
                }
                break;
            }
            let is_done = is_handled(&written.turn);
            match &mut next {
                None if is_done => done.push(letter.name),
                None => next = Some(Mail::waiting(letter.name, written)),
                Some(next) if is_done => next.names.push(letter.name),
                // The answers to what it has asked by itself are for a turn whose first message it is.
                Some(_) if has_asked(&written.turn) => break,
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

/// When a letter was accepted; none if this release cannot read that.
pub(super) fn accepted_at(letter: &Letter) -> Option<DateTime<Utc>> {
    serde_json::from_slice::<Written<IgnoredAny>>(&letter.body).ok().map(|written| written.at)
}

fn is_of_another<F: Flow>(flow: Option<&str>) -> bool {
    flow.is_some_and(|flow| flow != F::GRAPH.name)
}

/// The name of the letter of the message with this id: the same when it is delivered again, and that of no other.
fn name_of(id: &str) -> Name {
    let hash = hash_of(id);
    std::array::from_fn(|place| hash[place])
}
