//! The channels of a bot that its operator has set up: [`Channels`].

#[cfg(any(feature = "slack", feature = "telegram", feature = "whatsapp"))]
mod again;
#[cfg(feature = "slack")]
mod slack;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(feature = "whatsapp")]
mod whatsapp;

use std::fmt;

use tokio::sync::watch;

#[cfg(any(feature = "slack", feature = "telegram", feature = "whatsapp"))]
use again::until_it_is_up;

use super::{Kind, Standing, set::Set};
use crate::{
    Engine, EngineBuilder, Flow,
    http::{
        NoChannel, Site,
        platform::{Line, Platform},
    },
    service::Settings,
};

/// The channels of a bot on platforms, as its operator has set them up: the engine sends by them, a site takes their messages, and each
/// says how it is.
///
/// A platform delivers at `/hooks/` and the channel's name.
///
/// ```no_run
/// # use flow_chat::{EngineBuilder, Flow, http::Metrics, service::Sources};
/// # async fn run<F: Flow>(
/// #     builder: EngineBuilder<F>, told_to_end: impl Future<Output = ()>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// // FLOW_CHANNELS_TELEGRAM_TOKEN, FLOW_CHANNELS_WHATSAPP_NUMBER and so on.
/// let settings = Sources::new().telegram("telegram").whatsapp("whatsapp").environment().read()?;
/// let channels = settings.channels();
/// let storage = settings.connect().await?;
/// let engine = storage.engine(settings.configure(channels.configure(builder)));
/// let site = channels.join(settings.site(engine.clone(), Metrics::new()))?;
/// settings.worker(&engine).start();
/// for standing in channels.start(&engine).await {
///     println!("{standing}"); // "telegram: up, as @lumen_bot; Telegram is asked for messages"
/// }
/// let ended = settings.serve(site, told_to_end).await?;
/// # Ok(())
/// # }
/// ```
pub struct Channels {
    /// As they were declared. What stands for one that is not set up says why.
    declared: Vec<Result<Joined, Standing>>,
    /// Where the bot is reached from outside.
    url: Option<String>,
    /// What is begun ends with this.
    begun: watch::Sender<()>,
}

enum Joined {
    #[cfg(feature = "slack")]
    Slack(Line<crate::slack::Slack>),
    #[cfg(feature = "telegram")]
    Telegram(Line<crate::telegram::Telegram>),
    #[cfg(feature = "webhook")]
    Webhook(Line<crate::webhook::Webhook>),
    #[cfg(feature = "whatsapp")]
    WhatsApp(Line<crate::whatsapp::WhatsApp>),
}

impl Settings {
    /// The channels on platforms that are set up, with [`secret`](Self::secret), under which the ids of their visitors' sessions are
    /// derived.
    ///
    /// One that lacks a setting, or has one that cannot be right, is left out, and says so when the others say how they are.
    pub fn channels(&self) -> Channels {
        let declared = self.declared().channels.iter().filter_map(|channel| {
            let set = Set::of(self, channel);
            Some(match (set.secret(), channel.kind) {
                (_, Kind::Own) => return None,
                (Err(lack), _) => Err(lack),
                #[cfg(feature = "slack")]
                (Ok(secret), Kind::Slack) => Ok(Joined::Slack(slack::line(&set, secret))),
                #[cfg(feature = "telegram")]
                (Ok(secret), Kind::Telegram) => telegram::line(&set, secret).map(Joined::Telegram),
                #[cfg(feature = "webhook")]
                (Ok(secret), Kind::Webhook) => webhook::line(&set, secret).map(Joined::Webhook),
                #[cfg(feature = "whatsapp")]
                (Ok(secret), Kind::WhatsApp) => whatsapp::line(&set, secret).map(Joined::WhatsApp),
            })
        });
        Channels { declared: declared.collect(), url: self.url().map(str::to_owned), begun: watch::channel(()).0 }
    }
}

/// Does this with the line of a channel, whichever platform it leads to.
macro_rules! with_line {
    ($joined:expr, $line:ident => $does:expr) => {
        match $joined {
            #[cfg(feature = "slack")]
            Joined::Slack($line) => $does,
            #[cfg(feature = "telegram")]
            Joined::Telegram($line) => $does,
            #[cfg(feature = "webhook")]
            Joined::Webhook($line) => $does,
            #[cfg(feature = "whatsapp")]
            Joined::WhatsApp($line) => $does,
        }
    };
}

