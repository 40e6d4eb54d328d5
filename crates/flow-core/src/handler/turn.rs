//! One input in a handler's hands: [`Turn`], around the [`Call`] that the engine makes.

use std::{fmt, marker::PhantomData, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Address, Command, Corrects, FetchError, Flow, Follows, Halt, Input, Media, Reask, Reminds, Reply, SessionId, State,
    Transition,
    answers::Answer,
    declare::reminder::Set,
    handler::{
        fetch::Fetching,
        offer::Offered,
        once::{Errands, OnceKey, once},
        said::Said,
        step::{Destination, Next, Step},
    },
    session::History,
};

/// One input that a handler decides on, in state `S`.
///
/// Ends in [`Turn::to`] or [`Turn::stay`]. Nothing said or changed here shows before the turn is committed, and the
/// handler may be run again if another writer came first.
///
/// ```
/// use flow_core::{Flow, Step, StepExt, Turn};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// # #[flow(name = "table_for_some")]
/// enum Table {
///     #[state(start, ask = "A table for how many?", to(Booked))]
///     Welcome,
///     #[state(end, say = "A table for {guests}.")]
///     Booked { guests: u8 },
/// }
///
/// use table::*;
///
/// struct Waiter;
///
/// impl TableHandler for Waiter {
///     // What was said is read as the one field that `Booked` has more.
///     async fn welcome(&self, state: Welcome, guests: u8, turn: Turn<'_, Welcome>) -> Step<Welcome> {
///         match guests {
///             0 => turn.stay("For one, at least."),
///             guests => turn.to(state.booked(guests)).say("Gladly!"),
///         }
///     }
/// }
/// ```
pub struct Turn<'t, S: State> {
    call: Call<'t, S::Flow>,
    reminders: Vec<Set>,
    state: PhantomData<fn(S)>,
}

impl<'t, S: State> Turn<'t, S> {
    pub(crate) fn new(call: Call<'t, S::Flow>) -> Self {
        Self { call, reminders: Vec::new(), state: PhantomData }
    }

