//! What hears the server on behalf of a listener: [`Watch`].

use std::time::Duration;

use flow_core::{
    SessionId,
    store::{Changed, Listener, Teller},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use uuid::Uuid;

use crate::{
    connection::{Link, Subscription},
    keys::Keys,
    redis_failure::RedisFailure,
    server_call::ServerCall,
};

/// Hears what is told on the channel of a store, and makes the connection anew when it hears no more.
///
/// A connection can be deaf and not know it: behind a firewall that has forgotten it, on a server that was a master once, on a node
/// that is cut off from its cluster. So a word is sent by way of the store's other connection, and has to be heard: an echo.
pub(crate) struct Watch {
    link: Link,
    told: String,
    echo: String,
}

/// After so long without a word one is sent, to be heard.
const SILENCE: Duration = Duration::from_secs(5);

/// How long is waited before the connection is made anew, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

impl Watch {
    pub(crate) fn over(link: Link, keys: &Keys) -> Self {
        let (told, echo) = (keys.told(), keys.echo(Uuid::new_v4()));
        Self { link, told, echo }
    }

    /// A listener that hears.
    ///
    /// Fails if nothing can be heard, or said.
    pub(crate) async fn begin(self) -> Result<Box<dyn Listener>, RedisFailure> {
        let (teller, listener) = Teller::new();
        let subscription = self.subscribe(&teller).await?;
        tokio::spawn(async move { teller.while_heard(self.keep_on(subscription, &teller)).await });
        Ok(listener)
    }

    /// Hears for good.
    async fn keep_on(self, mut subscription: Subscription, teller: &Teller) {
        loop {
            let mut failure = self.hear(&mut subscription, teller).await;
            teller.fail(failure.clone().of_reading());
            let mut pause = PAUSES.0;
            subscription = loop {
                // Many listeners lose their server at the same time.
                sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = PAUSES.1.min(pause * 2);
                match self.subscribe(teller).await {
                    Ok(subscription) => break subscription,
                    Err(other) if other != failure => {
                        teller.fail(other.clone().of_reading());
                        failure = other;
                    }
                    Err(_) => {}
                }
            };
            teller.tell(Changed::Perhaps);
        }
    }

    /// A subscription on which an echo was heard.
    async fn subscribe(&self, teller: &Teller) -> Result<Subscription, RedisFailure> {
        let mut subscription = self.link.subscribe(&[self.told.clone(), self.echo.clone()]).await?;
        self.say().await?;
        self.hear_an_echo(&mut subscription, teller).await?;
        Ok(subscription)
    }

    /// Tells what is heard, until nothing can be heard any more.
    async fn hear(&self, subscription: &mut Subscription, teller: &Teller) -> RedisFailure {
        loop {
            let heard = match timeout(SILENCE, self.hear_one(subscription, teller)).await {
                Ok(heard) => heard.map(drop),
                // If nothing can be said, that says nothing of what can be heard.
                Err(_) if self.say().await.is_ok() => self.hear_an_echo(subscription, teller).await,
                Err(_) => Ok(()),
            };
            if let Err(failure) = heard {
                return failure;
            }
        }
    }

    /// Hears the echo of what was said just now.
    async fn hear_an_echo(&self, subscription: &mut Subscription, teller: &Teller) -> Result<(), RedisFailure> {
        let patience = self.link.connect_deadline();
        let until = Instant::now() + patience;
        let is_deaf = |_| RedisFailure::NoAnswer(patience);
        while !timeout_at(until, self.hear_one(subscription, teller)).await.map_err(is_deaf)?? {}
        Ok(())
    }

    /// Hears one message, and gives whether it is an echo.
    async fn hear_one(&self, subscription: &mut Subscription, teller: &Teller) -> Result<bool, RedisFailure> {
        let (channel, said) = subscription.next().await?;
        if channel == self.echo {
            return Ok(true);
        }
        // What is no session comes from elsewhere.
        if let Some(id) = str::from_utf8(&said).ok().and_then(|said| said.parse::<SessionId>().ok()) {
            teller.tell(Changed::Session(id));
        }
        Ok(false)
    }

    async fn say(&self) -> Result<(), RedisFailure> {
        self.link.ask(&ServerCall::command(&["PUBLISH", &self.echo, ""])).await.map(drop)
    }
}
