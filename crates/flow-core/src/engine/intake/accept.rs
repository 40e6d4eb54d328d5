//! [`Engine::accept`]: an answer as soon as a message is stored, by its own turn or as a letter.

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use tokio::{sync::oneshot, time::timeout};
use tracing::{Instrument, info_span};

use super::{Accepted, Intake};
use crate::{
    Flow, Identifies, Message, SessionId, StoreError,
    engine::{
        Engine,
        error::{Busy, EngineError},
        observer::Event,
        outcome::Outcome,
        turn::{Drainer, Mail},
    },
    store::Posted,
};

/// Where the caller hears what became of its message.
type Answer<F> = oneshot::Sender<Result<Accepted<F>, EngineError>>;

/// A turn that has ended, with the number of letters it has left if that is known.
type Ended<F> = Result<(Outcome<F>, Option<usize>), EngineError>;

impl<F: Flow> Engine<F> {
    /// Accepts a message, and answers as soon as it is stored: because its turn was taken, or else because it waits beside its
    /// session, to be handled in its order. For a channel whose platform asks again if it hears nothing soon.
    ///
    /// The turn goes on though the caller no longer listens. A message that waits is handled by this process; if it ends, by a
    /// [worker](Engine::worker), or else by the process that takes the session's next message. Messages that wait have their turns
    /// in the order in which they were stored, as the flow declares ([`Waiting`](crate::graph::Waiting));
    /// [`handle`](Engine::handle) passes them by. A message with the id of one that waits, or was handled, is that one.
    ///
    /// One whose handler fails is taken, with the apology. One that cannot be handled at all, and one over which three processes
    /// have ended, is set aside as a dead letter: [`Operator::retry`](crate::Operator::retry) has it accepted again.
    ///
    /// Fails as `handle` does, and with [`EngineError::InboxFull`]. While the store is away it fails whatever
    /// [`Outage`](crate::Outage) says: nothing is accepted into memory.
    pub fn accept(
        &self,
        id: impl Identifies,
        message: impl Into<Message>,
    ) -> Pin<Box<dyn Future<Output = Result<Accepted<F>, EngineError>> + Send + '_>> {
        let (id, mail) = (id.session_id(), Mail::new::<F>(message.into()));
        Box::pin(async move { Arc::clone(&self.rooms.intake).accept(id, mail).await })
    }
}

impl<F: Flow> Intake<F> {
    /// Takes a message in, in a task of its own.
    pub(in crate::engine) async fn accept(
        self: Arc<Self>,
        id: SessionId,
        mail: Mail,
    ) -> Result<Accepted<F>, EngineError> {
        let (answer, answered) = oneshot::channel();
        let span = info_span!("accept", flow = F::GRAPH.name, session = %id);
        // On the heap, because the runtime copies a task several times before it runs.
        let taking = Box::pin(async move { self.take_in(id, mail, answer).await });
        tokio::spawn(taking.instrument(span));
        // The task is gone without an answer only if the runtime is.
        answered.await.unwrap_or(Err(EngineError::ShuttingDown))
    }

    async fn take_in(self: &Arc<Self>, id: SessionId, mail: Mail, answer: Answer<F>) {
        let _accepting = self.gate.begin_accepting();
        let goes_on = {
            let mut turn = pin!(self.turns.take_mail(id, &mail));
            match timeout(self.settings.inbox.patience, &mut turn).await {
                Ok(ended) => self.after_its_turn(id, &mail, ended, answer).await,
                Err(_) => self.after_patience(id, &mail, turn, answer).await,
            }
        };
        if let Some(drainer) = goes_on {
            // On the heap, because it is rare and large.
            Box::pin(self.drain(id, drainer)).await;
        }
    }

    /// Answers for a message whose turn has ended in time, and tells as what this process is to go through its inbox, if it is.
    async fn after_its_turn(&self, id: SessionId, mail: &Mail, ended: Ended<F>, answer: Answer<F>) -> Option<Drainer> {
        match ended {
            // It stands behind others of its session, or lost to other writers: it is stored to wait.
            Err(EngineError::Busy(busy)) if !matches!(busy, Busy::Crowded { .. }) => {
                let posted = self.post(id, mail).await;
                let drainer = mail.drained_by(posted.as_ref().ok());
                say(answer, posted.map(|_| Accepted::Waiting));
                drainer
            }
            ended => {
                self.say_handled(answer, ended.map(|(outcome, _)| outcome));
                None
            }
        }
    }