    /// What the visitor said; none in the turn of a signal or a reminder.
    pub fn input(&self) -> Option<&'t Input> {
        self.call.circumstances.input
    }

    /// The words, the button's payload, what stands under a picture, or the command; empty if it was none of these.
    pub fn text(&self) -> &'t str {
        self.call.circumstances.input.and_then(Input::said).unwrap_or_default()
    }

    /// The file that the visitor sent, if it is one.
    pub fn media(&self) -> Option<&'t Media> {
        self.call.circumstances.input.and_then(Input::media)
    }

    /// The command that the visitor gave, if it is one. A flow's shortcuts come first: one of its name is taken instead.
    pub fn command(&self) -> Option<&'t Command> {
        self.call.circumstances.input.and_then(Input::command)
    }

    /// Reads what the visitor said as a `T`, in a state that does not declare what it asks for.
    ///
    /// Fails, so that `?` asks again, if it cannot be read as one.
    pub fn answer<T: Answer>(&self) -> Result<T, Reask> {
        self.call.said().read(T::read)
    }

    /// The bytes of a file that the visitor sent, now or in an earlier turn.
    ///
    /// Fails if the engine has no fetcher, if the file is larger than it takes ([`Limits::media`](crate::Limits::media)), which is
    /// told before and while it comes, if it does not come in time ([`Deadlines::media`](crate::Deadlines::media)), or as the
    /// channel does. With `?` a file that is too large is asked for again, and whatever else went wrong fails the turn.
    ///
    /// ```
    /// use flow_core::{Flow, Step, Turn, answers::Image};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "parcel_that_is_looked_at")]
    /// enum Complaint {
    ///     #[state(start, ask = "A picture of the parcel, please.", to(Seen))]
    ///     Parcel,
    ///     #[state(end, say = "Thank you, {size} bytes of it.")]
    ///     Seen { picture: Image, size: usize },
    /// }
    /// # use complaint::*;
    /// # struct Clerk;
    ///
    /// impl ComplaintHandler for Clerk {
    ///     async fn parcel(&self, _: Parcel, turn: Turn<'_, Parcel>) -> Step<Parcel> {
    ///         let picture: Image = turn.answer()?;
    ///         let bytes = turn.fetch(picture.media()).await?;
    ///         turn.to(Seen { picture, size: bytes.len() })
    ///     }
    /// }
    /// ```
    pub fn fetch<'m>(
        &self,
        media: &'m Media,
    ) -> impl Future<Output = Result<Bytes, FetchError>> + Send + use<'t, 'm, S> {
        self.call.circumstances.fetching.fetch(media)
    }

    /// Whose turn it is.
    pub fn session(&self) -> SessionId {
        self.call.circumstances.session
    }

    /// When the turn began.
    pub fn now(&self) -> DateTime<Utc> {
        self.call.circumstances.now
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.call.circumstances.language
    }

    /// Where the visitor is reached: where the message came from, or where the last one did that told.
    pub fn address(&self) -> Option<&'t Address> {
        self.call.circumstances.address
    }

    /// The steps that led here, the oldest first, as far as the record keeps them.
    pub fn history(&self) -> &'t [Transition] {
        self.call.circumstances.history.steps()
    }

    /// How many answers were rejected in this state so far.
    pub fn tries(&self) -> u32 {
        self.call.circumstances.tries
    }

    /// What the states of this conversation share.
    pub fn shared(&self) -> &<S::Flow as Flow>::Shared {
        &self.call.shared
    }

    /// What the states of this conversation share, to be changed. It is stored with the turn's decision.
    pub fn shared_mut(&mut self) -> &mut <S::Flow as Flow>::Shared {
        &mut self.call.shared
    }

    /// Asks the world something once in this turn, and gives the answer, however often the handler is run: a memoized step.
    ///
    /// The answer is in the session's record before the handler goes on, and stays there until the turn is stored. So a handler
    /// that is run again, because another writer came first, or because the process died and the message came again, does not ask
    /// again. It does so only if the process died, or `ask` failed, before the answer was written, and then under the same
    /// [`OnceKey`], the idempotency key to hand on. Which question it is says the `name`: a second one of the same name in
    /// the turn gets the answer of the first.
    ///
    /// Another message is another turn, and asks again. What need not be known to decide is better an effect, which is
    /// delivered for the turns alone that are stored.
    ///
    /// ```
    /// use flow_core::{Flow, OnceKey, Result, Step, Turn};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "checkout_once")]
    /// enum Checkout {
    ///     #[state(start, ask = "Your voucher?", to(Paid))]
    ///     Welcome,
    ///     #[state(end, say = "Paid, under number {receipt}.")]
    ///     Paid { receipt: String },
    /// }
    ///
    /// use checkout::*;
    ///
    /// struct Till;
    ///
    /// impl Till {
    ///     async fn redeem(&self, voucher: &str, key: OnceKey) -> Result<Option<String>> {
    ///         println!("POST /redeem, Idempotency-Key: {key}");
    ///         Ok(Some(voucher.to_uppercase()))
    ///     }
    /// }
    ///
    /// impl CheckoutHandler for Till {
    ///     async fn welcome(&self, state: Welcome, voucher: String, turn: Turn<'_, Welcome>) -> Step<Welcome> {
    ///         // A refusal is an answer, and kept as well. An error is not: the question is asked again.
    ///         match turn.once("redeem", |key| self.redeem(&voucher, key)).await? {
    ///             Some(receipt) => turn.to(state.paid(receipt)),
    ///             None => turn.stay("That one is used up."),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Fails as `ask` does, and with an [`OnceError`](crate::OnceError), which a `?` makes the turn's failure.
    pub async fn once<T, A>(&self, name: &str, ask: impl FnOnce(OnceKey) -> A) -> Result<T, Halt>
    where
        T: Serialize + DeserializeOwned,
        A: Future<Output = Result<T, Halt>>,
    {
        once(self.call.circumstances.errands, name, ask).await
    }

    /// Goes to `next`, a state that the declaration lets follow this one.
    pub fn to<T: Follows<S>>(self, next: T) -> Step<S> {
        let (state, reminders) = next.enter();
        Ok(Next::new(Destination::To(state), self.call.shared, reminders))
    }

    /// Stays in this state with this data, and asks its question again.
    pub fn keep(self, state: S) -> Step<S> {
        Ok(Next::new(Destination::Keep(state.into()), self.call.shared, self.reminders))
    }

    /// Stays in this state, and says so.
    pub fn stay(self, reply: impl Into<Reply>) -> Step<S> {
        let mut next = Next::new(Destination::Stay, self.call.shared, self.reminders);
        next.decision.replies.push(reply.into());
        Ok(next)
    }
}

