//! Many programs under one `cargo check`: [`check`].

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::Path,
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::told::{Diagnostic, Told};

/// What rustc tells of each program, by its name. `package` is the name of the package that is made of them.
///
/// Each program is a binary of its own, so that none hides the errors of another. It needs no network: the crates are
/// those that this test is built with. Panics if the framework itself does not compile.
pub(crate) fn check(package: &str, programs: &BTreeMap<String, String>) -> BTreeMap<String, Told> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    write(package, &folder.join(package), programs).expect("the package can be written");
    let cargo = Command::new(env::var_os("CARGO").expect("cargo says where it is"))
        .args(["check", "--bins", "--keep-going", "--offline", "--quiet", "--message-format=json", "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(folder.join(package))
        .env("CARGO_INCREMENTAL", "0")
        .stdin(Stdio::null())
        .output()
        .expect("cargo runs");
    let mut told: BTreeMap<_, _> = programs.keys().map(|name| (name.clone(), Told::default())).collect();
    let lines = String::from_utf8(cargo.stdout).expect("cargo writes text");
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let Ok(Line { reason, target, message }) = serde_json::from_str(line) else { continue };
        let Some(told) = told.get_mut(&target.name) else {
            assert!(
                !message.is_some_and(|message| message.is_error()),
                "what the programs need does not compile:\n{line}"
            );
            continue;
        };
        match message {
            Some(message) => told.hear(&message, &format!("src/bin/{}.rs", target.name)),
            None => told.is_compiled |= reason == "compiler-artifact",
        }
    }
    let is_heard = |told: &Told| told.is_compiled || !told.errors.is_empty();
    let complaint = String::from_utf8_lossy(&cargo.stderr);
    assert!(told.values().all(is_heard), "cargo did not check every program:\n{complaint}");
    told
}

/// One line of what cargo writes, if it is about a target.
#[derive(Deserialize)]
struct Line {
    reason: String,
    target: Target,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn write(package: &str, folder: &Path, programs: &BTreeMap<String, String>) -> io::Result<()> {
    let framework = env!("CARGO_MANIFEST_DIR");
    let sources = folder.join("src/bin");
    fs::create_dir_all(&sources)?;
    // A workspace of its own, since it lies in the folder of another. Cargo tells two of them in one target directory apart
    // by their names alone.
    let manifest = format!(
        r#"
[package]
name = "{package}"
edition = "2024"
[workspace]
[dependencies]
flow-chat = {{ path = {framework:?}, default-features = false, features = ["memory"] }}
serde = {{ version = "1", features = ["derive"] }}
[profile.dev]
debug = false
"#
    );
    keep(&folder.join("Cargo.toml"), &manifest)?;
    fs::copy(Path::new(framework).join("../../Cargo.lock"), folder.join("Cargo.lock"))?;
    for program in fs::read_dir(&sources)? {
        let path = program?.path();
        let is_old = !path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| programs.contains_key(stem));
        if is_old {
            fs::remove_file(path)?;
        }
    }
    programs.iter().try_for_each(|(name, text)| keep(&sources.join(name).with_extension("rs"), text))
}

/// Writes the file, unless it is so already: cargo would check an unchanged program anew.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}
