//! A process that a test starts: this very program, for a test that is ignored otherwise.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

const PATH: &str = "FLOW_SQLITE_TEST_PATH";

/// Runs the test of this name, and gives it a path.
pub(crate) fn process(test: &str, path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this very program"));
    command.args([test, "--exact", "--ignored", "--nocapture"]).env(PATH, path);
    command
}

/// The path that this process was given.
pub(crate) fn given_path() -> PathBuf {
    env::var_os(PATH).expect("a path").into()
}