impl<S: State> Turn<'_, S> {
    /// Asks for a person: stays in this state, says what is added by [`say`](crate::StepExt::say), and is silent from then on, until
    /// an operator resumes ([`Operator::resume`](crate::Operator::resume)).
    ///
    /// The reason stands in the history, with the cause [`Cause::HandedOver`](crate::Cause::HandedOver). It is written in the program, so
    /// that no word of the visitor's gets into it. An effect tells a person: it is delivered at least once.
    ///
    /// ```
    /// use flow_core::{Flow, Key, Result, Step, StepExt, Turn};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// #[flow(name = "desk_with_a_person", effects(CallSomebody(String)))]
    /// enum Desk {
    ///     #[state(start, ask = "What is your question?", handled, to(Answered))]
    ///     Welcome,
    ///     #[state(end, say = "Gladly.")]
    ///     Answered,
    /// }
    ///
    /// use desk::*;
    ///
    /// struct Clerk;
    ///
    /// impl DeskHandler for Clerk {
    ///     async fn welcome(&self, _: Welcome, turn: Turn<'_, Welcome>) -> Step<Welcome> {
    ///         let session = turn.session().to_string();
    ///         match turn.text() {
    ///             "when?" => turn.to(Answered),
    ///             _ => turn.hand_over("a question that the bot does not know")
    ///                 .say("A colleague of mine will answer.")
    ///                 .effect(DeskEffect::CallSomebody(session)),
    ///         }
    ///     }
    ///
    ///     async fn deliver_call_somebody(&self, session: String, _: Key) -> Result<()> {
    ///         println!("somebody is needed in {session}");
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn hand_over(self, reason: &'static str) -> Step<S> {
        Ok(Next::new(Destination::HandOver(reason), self.call.shared, self.reminders))
    }

    /// Has a field of the state corrected: its question is asked again, the answer replaces it, and the conversation is back in this
    /// state, as it is given here. All else stays.
    ///
    /// The visitor does the same by the correction's button or words; here the handler decides it, as where a slot that was chosen has
    /// gone meanwhile.
    pub fn correct(self, state: S, what: S::Correction) -> Step<S>
    where
        S: Corrects,
    {
        Ok(Next::new(Destination::Correct(state.into(), S::field(what)), self.call.shared, Vec::new()))
    }
}

impl<S: Reminds> Turn<'_, S> {
    /// Sets this reminder anew, if the turn stays in its state.
    pub fn remind_in(&mut self, time: Duration, reminder: S::Reminder) {
        self.reminders.push(Set::new::<S>(reminder, Some(time)));
    }

    /// Forgets this reminder.
    pub fn forget_reminder(&mut self, reminder: S::Reminder) {
        self.reminders.push(Set::new::<S>(reminder, None));
    }
}

/// Without what was said, and what is known.
impl<S: State> fmt::Debug for Turn<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = S::Flow::GRAPH.states[S::PLACE.0].name;
        f.debug_struct("Turn").field("state", &state).field("call", &self.call).finish_non_exhaustive()
    }
}

/// What the engine hands to a handler's method, whatever state it is for.
pub struct Call<'t, F: Flow> {
    pub(crate) circumstances: Circumstances<'t>,
    pub(crate) shared: F::Shared,
}

/// What is known in a turn, whatever flow it is of.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'t> {
    pub(crate) session: SessionId,
    pub(crate) input: Option<&'t Input>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) language: Option<&'t str>,
    pub(crate) address: Option<&'t Address>,
    pub(crate) history: &'t History,
    pub(crate) tries: u32,
    pub(crate) offered: Offered<'t>,
    pub(crate) errands: &'t dyn Errands,
    pub(crate) fetching: Fetching<'t>,
}

impl<'t, F: Flow> Call<'t, F> {
    /// What was said, and what had been offered.
    pub(crate) fn said(&self) -> Said<'t> {
        Said { input: self.circumstances.input, offered: self.circumstances.offered }
    }
}

/// Without what was said, and what is known.
impl<F: Flow> fmt::Debug for Call<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Circumstances { session, now, tries, .. } = &self.circumstances;
        let mut call = f.debug_struct("Call");
        call.field("session", session).field("now", now).field("tries", tries).finish_non_exhaustive()
    }
}
