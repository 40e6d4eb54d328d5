//! The compiler that the snapshots are made with.

use std::process::Command;

/// What rustdoc writes for programs changes from release to release, and the words for an item with it.
const PINNED: &str = include_str!("../../compiler");

/// Whether rustdoc here is of the pinned release; else, what to do about it.
pub fn is_the_pinned_one() -> Result<(), String> {
    let pinned = PINNED.trim();
    let output = Command::new("rustdoc").arg("--version").output().expect("rustdoc comes with each toolchain");
    let version = String::from_utf8_lossy(&output.stdout);
    // "rustdoc 1.95.0 (59807616e 2026-04-14)"
    let here = version.split_whitespace().nth(1).unwrap_or_default();
    if release(here) == release(pinned) {
        return Ok(());
    }
    Err(format!(
        "the snapshots of the public interfaces are made with Rust {pinned}, and this is {here}. \
         `rustup toolchain install {pinned}` and `RUSTUP_TOOLCHAIN={pinned} ./check api` compare them. \
         To move to a newer Rust: write it to crates/flow-api/compiler, take the version of public-api that reads its \
         JSON, and run `INSTA_UPDATE=always ./check api`"
    ))
}

/// A release without its patch, which changes nothing of the format; a beta or a nightly is none.
fn release(version: &str) -> Option<(&str, &str)> {
    let mut parts = version.splitn(3, '.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next()?);
    patch.parse::<u32>().is_ok().then_some((major, minor))
}