    /// Stores a message whose turn takes long, while that goes on, and tells as what this process is to go through its inbox,
    /// if it is.
    async fn after_patience(
        &self,
        id: SessionId,
        mail: &Mail,
        mut turn: Pin<&mut impl Future<Output = Ended<F>>>,
        answer: Answer<F>,
    ) -> Option<Drainer> {
        let mut post = pin!(self.post(id, mail));
        tokio::select! {
            biased;
            ended = &mut turn => match ended {
                Ok((outcome, _)) => {
                    self.say_handled(answer, Ok(outcome));
                    // Its letter may come to lie in the inbox though its turn is over.
                    mail.drained_by(post.await.as_ref().ok())
                }
                Err(error) => {
                    let posted = post.await;
                    let drainer = mail.drained_by(posted.as_ref().ok());
                    say(answer, posted.map(|_| Accepted::Waiting).map_err(|failed| worse_of(mail, error, failed)));
                    drainer
                }
            },
            posted = &mut post => match posted {
                Ok(Posted::First) => {
                    say(answer, Ok(Accepted::Waiting));
                    let _going = self.under_way.begin();
                    (!matches!(turn.await, Ok((_, Some(0))))).then_some(Drainer::Poster)
                }
                // Whoever goes through the inbox handles it. Its turn is dropped: it is whole or nothing.
                Ok(_) => {
                    say(answer, Ok(Accepted::Waiting));
                    None
                }
                // It waits behind others, and there is no room to wait. One whose turn is being taken needs none: it may be stored
                // already, and one that is too large to wait would be refused however often it comes.
                Err(full @ EngineError::InboxFull { .. }) if !mail.has_begun() => {
                    say(answer, Err(full));
                    None
                }
                // The letter is not stored, and the turn may yet be.
                Err(failed) => {
                    let handled = turn.await.map(|(outcome, _)| outcome);
                    self.say_handled(answer, handled.map_err(|error| worse_of(mail, error, failed)));
                    None
                }
            },
        }
    }

    /// Answers the caller once its message's turn was taken, or failed.
    fn say_handled(&self, answer: Answer<F>, handled: Result<Outcome<F>, EngineError>) {
        if handled.is_ok() {
            self.observers.happened(Event::HandledAtOnce);
        }
        say(answer, handled.map(Accepted::Handled));
    }

    /// Stores a message to wait.
    ///
    /// Fails if there is no room, or if the store fails.
    pub(super) async fn post(&self, id: SessionId, mail: &Mail) -> Result<Posted, EngineError> {
        mail.is_being_posted();
        let now = self.keeper.time.now(self.keeper.last_heard(id));
        let letter = mail.letter(now).map_err(|_| EngineError::UnwritableMessage)?;
        let posted = self.keeper.post(id, letter, self.turns.lease()).await?;
        match posted {
            Posted::Full => {
                let inbox = &self.settings.inbox;
                return Err(EngineError::InboxFull { letters: inbox.letters, bytes: inbox.bytes });
            }
            Posted::First | Posted::Behind => {
                self.observers.happened(Event::Posted);
                tracing::debug!(session = %id, "a message waits for its turn");
            }
            Posted::Known => {}
        }
        mail.lies_in_the_inbox();
        // If this process ends, a worker goes on.
        self.attendance.look_now_and_then();
        Ok(posted)
    }
}

/// Why a message was neither handled nor stored to wait: what is in doubt is told as that, since it may be handled yet.
fn worse_of(mail: &Mail, of_turn: EngineError, of_post: EngineError) -> EngineError {
    let is_in_doubt = matches!(of_post, EngineError::Store(StoreError::Unknown(_)));
    if is_in_doubt || mail.gave_way() { of_post } else { of_turn }
}

/// Answers the caller, if it still listens.
fn say<F: Flow>(answer: Answer<F>, accepted: Result<Accepted<F>, EngineError>) {
    let _ = answer.send(accepted);
}
