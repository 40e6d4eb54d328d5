//! What is set of one channel: [`Set`].

use super::{Declared, Standing};
use crate::{Secret, service::Settings};

/// What is set of one channel.
pub(super) struct Set<'s> {
    settings: &'s Settings,
    channel: &'s Declared,
}

impl<'s> Set<'s> {
    pub(super) fn of(settings: &'s Settings, channel: &'s Declared) -> Self {
        Self { settings, channel }
    }

    pub(super) fn name(&self) -> &'s str {
        &self.channel.name
    }

    /// The value of one of its settings.
    pub(super) fn value(&self, field: &str) -> Option<&'s str> {
        self.settings
            .own(&format!("channels.{}.{field}", self.channel.name))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// The value of one that it cannot do without: whoever asks knows that it is set.
    pub(super) fn needed(&self, field: &str) -> &'s str {
        self.value(field).unwrap_or_default()
    }

    /// What its visitors' ids are derived under.
    ///
    /// Fails with all that it lacks, as the variables that set it.
    pub(super) fn secret(&self) -> Result<&'s Secret, Standing> {
        let prefix = &self.settings.declared().prefix;
        let is_lacking = |name: &str| self.value(name).is_none();
        let fields = self.channel.kind.fields().iter().filter(|field| field.is_needed && is_lacking(field.name));
        let mut variables: Vec<_> = fields.map(|field| field.key(self.name()).variable(prefix)).collect();
        let secret = self.settings.secret();
        if secret.is_none() {
            variables.push(format!("{prefix}_SECRET"));
        }
        match (secret, variables.split_last()) {
            (Some(secret), None) => Ok(secret),
            (_, Some((last, []))) => Err(self.down(format!("not set up; it needs {last}"))),
            (_, Some((last, others))) => {
                Err(self.down(format!("not set up; it needs {} and {last}", others.join(", "))))
            }
            (None, None) => Err(self.down("not set up")),
        }
    }

    /// That it is not up.
    pub(super) fn down(&self, text: impl Into<String>) -> Standing {
        Standing::down(self.name(), text)
    }
}
