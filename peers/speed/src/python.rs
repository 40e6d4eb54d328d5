//! The peers in Python, each round of which is asked of a process of their own.

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::measured::{Candidate, spell};

pub struct Python(RefCell<Running>);

struct Running {
    process: Child,
    asked: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Python {
    /// None if there is no Python here, or not what it needs.
    pub fn start(redis: &str) -> Option<Self> {
        let run = concat!(env!("CARGO_MANIFEST_DIR"), "/python/run");
        let mut process = Command::new(run).arg(redis).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let asked = process.stdin.take()?;
        let mut answers = BufReader::new(process.stdout.take()?).lines();
        if answers.next()?.ok()? != "ready" {
            return None;
        }
        Some(Self(RefCell::new(Running { process, asked, answers })))
    }

    /// What it knows by this name, and the page by that.
    pub fn candidate(&self, asked: &'static str, name: &str, at_once: usize) -> Candidate<'_> {
        Candidate::of(name, at_once, move || self.ask(asked, at_once))
    }

    fn ask(&self, name: &str, at_once: usize) -> f64 {
        let mut running = self.0.borrow_mut();
        writeln!(running.asked, "{name} {at_once} {}", spell().as_secs_f64()).expect("Python runs");
        let answer = running.answers.next().and_then(Result::ok);
        answer.and_then(|answer| answer.parse().ok()).expect("Python answers with a rate")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.0.get_mut().process.kill());
        drop(self.0.get_mut().process.wait());
    }
}
