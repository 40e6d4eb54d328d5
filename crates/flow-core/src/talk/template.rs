//! A message that a platform has approved: [`Template`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::privacy::Private;

/// A message that the platform has approved beforehand, by its name: the only one that `WhatsApp` takes when the visitor has not
/// written for 24 hours.
///
/// The text of the [`Reply`](crate::Reply) that it goes with says the same, for channels that have no templates.
///
/// ```
/// use flow_core::{Reply, Template};
///
/// let template = Template::new("parcel_is_here", "en_US").with_parameters(["Ana", "Main Street 5"]);
/// let reply = Reply::new("Ana, your parcel is at Main Street 5.").with_template(template);
/// # assert_eq!(reply.attachment().and_then(|attachment| attachment.template()).map(|template| template.name()), Some("parcel_is_here"));
/// ```
///
/// `Debug` and every masked view tell its name and language; its parameters are private.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    name: String,
    language: String,
    #[serde(default = "none", skip_serializing_if = "is_empty")]
    parameters: Private<Vec<String>>,
}

impl Template {
    /// The template of this name, in this language, both as they are written at the platform.
    pub fn new(name: impl Into<String>, language: impl Into<String>) -> Self {
        Self { name: name.into(), language: language.into(), parameters: none() }
    }

    /// With what is put into its gaps, in this order, behind what was given before.
    #[must_use]
    pub fn with_parameters<P: Into<String>>(mut self, parameters: impl IntoIterator<Item = P>) -> Self {
        let mut all = self.parameters.into_inner();
        all.extend(parameters.into_iter().map(Into::into));
        self.parameters = Private::new(all);
        self
    }

    /// Its name at the platform.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its language, as the platform writes it.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// What is put into its gaps, in this order.
    pub fn parameters(&self) -> &[String] {
        self.parameters.reveal()
    }
}

fn none() -> Private<Vec<String>> {
    Private::new(Vec::new())
}

fn is_empty(parameters: &Private<Vec<String>>) -> bool {
    parameters.reveal().is_empty()
}

/// Without its parameters.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?}, {:?}, {} parameters)", self.name, self.language, self.parameters().len())
    }
}
