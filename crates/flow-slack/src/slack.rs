//! A bot of Slack: [`Slack`].

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{Fate, engine::Found};
use flow_http::{
    client::Client,
    platform::{Arrivals, Forged, Hook, Pace, Part, Platform, Rate, Screen, Unreadable},
};
use serde_json::json;

use crate::{
    SlackFiles, SlackMessage, Workspaces,
    api::Api,
    event::{self, Heard},
    history, interaction,
    message::SCREEN,
    place::Place,
    signature::{self, SigningSecret},
    used,
};

/// How old a request may be: "Verifying requests from Slack".
const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// "Rate limits": one message a second in a channel, with short bursts allowed. How short is not told.
const PACE: Pace = Pace::NONE.chat(Rate::per_second(1).burst(3));

/// A bot of Slack, by its token (`xoxb-…`) and the signing secret of its app. One address takes all that Slack sends: events,
/// interactivity and slash commands.
///
/// ```no_run
/// # use flow_core::{EngineBuilder, Flow, Secret};
/// # use flow_http::{Site, platform::Line};
/// # use flow_memory::MemoryStore;
/// # fn example<F: Flow>(builder: EngineBuilder<F>, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// use flow_slack::Slack;
///
/// let slack = Slack::new(std::env::var("SLACK_TOKEN")?, std::env::var("SLACK_SIGNING_SECRET")?);
/// let line = Line::new("slack", slack, secret);
/// let engine = builder.channel(line.name(), line.clone()).store(MemoryStore::new());
/// engine.worker().start();
/// let site = Site::new(engine).webhook("/hooks/slack", &line)?;
/// # let _ = site;
/// # Ok(())
/// # }
/// ```
///
/// Who writes to the bot directly has one conversation, and so has each one who mentions it in a channel, in a thread of its own. A command
/// is answered in the direct messages, wherever it was given.
///
/// Slack knows no idempotency keys. A message that Slack has not answered for is looked for by its key, which Slack keeps with it.
pub struct Slack {
    pub(crate) token: String,
    /// The one of now, and the one of before.
    secrets: Vec<SigningSecret>,
    pub(crate) workspaces: Workspaces,
    heard: Heard,
    list_label: String,
    pub(crate) api: Api,
}

impl Slack {
    /// The bot that has this token, of the app that has this signing secret.
    pub fn new(bot_token: impl Into<String>, signing_secret: impl Into<String>) -> Self {
        Self {
            token: bot_token.into().trim().to_owned(),
            secrets: vec![SigningSecret::new(signing_secret)],
            workspaces: Workspaces::default(),
            heard: Heard::Mentions,
            list_label: "…".to_owned(),
            api: Api::new(),
        }
    }

    /// Knows this signing secret, too, until Slack signs with the new one.
    #[must_use]
    pub fn previous_signing_secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.truncate(1);
        self.secrets.push(SigningSecret::new(secret));
        self
    }

    /// Is in this workspace, too, by a token of its own: an app that is installed in several has one for each, and is
    /// [checked](Self::check) before it is served.
    #[must_use]
    pub fn workspace(self, id: impl Into<String>, bot_token: impl Into<String>) -> Self {
        Self { workspaces: self.workspaces.with(id.into(), bot_token.into()), ..self }
    }

    /// Hears whatever is written in the channels that it is in: for channels that are the bot's own. Unless this is called it hears
    /// what mentions it there, and the buttons that it shows.
    #[must_use]
    pub fn hears_everything(self) -> Self {
        Self { heard: Heard::Everything, ..self }
    }

    /// What stands on a list before something is chosen; up to 150 characters.
    #[must_use]
    pub fn list_label(self, label: impl Into<String>) -> Self {
        Self { list_label: label.into().chars().take(150).collect(), ..self }
    }

    /// Calls the Web API at this address, instead of `https://slack.com/api`: what plays Slack in a test.
    #[must_use]
    pub fn api(mut self, base: impl Into<String>) -> Self {
        base.into().trim_end_matches('/').clone_into(&mut self.api.base);
        self
    }

    /// Calls by this client.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.api.client = client;
        self
    }

    /// Gets what visitors send: for [`EngineBuilder::fetch_media`](flow_core::EngineBuilder::fetch_media).
    pub fn files(&self) -> SlackFiles {
        SlackFiles { api: self.api.clone(), token: self.token.clone(), workspaces: self.workspaces.clone() }
    }

    fn token_of(&self, workspace: Option<&str>) -> &str {
        workspace.and_then(|workspace| self.workspaces.token(workspace)).unwrap_or(&self.token)
    }
}

#[async_trait]
impl Platform for Slack {
    const SCREEN: Screen = SCREEN;
    const PACE: Pace = PACE;
    type Wire = SlackMessage;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let at = hook.header("x-slack-request-timestamp").ok_or(Forged::Unsigned)?;
        let signature = hook.header("x-slack-signature").ok_or(Forged::Unsigned)?;
        let signature = signature::read(signature).ok_or(Forged::Wrong)?;
        // No short cut: neither tells by its time which of them it was.
        if self.secrets.iter().filter(|secret| secret.knows(at, hook.body(), &signature)).count() == 0 {
            return Err(Forged::Wrong);
        }
        let signed_at = at.parse().ok().and_then(|at| DateTime::from_timestamp(at, 0)).ok_or(Forged::Wrong)?;
        hook.is_within(WINDOW, signed_at)
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        if hook.body().trim_ascii_start().starts_with(b"{") {
            return event::read(hook, &self.workspaces, self.heard);
        }
        let (arrivals, used) = interaction::read(hook, &self.workspaces)?;
        Ok(match used {
            Some(used) => {
                let token = self.token_of(used.workspace.as_deref()).to_owned();
                arrivals.afterwards(used::take_away(self.api.clone(), token, used))
            }
            None => arrivals,
        })
    }

    fn render(&self, part: &Part<'_>) -> SlackMessage {
        SlackMessage::of(part, &self.list_label)
    }

    async fn send(&self, place: &str, message: &SlackMessage, key: &str) -> Result<(), Fate> {
        let place = Place::read(place);
        let mut arguments = json!({
            "channel": place.channel,
            "text": message.text(),
            "blocks": message.blocks(),
            "metadata": history::metadata(key),
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Some(thread) = &place.thread {
            arguments["thread_ts"] = thread.as_str().into();
        }
        let token = self.token_of(place.workspace.as_deref());
        match self.api.ask(token, "chat.postMessage", &arguments).await {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.fate()),
        }
    }

    async fn find_out(&self, place: &str, key: &str) -> Found {
        let place = Place::read(place);
        history::find(&self.api, self.token_of(place.workspace.as_deref()), &place, key, Utc::now()).await
    }
}

/// Without its tokens.
impl fmt::Debug for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slack").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}
