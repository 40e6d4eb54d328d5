//! The channel of a machine, which now and then fails, hangs, panics, or does not know: [`Postman`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flow_core::{
    Channel, Fate, Outgoing,
    engine::{Found, Scope},
};

use super::{
    door::Door,
    mail::{Mail, Mood},
    sight::{CHANNEL, sent_to},
};

pub(crate) struct Postman {
    pub(crate) mail: Arc<Mail>,
    pub(crate) door: Arc<Door>,
    /// Whether it says of some replies that they are sent, and has not sent them.
    pub(crate) is_careless: bool,
}

#[async_trait]
impl Channel for Postman {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let what = sent_to(outgoing.address.place(), outgoing.reply.text());
        let begun = self.mail.begin(&self.door, CHANNEL, outgoing.key, what).await;
        match self.mail.mood_of_a_channel().await {
            Mood::Fails => Err(std::io::Error::other("the line is dead"))?,
            Mood::Waits { time, whole } => {
                Err(Fate::again_after(time, if whole { Scope::Channel } else { Scope::Chat }))
            }
            Mood::Never => Err(Fate::never("the visitor has left the town")),
            Mood::InDoubt { sent } => {
                if sent {
                    begun.is_taken(&self.door).await;
                }
                Err(Fate::in_doubt("the line went dead"))
            }
            Mood::Takes if self.is_careless && self.mail.now_and_then() => Ok(()),
            Mood::Takes => {
                begun.is_taken(&self.door).await;
                Ok(())
            }
        }
    }

    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        self.door.lives().await;
        if self.mail.does_not_know() {
            return Found::Unknown;
        }
        if self.mail.has_taken(outgoing.key) { Found::Sent } else { Found::NotSent }
    }
}

/// For how long a platform has itself left alone, at most.
pub(crate) const LONGEST_REST: Duration = Duration::from_secs(4);
