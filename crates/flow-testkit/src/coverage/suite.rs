//! The tests of this binary, run once more by themselves to see which edges they take: [`edges_of`].

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

use super::notes::{Notes, VARIABLE};

/// Set in the process that runs the tests once more, so that a report there does not begin another one.
const MARK: &str = "TESTKIT_EDGES_ONCE_MORE";

/// What the tests with this in their names take; all tests, if it is empty. None in the process that is such a run itself.
///
/// Fails with what to tell if a test does, or none of them takes an edge.
pub(super) fn edges_of(tests: &str) -> Option<Result<BTreeSet<String>, String>> {
    // Several reports, of several flows, have one run. A panic under the lock leaves no entry.
    static RUNS: Mutex<BTreeMap<String, Result<BTreeSet<String>, String>>> = Mutex::new(BTreeMap::new());
    if env::var_os(MARK).is_some() {
        return None;
    }
    let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
    Some(runs.entry(tests.to_owned()).or_insert_with(|| run(tests)).clone())
}

fn run(tests: &str) -> Result<BTreeSet<String>, String> {
    let folder = Folder::new();
    let output =
        started(tests, folder.path()).map_err(|error| format!("the tests cannot be run once more: {error}"))?;
    if !output.status.success() {
        let last = [last_lines(&output.stderr), last_lines(&output.stdout)].join("\n");
        return Err(format!("which edges are taken is not known while a test fails:\n{last}"));
    }
    Notes::read(folder.path()).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("no test with {tests:?} in its name takes an edge"),
        _ => error.to_string(),
    })
}

fn started(tests: &str, folder: &Path) -> io::Result<Output> {
    let mut command = Command::new(env::current_exe()?);
    if !tests.is_empty() {
        command.arg(tests);
    }
    // Tests that must not run beside each other do not in the other process either.
    command.args(threads(env::args()));
    command.env(VARIABLE, folder).env(MARK, "1").stdin(Stdio::null()).output()
}

/// What these arguments of a test binary say of the number of its threads.
fn threads(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut arguments = arguments.skip_while(|argument| !argument.starts_with(THREADS));
    match arguments.next() {
        Some(argument) if argument == THREADS => [argument].into_iter().chain(arguments.next()).collect(),
        argument => argument.into_iter().collect(),
    }
}

const THREADS: &str = "--test-threads";

fn last_lines(printed: &[u8]) -> String {
    let printed = String::from_utf8_lossy(printed);
    let lines: Vec<_> = printed.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// So much of what a failed run printed is told, of each of its outputs.
const LAST_LINES: usize = 40;

/// A folder that nobody has written to, and that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(env::temp_dir().join(format!("flow-testkit-{}", Uuid::new_v4())))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It is not there if nothing was written, and what cannot be removed is the system's to clean.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_threads_is_handed_on() {
        for (given, handed_on) in [
            ("talks", ""),
            ("talks --test-threads=1 --nocapture", "--test-threads=1"),
            ("talks --exact --test-threads 2 walk", "--test-threads 2"),
            ("talks --test-threads", "--test-threads"),
        ] {
            assert_eq!(threads(given.split(' ').map(str::to_owned)).join(" "), handed_on, "{given}");
        }
    }
}
