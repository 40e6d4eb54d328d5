use crate::compiler::Complaint;

/// What came of a mistake.
pub struct Verdict {
    /// Whether the crate has nothing that the mistake could be made with.
    pub foreign: bool,
    /// None where it cannot be written.
    pub seen: Option<Seen>,
}

/// Where a mistake is caught.
pub enum Seen {
    Refused(Vec<Complaint>),
    Warned(Vec<Complaint>),
    AtStart(String),
    AtRun(String),
    /// It compiles and runs and says nothing: with other replies in the named conversation, or with the same.
    Silent {
        differs: Option<(String, Vec<String>)>,
    },
}

impl Verdict {
    /// A word for the table.
    pub fn cell(&self) -> String {
        match (&self.seen, self.foreign) {
            (None, _) => "–".to_owned(),
            (Some(seen), false) => seen.cell(),
            (Some(seen), true) => format!("– ({})", seen.cell()),
        }
    }

    /// A line for the list of what was seen.
    pub fn line(&self) -> String {
        match &self.seen {
            None => "cannot be written".to_owned(),
            Some(Seen::Refused(complaints)) => format!("{} {}", count(complaints, "error"), list(complaints)),
            Some(Seen::Warned(complaints)) => format!("{} {}", count(complaints, "warning"), list(complaints)),
            Some(Seen::AtStart(complaint)) => format!("at the start: {}", first_line(complaint)),
            Some(Seen::AtRun(complaint)) => format!("at run: {}", first_line(complaint)),
            Some(Seen::Silent { differs: None }) => "nothing is said, and the replies are the same".to_owned(),
            Some(Seen::Silent { differs: Some((talk, replies)) }) => match replies.last() {
                Some(last) => format!("nothing is said, and the talk `{talk}` ends with “{last}”"),
                None => format!("nothing is said, and the talk `{talk}` has no reply"),
            },
        }
    }

    /// All that the compiler or the program says.
    pub fn details(&self) -> String {
        match &self.seen {
            Some(Seen::Refused(complaints) | Seen::Warned(complaints)) => {
                complaints.iter().map(|complaint| complaint.rendered.as_str()).collect()
            }
            Some(Seen::AtStart(complaint) | Seen::AtRun(complaint)) => complaint.clone(),
            Some(Seen::Silent { differs: Some((talk, replies)) }) => format!("{talk}:\n{}\n", replies.join("\n")),
            _ => self.line() + "\n",
        }
    }
}

impl Seen {
    fn cell(&self) -> String {
        match self {
            Self::Refused(complaints) => {
                let word =
                    if complaints.iter().any(|complaint| complaint.own_words) { "**compile**" } else { "compile" };
                match complaints.len() {
                    1 => word.to_owned(),
                    many => format!("{word} ({many})"),
                }
            }
            Self::Warned(_) => "warning".to_owned(),
            Self::AtStart(_) => "start".to_owned(),
            Self::AtRun(_) => "run".to_owned(),
            Self::Silent { .. } => "silent".to_owned(),
        }
    }
}

fn count(complaints: &[Complaint], word: &str) -> String {
    match complaints.len() {
        1 => format!("1 {word}:"),
        many => format!("{many} {word}s:"),
    }
}

/// The headlines, each once.
fn list(complaints: &[Complaint]) -> String {
    let mut lines: Vec<String> = complaints
        .iter()
        .map(|complaint| {
            let place = if complaint.at_the_edit { "" } else { " (elsewhere)" };
            format!("{}{place}", complaint.headline)
        })
        .collect();
    lines.dedup();
    lines.join("; ")
}

/// The first words of a complaint that say what is wrong, and not where or when.
fn first_line(complaint: &str) -> String {
    let mut lines = complaint.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("thread '"));
    let first = lines.next().unwrap_or_default();
    let what = first.split_once("] ").map_or(first, |(_, rest)| rest);
    // Some of the macros write in the order of a hash map.
    let what = what.split(", expected one of").next().unwrap_or_default();
    match what.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &what[..end]),
        None => what.to_owned(),
    }
}
