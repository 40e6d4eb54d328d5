//! A program that lives no longer than the process that started it: [`Process`].

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running program, killed when this is dropped or this process ends.
pub(crate) struct Process {
    shell: Child,
    pid: String,
}

/// Says the program's pid, and ends with it. Kills it when the standard input ends, which it does with whoever holds its
/// other end.
const GUARD: &str = r#"
exec 3>&2 4<&0
"$@" >&3 2>&3 </dev/null 4<&- & program=$!
{ read -r _ <&4; kill -KILL $program; } & guard=$!
echo $program
wait $program
kill $guard
"#;

impl Process {
    /// Starts `program`; what it prints goes to the file `log`.
    ///
    /// Panics, naming the Debian `package`, if the program is not installed.
    pub(crate) fn start(program: &str, arguments: &[String], log: &Path, package: &str) -> Self {
        assert!(is_installed(program), "{program} is not installed: `apt-get install {package}` brings it");
        let log = File::create(log).expect("a log in the server's folder");
        let mut shell = Command::new("sh")
            .args(["-c", GUARD, "sh", program])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("a shell");
        let mut pid = String::new();
        BufReader::new(shell.stdout.take().expect("its output")).read_line(&mut pid).expect("a pid");
        Self { shell, pid: pid.trim().to_owned() }
    }

    /// Sends a signal, by its name for `kill`.
    pub(crate) fn signal(&self, signal: &str) {
        let done = Command::new("kill").args(["-s", signal, &self.pid]).stderr(Stdio::null()).status();
        assert!(done.expect("the command `kill`").success(), "the server is not there to be sent {signal}");
    }

    /// Waits until the program has ended.
    pub(crate) fn wait(&mut self) {
        self.shell.wait().expect("the end of the shell, which is the end of the program");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status();
    found.expect("a shell").success()
}
