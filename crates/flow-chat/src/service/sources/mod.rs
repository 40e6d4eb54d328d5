//! Where settings are read from: [`Sources`].

use std::{collections::BTreeMap, env, ffi::OsString, fmt, path::PathBuf};

use super::{
    Key, Mistakes, Settings,
    channels::{self, Declared, DeclaredChannels, Kind},
    entry::Entry,
    mistake::{Fault, Mistake},
    origin::Origin,
    parts::Parts,
    table::table,
    telling, whole,
    written::Written,
};

mod from_file;
mod from_variables;

/// Reads settings: from files, from environment variables, from a program's arguments. What is named later counts over what
/// is named earlier.
///
/// ```no_run
/// use flow_chat::service::{Key, Sources};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let argument: Option<String> = None;
/// let mut sources = Sources::new()
///     .own(Key::secret("telegram.token", "The token that BotFather has given the bot."))
///     .default_to("expiry.idle", "24h") // of this bot, where Flow's own default is `off`
///     .file("/etc/salon/flow.toml")
///     .environment();
/// if let Some(store) = argument {
///     sources = sources.argument("--store", "store", store);
/// }
/// let settings = sources.read()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "sources are read by `read`"]
pub struct Sources {
    prefix: String,
    own: Vec<Key>,
    channels: Vec<Declared>,
    defaults: Vec<(String, String)>,
    layers: Vec<Layer>,
}

enum Layer {
    File(PathBuf),
    Environment,
    Variables(Vec<(OsString, OsString)>),
    Pairs(Vec<(String, String)>),
    Argument { argument: String, name: String, value: String },
}

/// What is read so far.
struct Reading<'s> {
    keys: Vec<&'s Key>,
    prefix: &'s str,
    entries: BTreeMap<String, Entry>,
    mistakes: Vec<Mistake>,
}

