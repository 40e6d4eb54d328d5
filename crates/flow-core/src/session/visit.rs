//! The visit of the state that a session stands in: to which question a button belongs.

use std::{collections::HashSet, fmt, ops::Not};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Session,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
};
use crate::{
    Choice, Flow, Reply,
    answers::Words,
    declare::graph::{Correction, Node},
    talk::{
        numbering::{Numbering, numbered},
        token::{Token, VisitId},
    },
};

/// How many payloads a visit keeps, unless more are offered at once. The oldest are forgotten.
const MOST_OFFERED: usize = 64;

/// From the entering of a state to its leaving, as far as it has offered something: asking again, in another language too, is
/// the same visit.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Visit {
    id: VisitId,
    /// The payloads that were offered in it, the oldest first, besides those of the choices that the state declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    offered: Vec<String>,
    /// The list that was shown last, where it is the handler's own: what its numbers and labels mean, no type knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listed: Option<Listed>,
}

/// Choices as they were shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    choices: Vec<Choice>,
    /// Whether a number is an answer of its own.
    #[serde(default, skip_serializing_if = "Not::not")]
    without_numbers: bool,
    /// How many of the first are of an offer, which is picked from by its type.
    #[serde(default, skip_serializing_if = "is_none")]
    of_offer: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Without what was offered.
impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("id", &self.id).field("offered", &self.offered.len()).finish_non_exhaustive()
    }
}

/// The choice that ended the visit before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    choice: Token,
    /// The version of the record that its turn wrote.
    pub(super) version: u64,
}

/// What a button means to a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Press {
    /// This answer to the present question.
    Answer(String),
    /// The choice that has led here, once more: it was taken in the turn that wrote this version.
    Again { version: u64 },
    /// Nothing any more.
    Over,
}

impl Taken {
    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        out.extend(self.choice.bytes());
        writing::number(out, self.version);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        Ok(Self { choice: Token::from(reader.array()?), version: reader.number()? })
    }
}

impl<F: Flow> Session<F> {
    /// What is meant by the button with this token.
    pub(crate) fn press(&self, token: Token) -> Press {
        let again = self.parts.taken.filter(|taken| taken.choice == token);
        let present = self.question().visit.as_ref().filter(|visit| visit.id == token.visit);
        let declared = self.top_node().words().map(|choice| choice.name);
        let offered = present.map(|visit| declared.chain(visit.offered.iter().map(String::as_str)));
        match offered.and_then(|mut offered| offered.find(|payload| token.is_of(payload))) {
            Some(payload) => Press::Answer(payload.to_owned()),
            None => again.map_or(Press::Over, |taken| Press::Again { version: taken.version }),
        }
    }

    /// The present question's buttons, as far as it has any.
    pub(crate) fn visit(&self) -> Option<VisitId> {
        self.question().visit.as_ref().map(|visit| visit.id)
    }

    /// The payloads of the buttons that the state offered, besides the declared ones.
    pub(crate) fn payloads(&self) -> &[String] {
        self.question().visit.as_ref().map_or(&[], |visit| &visit.offered)
    }

    /// Has these replies belong to the present question, so that their buttons answer it and no other.
    pub(crate) fn bind(&mut self, replies: &mut [Reply]) {
        let is_bound = |reply: &&mut Reply| reply.choices().iter().any(|choice| !choice.is_menu());
        let (mut newest, mut last) = (Vec::new(), None);
        for reply in &mut *replies {
            reply.settle_numbering();
        }
        for reply in replies.iter_mut().filter(is_bound) {
            let id = VisitId::of(self.parts.stamp.write_id);
            let visit =
                self.question_mut().visit.get_or_insert_with(|| Visit { id, offered: Vec::new(), listed: None });
            reply.bind(visit.id);
            last = Some(&*reply);
            let choices = reply.choices().iter().filter(|choice| !choice.is_menu());
            newest.extend(choices.map(|choice| choice.payload.clone()));
        }
        let node = self.top_node();
        let of_offer = self.offered().map_or(0, <[Value]>::len);
        let listed = last.map(|reply| Listed::of(reply, of_offer).filter(|listed| !listed.is_known(node)));
        newest.retain(|payload| node.words().all(|choice| choice.name != payload));
        if let Some(visit) = &mut self.question_mut().visit {
            visit.offer(newest);
            visit.listed = listed.unwrap_or(visit.listed.take());
        }
    }

    /// The present question with what it offers, asked once more without a turn. A button or a number of it that would not mean what the
    /// record knows of the question stands for no more than its words.
    pub(crate) fn shown_again(&self, mut reply: Reply, offered: Option<&[Value]>) -> Reply {
        reply.settle_numbering();
        let mut shown = reply.choices().iter().filter(|choice| !choice.is_menu()).peekable();
        if shown.peek().is_none() {
            return reply;
        }
        let node = self.top_node();
        let of_offer = self.offered().map_or(0, <[Value]>::len);
        let listed = Listed::of(&reply, of_offer).filter(|listed| !listed.is_known(node));
        let is_as_shown = |visit: &&Visit| {
            let is_known = |choice: &Choice| {
                node.words().any(|words| words.name == choice.payload) || visit.offered.contains(&choice.payload)
            };
            offered == self.offered() && listed == visit.listed && shown.all(is_known)
        };
        match self.question().visit.as_ref().filter(is_as_shown) {
            Some(visit) => {
                reply.bind(visit.id);
                reply
            }
            None => reply.without_numbers(),
        }
    }

