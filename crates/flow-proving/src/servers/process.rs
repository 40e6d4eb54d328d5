//! A program that lives no longer than the process that started it: [`Process`].

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running program, killed when this is dropped or this process ends.
pub(super) struct Process {
    shell: Child,
    pid: String,
}

/// A guard beside the program: prints the program's pid, and ends with it.
///
/// When the guard's standard input ends, because the process that holds the other end has ended, it ends the program by the
/// signal and removes its folder. A paused program and its children are let go on first, so that they hear the signal.
const GUARD: &str = r#"
exec 3>&2 4<&0
signal=$1 folder=$2; shift 2
"$@" >&3 2>&3 </dev/null 4<&- & program=$!
{
    read -r _ <&4
    trap "" TERM
    kill -s "$signal" $program
    kill -s CONT $program $(grep -lsw "^PPid:.$program" /proc/[0-9]*/status | cut -d / -f 3)
    while kill -s 0 $program; do sleep 0.02; done 2>/dev/null
    [ -z "$folder" ] || rm -rf "$folder"
} & guard=$!
echo $program
wait $program
kill $guard
"#;

impl Process {
    /// Starts `program`; what it prints goes to the file `log`.
    ///
    /// Panics, naming the Debian `package`, if the program is not installed.
    pub(super) fn start(program: &str, arguments: &[String], log: &Path, package: &str) -> Self {
        assert!(is_installed(program), "{program} is not installed: `apt-get install {package}` brings it");
        Self::guarded(program, arguments, log, "KILL", None)
    }

    /// Starts an installed `program`, which is sent `signal` when this is dropped or this process ends, and ends by that;
    /// with it goes `folder`.
    pub(super) fn guarded(
        program: &str,
        arguments: &[String],
        log: &Path,
        signal: &str,
        folder: Option<&Path>,
    ) -> Self {
        let log = File::options().append(true).create(true).open(log).expect("a log in the server's folder");
        let mut shell = Command::new("sh")
            .args(["-c", GUARD, "sh", signal])
            .arg(folder.unwrap_or(Path::new("")))
            .arg(program)
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

    /// The program's number.
    pub(super) fn pid(&self) -> &str {
        &self.pid
    }

    /// Sends a signal, by its name for `kill`.
    pub(super) fn signal(&self, signal: &str) {
        let done = Command::new("kill").args(["-s", signal, &self.pid]).stderr(Stdio::null()).status();
        assert!(done.expect("the command `kill`").success(), "the server is not there to be sent {signal}");
    }

    /// Waits until the program has ended.
    pub(super) fn wait(&mut self) {
        // Waiting would close it, and have the guard end the program in its own way.
        let input = self.shell.stdin.take();
        self.shell.wait().expect("the end of the shell, which is the end of the program");
        drop(input);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

pub(super) fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status();
    found.expect("a shell").success()
}
