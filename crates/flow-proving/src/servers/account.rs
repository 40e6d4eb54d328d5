//! The account of a server that refuses to run as root: [`Account`].

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use super::process::is_installed;

/// The account `postgres` if we are root, and our own otherwise.
pub(super) struct Account {
    other: Option<Ids>,
    programs: PathBuf,
}

struct Ids {
    user: u32,
    group: u32,
}

const MISSING: &str = "Postgres is not installed: `apt-get install postgresql` brings it";

impl Account {
    /// Panics, naming the Debian package, if Postgres is not installed.
    pub(super) fn find() -> Self {
        let other = (id(&["-u"]) == Some(0)).then(|| Ids {
            user: id(&["-u", "postgres"]).expect(MISSING),
            group: id(&["-g", "postgres"]).expect(MISSING),
        });
        Self { other, programs: programs() }
    }

    /// Where a program of Postgres is.
    pub(super) fn program(&self, name: &str) -> String {
        self.programs.join(name).display().to_string()
    }

    /// The program and the arguments that run `program` as this account, in the same process.
    pub(super) fn run(&self, program: &str, arguments: Vec<String>) -> (String, Vec<String>) {
        let Some(Ids { user, group }) = &self.other else { return (program.to_owned(), arguments) };
        let ids = [format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()];
        let words = ids.into_iter().chain(["--".to_owned(), program.to_owned()]).chain(arguments);
        ("setpriv".to_owned(), words.collect())
    }

    /// Makes the account the owner of what is at `path`.
    pub(super) fn give(&self, path: &Path) {
        if let Some(Ids { user, group }) = &self.other {
            chown(path, Some(*user), Some(*group)).expect("root may give away what it owns");
        }
    }
}

/// The folder of the newest release, which Debian keeps off the path; empty if the path has the programs.
fn programs() -> PathBuf {
    if is_installed("initdb") {
        return PathBuf::new();
    }
    let releases = fs::read_dir("/usr/lib/postgresql").expect(MISSING);
    let releases = releases.filter_map(|release| Some(release.ok()?.path().join("bin")));
    let release = releases.filter(|release| release.join("initdb").exists()).max_by_key(|release| number(release));
    release.expect(MISSING)
}

/// The `15` of `/usr/lib/postgresql/15/bin`.
fn number(release: &Path) -> Option<u32> {
    release.parent()?.file_name()?.to_str()?.parse().ok()
}

fn id(words: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(words).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