impl Sources {
    /// No sources yet: everything is as it is by default.
    pub fn new() -> Self {
        Self {
            prefix: "FLOW".to_owned(),
            own: Vec::new(),
            channels: Vec::new(),
            defaults: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// Has variables begin with this and an underscore. With `FLOW` and an underscore unless it is said.
    ///
    /// For several bots that share an environment, and where another program has variables that begin with `FLOW_`.
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Knows a setting of the bot's own besides those of Flow.
    pub fn own(mut self, key: Key) -> Self {
        self.own.push(key);
        self
    }

    /// Knows a channel of the bot's own, with its secrets: small letters, digits and `_`. [`Settings::channel`] has what is set of it.
    pub fn channel(self, name: impl Into<String>) -> Self {
        self.knowing(name, Kind::Own)
    }

    /// Knows a bot of Telegram, as the channel of this name: [`Settings::channels`] brings it up once its token is set.
    #[cfg(feature = "telegram")]
    pub fn telegram(self, name: impl Into<String>) -> Self {
        self.knowing(name, Kind::Telegram)
    }

    /// Knows a number of WhatsApp, as the channel of this name: [`Settings::channels`] brings it up once all of it is set.
    #[cfg(feature = "whatsapp")]
    pub fn whatsapp(self, name: impl Into<String>) -> Self {
        self.knowing(name, Kind::WhatsApp)
    }

    /// Knows a bot of Slack, as the channel of this name: [`Settings::channels`] brings it up once all of it is set.
    #[cfg(feature = "slack")]
    pub fn slack(self, name: impl Into<String>) -> Self {
        self.knowing(name, Kind::Slack)
    }

    /// Knows a platform that delivers by signed requests, as the channel of this name: [`Settings::channels`] brings it up once all of
    /// it is set.
    #[cfg(feature = "webhook")]
    pub fn webhook(self, name: impl Into<String>) -> Self {
        self.knowing(name, Kind::Webhook)
    }

    fn knowing(mut self, name: impl Into<String>, kind: Kind) -> Self {
        let channel = Declared { name: name.into(), kind };
        self.own.extend(channel.keys());
        self.channels.push(channel);
        self
    }

    /// Has another default than Flow's for a setting: every source counts over it.
    pub fn default_to(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.defaults.push((name.into(), value.into()));
        self
    }

    /// Reads this file: `deploy/flow.toml` shows one. It must be there.
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        self.and(Layer::File(path.into()))
    }

    /// Reads the environment's variables, and before them the file that `FLOW_SETTINGS` names, if it does.
    ///
    /// An empty variable counts as one that is not set. One that begins with `FLOW_` and is no setting is a mistake, but for
    /// those that Kubernetes makes for a service whose name begins with `flow`.
    pub fn environment(self) -> Self {
        self.and(Layer::Environment)
    }

    /// Reads these variables instead of the environment's, as [`environment`](Self::environment) does.
    pub fn variables<N: Into<OsString>, V: Into<OsString>>(self, variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.and(Layer::Variables(variables.collect()))
    }

    /// Has these values: a setting's name and what is written for it, `("expiry.idle", "24h")`.
    pub fn pairs<N: Into<String>, V: Into<String>>(self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.and(Layer::Pairs(pairs.collect()))
    }

    /// Has the value of an argument of the program's command line; mistakes name the argument.
    pub fn argument(self, argument: impl Into<String>, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.and(Layer::Argument { argument: argument.into(), name: name.into(), value: value.into() })
    }

    fn and(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// The settings, all of them read and looked at as a whole. No server is asked yet.
    ///
    /// Fails with everything that is wrong, a line each.
    pub fn read(&self) -> Result<Settings, Mistakes> {
        let mut reading = Reading {
            keys: self.keys().collect(),
            prefix: &self.prefix,
            entries: BTreeMap::new(),
            mistakes: Vec::new(),
        };
        reading.check_own(&self.own);
        let own = self.own.iter().filter_map(|key| Some((key.name(), key.default()?)));
        reading.take_pairs(own, &Origin::Program);
        reading.take_pairs(self.defaults.iter().map(|(name, value)| (&**name, &**value)), &Origin::Program);
        for layer in &self.layers {
            match layer {
                Layer::File(path) => reading.take_file(path),
                Layer::Environment => reading.take_variables(&env::vars_os().collect::<Vec<_>>()),
                Layer::Variables(variables) => reading.take_variables(variables),
                Layer::Pairs(pairs) => {
                    reading.take_pairs(pairs.iter().map(|(name, value)| (&**name, &**value)), &Origin::Program);
                }
                Layer::Argument { argument, name, value } => {
                    reading.take_pairs([(&**name, &**value)], &Origin::Argument(argument.clone()));
                }
            }
        }
        reading.end(&self.channels)
    }

    /// What may be set, for a program's `--help`: a paragraph each, with the bot's own defaults.
    pub fn help(&self) -> String {
        telling::help(&self.keys_with_defaults(), &self.prefix)
    }

    /// A settings file in which every setting stands as a comment, with the bot's own defaults.
    pub fn example(&self) -> String {
        telling::example(&self.keys_with_defaults(), &self.prefix)
    }

    /// All settings with what counts for this bot unless they are set; of a secret that is not told.
    fn keys_with_defaults(&self) -> Vec<Key> {
        let default_of =
            |key: &Key| self.defaults.iter().rev().find(|(name, _)| name == key.name() && !key.is_secret());
        let with_default = |key: &Key| match default_of(key) {
            Some((_, value)) => key.clone().or(value),
            None => key.clone(),
        };
        self.keys().map(with_default).collect()
    }

    fn keys<'k>(&'k self) -> impl Iterator<Item = &'k Key> + Clone {
        let of_flow = table().map(|key| -> &'k Key { key });
        of_flow.chain(&self.own)
    }
}

impl Default for Sources {
    fn default() -> Self {
        Self::new()
    }
}

impl Reading<'_> {
    fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name() == name).copied()
    }

    /// Notes the settings that the program itself has declared wrongly.
    fn check_own(&mut self, own: &[Key]) {
        let variable = |key: &Key| key.variable(self.prefix);
        for key in own {
            let is_of_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            let is_named = key.name().split('.').all(|part| !part.is_empty() && part.chars().all(is_of_name));
            let wrong = if !is_named {
                Fault::new("not a name of a setting", "it is small letters, digits and `_`, with dots between groups")
            } else if self.keys.iter().filter(|other| variable(other) == variable(key)).count() > 1 {
                Fault::plain("the program declares a setting that there is already")
            } else {
                continue;
            };
            self.mistakes.push(Mistake::about(key.name(), Origin::Program, wrong));
        }
    }

    fn take_pairs<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>, origin: &Origin) {
        for (name, value) in pairs {
            self.take(name, Written::Text(value.to_owned()), origin.clone());
        }
    }

    /// Takes a value for the setting of this name, or of the name before `_file`, instead of one of an earlier source.
    fn take(&mut self, name: &str, written: Written, origin: Origin) {
        let file_of = name.strip_suffix("_file").filter(|name| self.key(name).is_some_and(Key::is_secret));
        let (name, names_file) = match file_of {
            Some(of) if self.key(name).is_none() => (of, true),
            _ => (name, false),
        };
        if self.key(name).is_none() {
            let fault = self.unknown(name, |key| key.name().to_owned());
            self.mistakes.push(Mistake::about(name, origin, fault));
            return;
        }
        let entry = Entry { written, origin, names_file };
        self.entries.insert(name.to_owned(), entry);
    }

    /// That there is no such setting, and which may be meant.
    fn unknown(&self, written: &str, spelt: impl Fn(&Key) -> String) -> Fault {
        let known: Vec<_> = self.keys.iter().map(|key| spelt(key)).collect();
        let right = match super::nearest::nearest(written, known.iter().map(String::as_str)) {
            Some(meant) => format!("it may be `{meant}`"),
            None => "the operator's guide lists those that there are".to_owned(),
        };
        Fault::new("there is no such setting", right)
    }

    /// Reads the values that count, and looks at all of them together.
    fn end(mut self, channels: &[Declared]) -> Result<Settings, Mistakes> {
        let mut parts = Parts::default();
        for key in &self.keys {
            let Some(entry) = self.entries.get(key.name()) else { continue };
            if let Err(fault) = entry.read(key, &mut parts) {
                let suffix = if entry.names_file { "_file" } else { "" };
                let name = format!("{}{suffix}", key.name());
                self.mistakes.push(Mistake::about(&name, entry.origin.clone(), fault));
            }
        }
        whole::check(&parts, &self.entries, &mut self.mistakes);
        let origin = |name: &str| self.entries.get(name).map(|entry| entry.origin.clone());
        channels::check(channels, &parts, origin, &mut self.mistakes);
        match parts.store.clone() {
            Some(store) if self.mistakes.is_empty() => {
                let declared = DeclaredChannels { channels: channels.to_vec(), prefix: self.prefix.to_owned() };
                Ok(Settings::of(store, parts, self.entries, declared))
            }
            // That there is no store is one of them.
            _ => Err(Mistakes::of(self.mistakes)),
        }
    }
}

/// Without the values, among which there may be secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("prefix", &self.prefix).field("own", &self.own).finish_non_exhaustive()
    }
}
