//! What hears the server on behalf of a listener: [`Watch`].

use std::{sync::Arc, time::Duration};

use flow_core::{
    SessionId, StoreError,
    store::{Changed, Listener, Teller},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use uuid::Uuid;

use crate::{database::Database, link::Subscription, postgres_failure::PostgresFailure, telling::ANYTHING};

/// Hears what the server is notified of, and makes the connection anew when it hears no more.
///
/// A connection can be deaf and not know it: behind a firewall that has forgotten it, on a server that took writes once, behind a
/// pooler that lends each transaction another. So a word is sent by way of the store's other connections, and has to be heard: an echo.
pub(crate) struct Watch {
    database: Arc<Database>,
    /// The channel of the echo, which nobody else hears.
    echo: String,
}

/// After so long without a word one is sent, to be heard.
const SILENCE: Duration = Duration::from_secs(5);

/// How long is waited before the connection is made anew, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

impl Watch {
    pub(crate) fn over(database: &Arc<Database>) -> Self {
        Self { database: Arc::clone(database), echo: Uuid::new_v4().to_string() }
    }

    /// A listener that hears.
    ///
    /// Fails if nothing can be heard.
    pub(crate) async fn begin(self) -> Result<Box<dyn Listener>, StoreError> {
        let (teller, listener) = Teller::new();
        let subscription = self.subscribe(&teller).await?;
        tokio::spawn(async move { teller.while_heard(self.keep_on(subscription, &teller)).await });
        Ok(listener)
    }

    /// Hears for good.
    async fn keep_on(self, mut subscription: Subscription, teller: &Teller) {
        loop {
            let error = self.hear(&mut subscription, teller).await;
            let mut last = error.to_string();
            teller.fail(error);
            let mut pause = PAUSES.0;
            subscription = loop {
                // Many listeners lose their server at the same time.
                sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = PAUSES.1.min(pause * 2);
                match self.subscribe(teller).await {
                    Ok(subscription) => break subscription,
                    Err(other) if other.to_string() != last => {
                        last = other.to_string();
                        teller.fail(other);
                    }
                    Err(_) => {}
                }
            };
            teller.tell(Changed::Perhaps);
        }
    }

    /// A subscription on which an echo was heard.
    async fn subscribe(&self, teller: &Teller) -> Result<Subscription, StoreError> {
        let mut subscription = self.database.subscribe(&[self.database.schema_name(), &self.echo]).await?;
        self.say().await?;
        self.hear_an_echo(&mut subscription, teller).await?;
        Ok(subscription)
    }

    /// Tells what is heard, until nothing can be heard any more.
    async fn hear(&self, subscription: &mut Subscription, teller: &Teller) -> StoreError {
        loop {
            let heard = match timeout(SILENCE, self.hear_one(subscription, teller)).await {
                Ok(heard) => heard.map(drop),
                // If nothing can be said, that says nothing of what can be heard.
                Err(_) if self.say().await.is_ok() => self.hear_an_echo(subscription, teller).await,
                Err(_) => Ok(()),
            };
            if let Err(error) = heard {
                return error;
            }
        }
    }

    /// Hears the echo of what was said just now.
    async fn hear_an_echo(&self, subscription: &mut Subscription, teller: &Teller) -> Result<(), StoreError> {
        let patience = self.database.connect_deadline();
        let until = Instant::now() + patience;
        let is_deaf = |_| PostgresFailure::NoAnswer(patience).of_reading();
        while !timeout_at(until, self.hear_one(subscription, teller)).await.map_err(is_deaf)?? {}
        Ok(())
    }

    /// Hears one notification, and gives whether it is an echo.
    async fn hear_one(&self, subscription: &mut Subscription, teller: &Teller) -> Result<bool, StoreError> {
        let notification = subscription.next().await.map_err(PostgresFailure::of_reading)?;
        if notification.channel() == self.echo {
            return Ok(true);
        }
        for word in notification.payload().split(' ') {
            match word.parse::<SessionId>() {
                Ok(id) => drop(teller.tell(Changed::Session(id))),
                Err(_) if word == ANYTHING => drop(teller.tell(Changed::Perhaps)),
                // It comes from elsewhere.
                Err(_) => {}
            }
        }
        Ok(false)
    }

    async fn say(&self) -> Result<(), StoreError> {
        let sql = "SELECT pg_notify($1, '')";
        self.database.lend().await?.read(sql, &[&self.echo]).await.map(drop)
    }
}
