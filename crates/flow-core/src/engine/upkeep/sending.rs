//! One reply, sent by its channel; and what follows where it was not, or perhaps was.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use tracing::{Instrument, info_span};

use super::{Upkeep, deliver::Missed};
use crate::{
    Address, Flow, Key, Outgoing,
    engine::{
        caught::caught,
        channel::Channel,
        error::EngineError,
        fate::{Doubt, Fate, Found, Given, Scope},
        hooks::Delivered,
        turn::{TurnRequest, Undelivered},
    },
    session::Outlook,
};

/// How long a channel has to find out whether something was sent, at most: the claim has that to spare, before and after a try.
const FINDING_OUT: Duration = Duration::from_secs(2);

/// The shortest time that is waited where a platform says to wait: "retry after 0" must not ask it again and again.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The longest. A later one could not be told as a time.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 86_400);

impl<F: Flow> Upkeep<F> {
    /// Sends a reply by its channel, unless that rests, or finds out that a try before has sent it.
    pub(super) async fn send(&self, outgoing: &Outgoing, is_doubted: bool) -> Result<(), Missed> {
        let name = outgoing.address.channel();
        let channel = self.channels.named(name).map_err(|unknown| Missed::again("it failed", &unknown))?;
        if let Some(time) = self.channels.rests_for(name) {
            return Err(wait(time));
        }
        if is_doubted {
            match self.find_out(channel, outgoing).await {
                (Found::Sent, _) => return Ok(()),
                (Found::Unknown, Doubt::SetAside) => return Err(set_aside("a try before may have sent it".to_owned())),
                _ => {}
            }
        }
        let sending = caught(channel.send(outgoing)).instrument(info_span!("send", channel = name));
        let given = match timeout(self.settings.deadlines.hook, sending).await {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(Fate(given)))) => given,
            Ok(Err(panicked)) => Given::InDoubt(panicked.to_string()),
            Err(late) => Given::InDoubt(late.to_string()),
        };
        match given {
            Given::Failed(error) => Err(Missed { fault: "it failed", error, outlook: Outlook::Again }),
            Given::Again { after, scope: Scope::Chat } => Err(wait(after)),
            Given::Again { after, scope: Scope::Channel } => {
                let time = bounded(after);
                self.channels.rest(name, time);
                tracing::info!(
                    channel = name,
                    seconds = time.as_secs(),
                    "a channel rests: nothing is sent by it meanwhile"
                );
                Err(wait(time))
            }
            Given::Never(error) => {
                let is_told = self.channels.tells_undeliverable();
                Err(Missed { fault: "it can never be sent", error, outlook: Outlook::Never { is_told } })
            }
            Given::InDoubt(error) => match self.find_out(channel, outgoing).await {
                (Found::Sent, _) => Ok(()),
                (Found::NotSent, _) => Err(Missed { fault: "it was not sent", error, outlook: Outlook::Again }),
                (Found::Unknown, Doubt::SendAgain) => {
                    Err(Missed { fault: "it may have been sent", error, outlook: Outlook::InDoubt })
                }
                (Found::Unknown, Doubt::SetAside) => Err(set_aside(error)),
            },
        }
    }

    /// Whether it was sent, as far as the channel can find out in a moment; and what the channel does if that is not known.
    async fn find_out(&self, channel: &Arc<dyn Channel>, outgoing: &Outgoing) -> (Found, Doubt) {
        let patience = self.settings.deadlines.hook.min(FINDING_OUT);
        let found = timeout(patience, caught(channel.find_out(outgoing))).await;
        let found = found.ok().and_then(Result::ok).unwrap_or(Found::Unknown);
        let doubt = caught(async { channel.in_doubt() }).await.unwrap_or_default();
        (found, doubt)
    }

    /// Has the flow hear that a reply can never be sent, in a turn of its own.
    pub(super) async fn tell_undeliverable(&self, key: Key, address: &Address, reason: &str) -> Delivered {
        let signal = self.channels.signal_of(address, reason);
        let signal = signal.ok_or("this engine does not say how the flow hears of what can never be sent")?;
        let undelivered = Undelivered { key, address: address.clone(), signal };
        match self.turns.take(key.session, TurnRequest::Undeliverable(&undelivered)).await {
            // There is nobody left to hear it.
            Err(EngineError::NoSession) => Ok(()),
            Ok(outcome) => match outcome.failure() {
                Some(failure) => Err(failure.to_string().into()),
                None => Ok(()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

fn wait(time: Duration) -> Missed {
    let error = "the platform has to be left alone for a while".to_owned();
    Missed { fault: "it has to wait", error, outlook: Outlook::Wait(bounded(time)) }
}

fn set_aside(error: String) -> Missed {
    Missed { fault: "it may have been sent", error, outlook: Outlook::Never { is_told: false } }
}

fn bounded(time: Duration) -> Duration {
    time.clamp(SHORTEST_WAIT, LONGEST_WAIT)
}
