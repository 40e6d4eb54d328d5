//! The lines of the input, until it ends or the program is told to end.

use std::{
    io::{self, BufRead, stdin},
    thread,
};

use tokio::sync::mpsc;

use crate::ending::Ending;

/// Lines that are read on a thread of their own, so that nothing else waits for them.
pub struct Lines {
    lines: mpsc::Receiver<io::Result<Vec<u8>>>,
    ending: Ending,
}

impl Lines {
    /// The lines of standard input.
    pub fn of_input(ending: Ending) -> Self {
        let (told, lines) = mpsc::channel(1);
        thread::spawn(move || stdin().lock().split(b'\n').try_for_each(|line| told.blocking_send(line)));
        Self { lines, ending }
    }

    /// The next line; none at the end.
    pub async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        tokio::select! {
            biased;
            _ = self.ending.told() => None,
            line = self.lines.recv() => line,
        }
    }
}
