//! The running Chromium: [`Program`].

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// The running program in a process group of its own, which is killed when this is dropped.
///
/// If the process that started it is killed instead, its pipe ends, and the browser with it.
pub(super) struct Program {
    child: Child,
    folder: TempDir,
}

/// Names of the program, in Debian and elsewhere.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Chromium speaks on the descriptors 3 and 4, of which the standard library can only give 0 to 2.
const SHELL: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >&2"#;

const SETTINGS: [&str; 18] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // Root may not have a sandbox, and a container often has none to give. Only our own pages are opened.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-search-engine-choice-screen",
    "--hide-scrollbars",
    "--lang=en-US",
    "--window-size=1200,800",
];

impl Program {
    pub(super) fn start() -> (Self, ChildStdin, ChildStdout) {
        let name = NAMES.into_iter().find(|name| is_installed(name));
        let name = name.expect("Chromium is not installed: `apt-get install chromium` brings it");
        let folder = tempfile::tempdir().expect("a folder for the browser");
        let log = File::create(folder.path().join("browser.log")).expect("a log in the browser's folder");
        let mut child = Command::new("sh")
            .args(["-c", SHELL, "sh", name])
            .args(SETTINGS)
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .env("HOME", folder.path())
            // What it leaves lying about goes with its folder.
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("a shell");
        let (input, output) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        (Self { child, folder }, input, output)
    }

    /// What the browser has printed.
    pub(super) fn words(&self) -> String {
        fs::read_to_string(self.folder.path().join("browser.log")).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status();
    found.expect("a shell").success()
}
