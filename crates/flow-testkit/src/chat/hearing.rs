//! How messages are heard in a chat.

use flow_core::{Flow, Input, Message, Session, SessionId, Transition};

use super::{Chat, in_step::in_step, visitor::Visitor};
use crate::Coverage;

impl<F: Flow> Chat<F> {
    /// The place of the visitor of this name, who is new if nobody has it.
    pub(super) fn place_of(&mut self, name: &str) -> usize {
        let known = self.visitors.iter().position(|visitor| visitor.name == name);
        known.unwrap_or_else(|| {
            self.visitors.push(Visitor::new(self.visitors.len() + 1, name));
            self.visitors.len() - 1
        })
    }

    /// The next message, as this visitor's.
    pub(super) fn message(&mut self, place: usize, input: Input) -> Message {
        let visitor = &mut self.visitors[place];
        self.messages += 1;
        self.transcript.said(&visitor.name, &input);
        let message = input.with_id(format!("m{}", self.messages));
        visitor.last = Some(message.clone());
        message
    }

    /// These visitors' messages are heard, all at once, and what is due afterwards is done.
    pub(super) async fn hear(&mut self, messages: Vec<(usize, Message)>) -> &mut Self {
        let (places, messages): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
        let engine = &self.processes[self.process];
        let ids = places.iter().map(|place| self.visitors[*place].id);
        let turns: Vec<_> = ids.zip(messages).map(|(id, message)| engine.handle(id, message)).collect();
        let outcomes = in_step(turns).await;
        for (place, outcome) in places.iter().zip(&outcomes) {
            let Ok(outcome) = outcome else { continue };
            self.transcript.answered(&self.visitors[*place].name, outcome);
            note::<F>(&outcome.transitions);
        }
        // Their steps are in the outcomes.
        self.notes.take();
        self.works().await;
        for (place, outcome) in places.into_iter().zip(outcomes) {
            let visitor = &mut self.visitors[place];
            match &outcome {
                Ok(outcome) => self.transcript.replied(&visitor.name, &outcome.replies),
                Err(error) => self.transcript.noted(&visitor.name, format!("(refused: {error})")),
            }
            visitor.outcome = Some(outcome);
        }
        self
    }

    pub(super) async fn session_of(&self, id: SessionId) -> Option<Session<F>> {
        self.engine().peek(id).await.expect("the session can be read")
    }
}

/// For the report on edges that no test takes.
pub(super) fn note<F: Flow>(transitions: &[Transition]) {
    Coverage::note::<F>(transitions).expect("the edges that are taken can be written down");
}
