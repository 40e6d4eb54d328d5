//! The alert rules, as their file has them: [`Rule`].

use std::{
    fs,
    path::{Path, PathBuf},
};

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) alert: String,
    pub(crate) query: String,
    pub(crate) severity: String,
    pub(crate) summary: String,
    pub(crate) guide: String,
}

/// The folder of the whole repository.
pub(crate) fn root() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.find(|folder| folder.join("ARCHITECTURE.md").exists()).expect("these tests lie in it")
}

pub(crate) fn file() -> PathBuf {
    root().join("deploy/prometheus/alerts.yaml")
}

/// All of them. That they read so for Prometheus, too, is a test.
pub(crate) fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(file()).expect("the rules");
    let rules = text.split("- alert: ").skip(1).map(|rule| {
        let alert = rule.lines().next().expect("a name").trim().to_owned();
        let of = |name: &str| {
            let line = rule.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
            let value = line.unwrap_or_else(|| panic!("{alert} has no {name}"));
            value.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
        };
        Rule {
            query: of("expr"),
            severity: of("severity"),
            summary: of("summary"),
            guide: of("guide"),
            alert: alert.clone(),
        }
    });
    rules.collect()
}