    /// The choice of the list that was shown last that these words name: by its label, or by its number, unless the state understands
    /// them itself. What is its very payload needs no other word.
    pub(crate) fn named(&self, said: &str) -> Option<&Choice> {
        let Listed { choices, without_numbers, of_offer } = self.question().visit.as_ref()?.listed.as_ref()?;
        let words = said.trim().to_lowercase();
        if words.is_empty() || self.top_node().words().any(|choice| choice.is_called(said)) {
            return None;
        }
        let by_label = choices.iter().position(|choice| choice.label.trim().to_lowercase() == words);
        let by_number = || {
            let is_shortcut = || self.shortcut(said).is_some();
            numbered(said).filter(|_| !without_numbers && !is_shortcut())
        };
        let index = by_label.or_else(by_number).filter(|index| index >= of_offer)?;
        choices.get(index).filter(|choice| choice.payload != said)
    }

    /// Whether these words pick by number from what the present question offers, which was never shown.
    pub(crate) fn picks_unseen(&self, said: &str) -> bool {
        let offers = !self.top_node().choices.is_empty() || self.offered().is_some();
        offers && self.visit().is_none() && numbered(said).is_some()
    }

    /// The correction that these words name, of those that the state declares: by its words, or by its number behind the choices.
    pub(crate) fn correction(&self, said: &str) -> Option<&'static Correction> {
        let (node, listed) = (self.top_node(), self.question().visit.as_ref().and_then(|visit| visit.listed.as_ref()));
        let by_number = || {
            let mut offered = node.corrects.iter().filter(|correction| correction.is_offered);
            let place = numbered(said).filter(|_| listed.is_none() && self.visit().is_some())?;
            offered.nth(place.checked_sub(node.choices.len())?)
        };
        node.correction(said).or_else(by_number)
    }

    /// The labels of the list that was shown last, where it is the handler's own.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        let listed = self.question().visit.as_ref().and_then(|visit| visit.listed.as_ref());
        listed.into_iter().flat_map(|listed| &listed.choices).map(|choice| choice.label.as_str())
    }

    /// Whether it is known of the present question that a number is an answer of its own.
    pub(crate) fn is_without_numbers(&self) -> bool {
        self.question()
            .visit
            .as_ref()
            .and_then(|visit| visit.listed.as_ref())
            .is_some_and(|listed| listed.without_numbers)
    }

    /// Whether this turn was led by a choice, which may be pressed again.
    pub(crate) fn is_led_by_button(&self) -> bool {
        self.parts.taken.is_some_and(|taken| taken.version == self.parts.stamp.version)
    }

    /// Ends the visit: what it offered can no longer be chosen.
    pub(super) fn end_visit(&mut self) {
        (self.question_mut().visit, self.parts.taken) = (None, None);
    }

    /// Remembers which choice has led out of that visit, so that the same one again is known to be no answer to what is asked now.
    pub(crate) fn was_led_by(&mut self, visit: VisitId, payload: &str) {
        self.parts.taken = Some(Taken { choice: Token::new(visit, payload), version: self.parts.stamp.version });
    }
}

impl Listed {
    /// The list that a reply shows; none if the type that its answer is read as knows it.
    fn of(reply: &Reply, of_offer: usize) -> Option<Self> {
        if matches!(reply.numbering(), Numbering::Own) {
            return None;
        }
        let without_numbers = reply.numbers().iter().all(Option::is_none);
        let choices = reply.choices().iter().filter(|choice| !choice.is_menu());
        Some(Self { choices: choices.cloned().collect(), without_numbers, of_offer })
    }

    /// Whether it is what the state declares, in that order, or offers to be picked from. That a number is an answer where a correction
    /// is offered, no declaration tells.
    fn is_known(&self, node: &Node) -> bool {
        let is_declared =
            |choice: &Choice, words: &Words| choice.payload == words.name && choice.label == words.label();
        let are_declared = self.choices.len() == node.offered_words().count()
            && self.choices.iter().zip(node.offered_words()).all(|(choice, words)| is_declared(choice, words));
        let are_numbered = !self.without_numbers || node.offered_words().count() == node.choices.len();
        (are_declared && are_numbered) || self.of_offer == self.choices.len()
    }
}

impl Visit {
    pub(super) fn lay(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        out.extend(self.id.bytes());
        writing::size(out, self.offered.len());
        for payload in &self.offered {
            writing::bytes(out, payload.as_bytes());
        }
        writing::long(out, |out| match &self.listed {
            Some(listed) => serde_json::to_writer(out, listed),
            None => Ok(()),
        })
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let id = VisitId::from(reader.array()?);
        let offered = reader.list(|reader| reader.text().map(ToOwned::to_owned))?;
        let listed = match reader.long()? {
            [] => None,
            listed => Some(serde_json::from_slice(listed).map_err(|_| Broken)?),
        };
        Ok(Self { id, offered, listed })
    }

    fn offer(&mut self, mut newest: Vec<String>) {
        let mut unique = HashSet::with_capacity(newest.len());
        newest.retain(|payload| unique.insert(payload.clone()));
        self.offered.retain(|payload| !unique.contains(payload));
        self.offered.append(&mut newest);
        let surplus = self.offered.len().saturating_sub(MOST_OFFERED.max(unique.len()));
        self.offered.drain(..surplus);
    }
}
