use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::Failure;

/// A conversation: what comes in, process by process, and what must be among the replies.
pub struct Talk {
    pub name: String,
    processes: Vec<String>,
    expected: Vec<String>,
}

/// What a program said, and what it complained about.
#[derive(Default)]
pub struct Said {
    pub replies: Vec<String>,
    pub complaint: Option<Complaint>,
}

/// A panic, an error, or a line in the log.
pub struct Complaint {
    /// How many replies had been given before.
    pub after: usize,
    pub text: String,
}

impl Talk {
    pub fn all(here: &Path) -> Result<Vec<Self>, Failure> {
        let mut paths: Vec<_> =
            fs::read_dir(here.join("talks"))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        paths.sort();
        paths
            .iter()
            .map(|path| {
                Ok(Self::read(
                    path.file_stem().unwrap_or_default().to_string_lossy().into(),
                    &fs::read_to_string(path)?,
                ))
            })
            .collect()
    }

    fn read(name: String, text: &str) -> Self {
        let (mut processes, mut expected) = (vec![String::new()], Vec::new());
        for line in text.lines() {
            match line.split_once(' ') {
                Some((">", said)) => *processes.last_mut().expect("never empty") += &format!("{said}\n"),
                Some(("!", event)) => *processes.last_mut().expect("never empty") += &format!("!{event}\n"),
                Some(("<", reply)) => expected.push(reply.to_owned()),
                _ => processes.push(String::new()),
            }
        }
        Self { name, processes, expected }
    }

    /// Plays it; the last process is of the second program, and those before are of the first.
    pub fn play(&self, first: &Path, last: &Path, scratch: &Path) -> Result<Said, Failure> {
        let kept = scratch.join("kept");
        remove_all_beside(&kept)?;
        let mut said = Said::default();
        for (number, input) in (1..).zip(&self.processes) {
            let program = if number == self.processes.len() { last } else { first };
            said = said.and(run(program, &kept, input, scratch)?);
        }
        Ok(said)
    }

    /// Whether all that must be said was said, in its order.
    pub fn is_held_by(&self, said: &Said) -> bool {
        let mut replies = said.replies.iter();
        said.complaint.is_none() && self.expected.iter().all(|expected| replies.any(|reply| reply == expected))
    }

    /// Whether the process is replaced within it.
    pub fn has_a_restart(&self) -> bool {
        self.processes.len() > 1
    }
}

impl Said {
    fn and(mut self, then: Said) -> Said {
        let before = self.replies.len();
        let later = then.complaint.map(|complaint| Complaint { after: before + complaint.after, ..complaint });
        self.replies.extend(then.replies);
        Said { complaint: self.complaint.or(later), ..self }
    }

    /// What a program wrote: replies begin with a mark, and all else is a complaint.
    fn read(text: &str) -> Self {
        let mut said = Self::default();
        for line in text.lines() {
            match (line.strip_prefix("< "), &mut said.complaint) {
                (Some(reply), _) => said.replies.push(reply.to_owned()),
                (None, None) => said.complain(line.to_owned()),
                (None, Some(complaint)) => complaint.text += &format!("\n{line}"),
            }
        }
        said
    }

    fn complain(&mut self, text: String) {
        self.complaint = Some(Complaint { after: self.replies.len(), text });
    }
}

/// Runs a program to its end.
pub fn run(program: &Path, kept: &Path, input: &str, scratch: &Path) -> Result<Said, Failure> {
    let [said, told] = ["in", "out"].map(|name| scratch.join(name));
    fs::write(&said, input)?;
    let written = File::create(&told)?;
    let mut child = Command::new(program)
        .arg(kept)
        .env("RUST_LOG", "warn")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::from(File::open(said)?))
        // Into one file, so that it is seen what came first.
        .stderr(written.try_clone()?)
        .stdout(written)
        .spawn()?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if begun.elapsed() > Duration::from_secs(20) => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut said = Said::read(&String::from_utf8_lossy(&fs::read(told)?));
    match status {
        None => said.complain("it never ended".to_owned()),
        Some(status) if !status.success() && said.complaint.is_none() => said.complain(status.to_string()),
        Some(_) => {}
    }
    Ok(said)
}

/// A store may keep more than one file, all of which begin with the name.
pub fn remove_all_beside(kept: &Path) -> Result<(), Failure> {
    let (folder, name) = (kept.parent().ok_or("a folder")?, kept.file_name().ok_or("a name")?.to_string_lossy());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&*name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_knows_how_much_was_said_before_it() {
        let said = Said::read("< Hello\n[WARN] what now\nat line 3\n< Sorry\n");
        let complaint = said.complaint.expect("a complaint");
        assert_eq!((complaint.after, complaint.text.as_str()), (1, "[WARN] what now\nat line 3"));
        assert_eq!(said.replies, ["Hello", "Sorry"]);
    }

    #[test]
    fn the_first_complaint_of_a_conversation_counts() {
        let said = Said::read("< Hello\n").and(Said::read("< Who?\nwrong\n")).and(Said::read("wrong again\n"));
        assert_eq!(said.complaint.map(|complaint| (complaint.after, complaint.text)), Some((2, "wrong".to_owned())));
    }

    #[test]
    fn a_talk_is_held_by_whoever_says_all_of_it_in_its_order() {
        let talk = Talk::read("a talk".to_owned(), "> hi\n< one\n-- restarts\n! paid 3\n< two\n");
        assert_eq!(talk.processes, ["hi\n", "!paid 3\n"]);
        assert!(talk.is_held_by(&Said::read("< one\n< more\n< two\n")));
        assert!(!talk.is_held_by(&Said::read("< two\n< one\n")));
        assert!(!talk.is_held_by(&Said::read("< one\n< two\nwrong\n")));
    }
}
