//! A platform that is played on this machine, for a bot that has no account: [`Stub`].

use flow_testkit::stubs::TelegramStub;

use crate::arguments::Platform;

/// A platform that is played on this machine, as long as this is there.
pub struct Stub(TelegramStub);

impl Stub {
    pub async fn of(platform: Platform) -> Self {
        match platform {
            Platform::Telegram => Self(TelegramStub::start().await),
        }
    }

    /// What the bot is set to reach it.
    pub fn settings(&self) -> [(&'static str, String); 2] {
        [("channels.telegram.token", self.0.token().to_owned()), ("channels.telegram.api", self.0.address())]
    }

    /// The page on which somebody plays the visitor.
    pub fn page(&self) -> String {
        format!("{}/", self.0.address())
    }
}
