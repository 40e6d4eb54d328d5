//! The example `hello`, as somebody runs it.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

#[test]
fn hello_is_said_in_a_terminal() {
    let mut child = Command::new(example("hello"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example is built: `cargo test` builds it, `cargo test --test system` alone does not");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"12345\nAna Silva\nback\nAna\nfine\n1\n").expect("it listens");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}

/// Where cargo puts the example: beside the folder of this test's own program.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the folder of the profile");
    profile.join("examples").join(name)
}
