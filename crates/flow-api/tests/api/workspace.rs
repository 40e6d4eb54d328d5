//! This workspace, as cargo tells of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The crates that are published, by name.
pub fn published() -> Vec<String> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages are a list");
    // `publish = false` is an empty list of registries.
    let published = packages.iter().filter(|package| package["publish"].is_null());
    published.map(|package| text(&package["name"])).collect()
}

/// The crates that there is a snapshot of, by name.
pub fn snapshots() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = folder.read_dir().expect("the snapshots are here").map(|file| file.expect("a file").path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "snap"))
        .map(|file| file.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect()
}

/// The folder that cargo builds in.
pub fn target() -> PathBuf {
    text(&metadata()["target_directory"]).into()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
