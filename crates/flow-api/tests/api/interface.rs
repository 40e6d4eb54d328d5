//! What a crate offers to those who depend on it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;

use crate::workspace;

/// Where rustdoc has written what each crate of the workspace offers.
pub struct Interfaces {
    folder: PathBuf,
}

/// Has rustdoc describe every crate, with all features, as JSON.
///
/// What is hidden from the docs is not part of it.
pub fn write_all() -> Interfaces {
    // The very command of `./check docs` but for the format, so that cargo finds each dependency checked already.
    let status = Command::new(env!("CARGO"))
        .args(["doc", "--workspace", "--no-deps", "--all-features", "--locked", "--quiet"])
        .env("RUSTDOC", concat!(env!("CARGO_MANIFEST_DIR"), "/rustdoc"))
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json --cap-lints allow")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "rustdoc could not describe the crates: {status}");
    Interfaces { folder: workspace::target().join("doc") }
}

impl Interfaces {
    /// The public items of a crate, one a line.
    ///
    /// Left out is what the compiler adds by itself (`Send`, `From<T> for T`), and of a derived trait all but its name.
    pub fn of(&self, package: &str) -> String {
        let written: HashSet<String> = self.items(package, true).collect();
        let items = self.items(package, false);
        // The derived `PartialEq` brings this one, which nobody can name.
        let derived = |item: &str| item.starts_with("impl") && !item.contains("::StructuralPartialEq ");
        items.filter(|item| written.contains(item) || derived(item)).flat_map(|item| [item, "\n".to_owned()]).collect()
    }

    fn items(&self, package: &str, without_derived: bool) -> impl Iterator<Item = String> {
        let described = self.folder.join(package.replace('-', "_")).with_extension("json");
        let interface = public_api::Builder::from_rustdoc_json(&described)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(without_derived)
            .build()
            .unwrap_or_else(|error| panic!("{} cannot be read: {error}", described.display()));
        interface.into_items().map(|item| item.to_string())
    }
}
