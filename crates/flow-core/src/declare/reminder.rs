//! Reminders: what a state can be reminded of, and a state that is entered with one, [`Armed`].

use std::{fmt::Debug, time::Duration};

use crate::{Flow, State, wiring::Derived};

/// A state that declares reminders: `remind(...)`. Sealed: the derive of `Flow` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` declares no reminders",
    label = "no reminder is declared on this state",
    note = "write `remind(Waiting)` in the `#[state(…)]` of `{Self}`, with a name of your own"
)]
pub trait Reminds: State {
    /// What it can be reminded of: an enum with a variant for each.
    type Reminder: Copy + Debug + Send + Sync + 'static;

    #[doc(hidden)]
    const REMINDS: Derived;

    /// The reminder's name in a record.
    fn name(reminder: Self::Reminder) -> &'static str;
}

/// Enters a state with a reminder.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Flow, RemindExt, Step, StepExt, Turn};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// # #[flow(name = "visit_with_a_link")]
/// enum Visit {
///     #[state(start, ask = "Your e-mail?", answer = String, to(Sent))]
///     Welcome,
///     #[state(say = "We have sent you a link.", remind(Link), to(Done))]
///     Sent { address: String },
///     #[state(end, say = "All set.")]
///     Done,
/// }
///
/// use visit::*;
///
/// struct Host;
///
/// impl VisitHandler for Host {
///     async fn welcome(&self, state: Welcome, address: String, turn: Turn<'_, Welcome>) -> Step<Welcome> {
///         turn.to(state.sent(address).remind_in(Duration::from_secs(3600), SentReminder::Link))
///     }
///
///     async fn sent(&self, _: Sent, turn: Turn<'_, Sent>) -> Step<Sent> {
///         turn.to(Done)
///     }
///
///     async fn sent_on_link(&self, state: Sent, turn: Turn<'_, Sent>) -> Step<Sent> {
///         turn.stay(format!("The link waits in the mailbox of {}.", state.address))
///     }
/// }
/// ```
pub trait RemindExt: Reminds + Sized {
    /// The state, to be entered with this reminder: it rings once the time has passed, unless the state is left.
    ///
    /// It takes a worker to ring, and it is no word of the visitor's: it does not renew the session's idle expiry, and is not
    /// heard after it.
    fn remind_in(self, time: Duration, reminder: Self::Reminder) -> Armed<Self> {
        Armed { state: self, reminders: vec![Set::new::<Self>(reminder, Some(time))] }
    }
}

impl<S: Reminds> RemindExt for S {}

/// A state with the reminders that it is entered with.
#[derive(Clone, Debug)]
#[must_use = "it is entered by `turn.to(…)`"]
pub struct Armed<S: Reminds> {
    state: S,
    reminders: Vec<Set>,
}

impl<S: Reminds> Armed<S> {
    /// Another reminder besides.
    pub fn remind_in(mut self, time: Duration, reminder: S::Reminder) -> Self {
        self.reminders.push(Set::new::<S>(reminder, Some(time)));
        self
    }
}

/// A reminder to be set, or to be forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    pub(crate) name: &'static str,
    pub(crate) after: Option<Duration>,
}

impl Set {
    pub(crate) fn new<S: Reminds>(reminder: S::Reminder, after: Option<Duration>) -> Self {
        Self { name: S::name(reminder), after }
    }
}

/// What can be entered: a state, or one that is [`Armed`]. Sealed.
pub trait Enters<F: Flow> {
    #[doc(hidden)]
    fn enter(self) -> (F, Vec<Set>);
}

#[diagnostic::do_not_recommend]
impl<S: State> Enters<S::Flow> for S {
    fn enter(self) -> (S::Flow, Vec<Set>) {
        (self.into(), Vec::new())
    }
}

#[diagnostic::do_not_recommend]
impl<S: Reminds> Enters<S::Flow> for Armed<S> {
    fn enter(self) -> (S::Flow, Vec<Set>) {
        (self.state.into(), self.reminders)
    }
}
