//! A visitor who waits for a handler is shown that an answer is coming. Nothing waits for that, and nothing of it is stored.

use std::{convert::Infallible, future::pending, time::Duration};

use tokio::time::{sleep, timeout};

use super::{TurnRequest, Turns};
use crate::{Flow, SessionId, engine::caught::caught};

/// How often it is shown again: platforms show it for five seconds and more.
const AGAIN: Duration = Duration::from_secs(4);

impl<F: Flow> Turns<F> {
    /// What `deciding` comes to; while it takes its time, the visitor is shown that an answer is coming.
    pub(super) async fn while_typing<T>(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        deciding: impl Future<Output = T>,
    ) -> T {
        tokio::select! {
            biased;
            decided = deciding => decided,
            never = self.type_on(id, request) => match never {},
        }
    }

    async fn type_on(&self, id: SessionId, request: &TurnRequest<'_, F>) -> Infallible {
        let message = match request {
            TurnRequest::Message(message) => message,
            TurnRequest::Mail(mail) => &mail.message,
            _ => return pending().await,
        };
        let Some(address) = message.address() else { return pending().await };
        if self.settings.shelf.is_for(address.channel()) {
            sleep(self.settings.deadlines.typing).await;
            loop {
                self.keeper.tell_typing(id);
                sleep(AGAIN).await;
            }
        }
        let Ok(channel) = self.channels.named(address.channel()) else { return pending().await };
        sleep(self.settings.deadlines.typing).await;
        loop {
            // Whatever comes of it: the answer itself is on its way.
            let _ = timeout(AGAIN, caught(channel.typing(address))).await;
            sleep(AGAIN).await;
        }
    }
}