impl Channels {
    /// Has the engine send replies by them, and fetch the files that visitors send.
    #[must_use]
    pub fn configure<F: Flow>(&self, builder: EngineBuilder<F>) -> EngineBuilder<F> {
        self.joined().fold(builder, |builder, joined| {
            let builder = with_line!(joined, line => builder.channel(line.name(), line.clone()));
            match joined {
                #[cfg(feature = "telegram")]
                Joined::Telegram(line) => builder.fetch_media_of(line.name(), line.platform().clone()),
                #[cfg(feature = "whatsapp")]
                Joined::WhatsApp(line) => builder.fetch_media_of(line.name(), line.platform().media()),
                #[cfg(feature = "slack")]
                Joined::Slack(line) => builder.fetch_media_of(line.name(), line.platform().files()),
                #[cfg(feature = "webhook")]
                Joined::Webhook(_) => builder,
            }
        })
    }

    /// Has the site take what their platforms deliver, each at `/hooks/` and its name.
    ///
    /// Fails unless the site's engine was [configured](Self::configure) with them.
    pub fn join<F: Flow>(&self, site: Site<F>) -> Result<Site<F>, NoChannel> {
        self.joined().try_fold(site, |site, joined| with_line!(joined, line => site.webhook(path_of(line), line)))
    }

    /// Has processes that share the engine's store keep to each platform's overall limit together, also where one only sends, as a worker
    /// does that is no server.
    pub fn share_pace<F: Flow>(&self, engine: &Engine<F>) {
        for joined in self.joined() {
            with_line!(joined, line => line.share_pace(engine));
        }
    }

    /// Registers them with their platforms where the bot can do so itself, asks for messages where the platform is asked, and says how
    /// each is: also of those that are not set up. Called once the site can be reached.
    ///
    /// A platform that does not answer is tried again, with growing pauses. That, and what is asked for, ends when this is dropped.
    pub async fn start<F: Flow>(&self, engine: &Engine<F>) -> Vec<Standing> {
        let mut standings = Vec::new();
        for channel in &self.declared {
            let joined = match channel {
                Ok(joined) => joined,
                Err(lacking) => {
                    standings.push(lacking.clone());
                    continue;
                }
            };
            standings.push(self.bring_up(joined, engine).await);
        }
        standings
    }

    async fn bring_up<F: Flow>(&self, joined: &Joined, engine: &Engine<F>) -> Standing {
        match joined {
            #[cfg(feature = "slack")]
            Joined::Slack(line) => {
                let (line, address) = (line.clone(), self.address_of(line));
                until_it_is_up(&self.begun, move || {
                    let (line, address) = (line.clone(), address.clone());
                    async move { slack::standing(&line, &address).await }
                })
                .await
            }
            #[cfg(feature = "telegram")]
            Joined::Telegram(line) if self.url.is_none() => telegram::poll(line, engine, &self.begun).await,
            #[cfg(feature = "telegram")]
            Joined::Telegram(line) => {
                let (line, address) = (line.clone(), self.address_of(line));
                until_it_is_up(&self.begun, move || {
                    let (line, address) = (line.clone(), address.clone());
                    async move { telegram::register(&line, &address).await }
                })
                .await
            }
            #[cfg(feature = "webhook")]
            Joined::Webhook(line) => webhook::standing(line, &self.address_of(line)),
            #[cfg(feature = "whatsapp")]
            Joined::WhatsApp(line) => {
                let (line, address, is_reached) = (line.clone(), self.address_of(line), self.url.is_some());
                until_it_is_up(&self.begun, move || {
                    let (line, address) = (line.clone(), address.clone());
                    async move { whatsapp::standing(&line, &address, is_reached).await }
                })
                .await
            }
        }
    }

    fn joined(&self) -> impl Iterator<Item = &Joined> {
        self.declared.iter().filter_map(|channel| channel.as_ref().ok())
    }

    /// The address that a person gives to the platform.
    fn address_of<P: Platform>(&self, line: &Line<P>) -> String {
        let url = self.url.as_deref().unwrap_or("https://<where this bot is reached>");
        format!("{url}{}", path_of(line))
    }
}

/// Where the platform of this line delivers.
fn path_of<P: Platform>(line: &Line<P>) -> String {
    format!("/hooks/{}", line.name())
}

/// Which are set up, and which are not.
impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.joined().map(|joined| with_line!(joined, line => line.name())).collect();
        let lacking: Vec<_> = self.declared.iter().filter_map(|channel| channel.as_ref().err()).collect();
        f.debug_struct("Channels").field("set_up", &names).field("lacking", &lacking).finish_non_exhaustive()
    }
}
