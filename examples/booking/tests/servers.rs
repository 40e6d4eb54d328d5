//! What the program says of a server that it cannot speak to, in the build that is tested: with its features, or without.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// What the bot complains of, with these arguments.
fn complaint(arguments: &[&str]) -> String {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the folder of the profile");
    let program: PathBuf = profile.join("examples/booking");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    // What a developer has set for other tests is nothing that the bot knows.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FLOW_")) {
        command.env_remove(name);
    }
    let output = command.output().expect("the example is built: `cargo test -p booking` does it");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn a_server_that_the_build_does_not_speak_to_is_refused_with_the_feature_and_the_command() {
    for (arguments, feature, is_there) in [
        (&["--store", "redis://user:canary@127.0.0.1:1"][..], "redis", cfg!(feature = "redis")),
        (&["--store", "postgres://user:canary@127.0.0.1:1/salon"], "postgres", cfg!(feature = "postgres")),
        (
            &["--store", "memory", "--archive", "postgres://user:canary@salon.example/salon?sslmode=disable"],
            "postgres",
            cfg!(feature = "postgres"),
        ),
    ] {
        let complaint = complaint(arguments);
        let command = format!("cargo run --example booking --features {feature}");
        assert_eq!(complaint.contains(&command), !is_there, "{complaint}");
        assert!(!complaint.contains("canary"), "{complaint}");
    }
}
