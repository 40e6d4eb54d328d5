use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Failure, PEERS,
    mistake::Mistake,
    verdict::{Seen, Verdict},
};

/// All that was seen, as it is committed.
pub struct Report {
    compiler: String,
    titles: BTreeMap<usize, String>,
    verdicts: BTreeMap<(&'static str, usize), Verdict>,
}

const BEGIN: &str = "<!-- what was seen: written by peers/run -->\n";
const END: &str = "<!-- the end of what was seen -->";

impl Report {
    pub fn new() -> Result<Self, Failure> {
        let version = Command::new("rustc").arg("--version").output()?;
        let compiler = String::from_utf8(version.stdout)?.split(" (").next().unwrap_or_default().to_owned();
        Ok(Self { compiler, titles: BTreeMap::new(), verdicts: BTreeMap::new() })
    }

    pub fn add(&mut self, peer: &'static str, mistake: Mistake, verdict: Verdict) {
        let title = self.titles.entry(mistake.number).or_insert_with(|| mistake.title.clone());
        assert_eq!(*title, mistake.title, "{peer} calls mistake {} otherwise", mistake.number);
        self.verdicts.insert((peer, mistake.number), verdict);
    }

    /// The files that hold it, with what should stand in them.
    pub fn files(&self, here: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
        let page = here.join("../docs/peers.md");
        let text = fs::read_to_string(&page)?;
        let (before, rest) = text.split_once(BEGIN).ok_or("docs/peers.md has no place for the table")?;
        let (_, after) = rest.split_once(END).ok_or("docs/peers.md has no end of the table")?;
        let text = format!("{before}{BEGIN}\n{}\n{END}{after}", self.table());
        Ok(vec![(here.join("results.md"), self.list()), (page, text)])
    }

    /// A row for each mistake, a column for each peer, and a row that counts.
    pub fn table(&self) -> String {
        let mut table = format!("| | mistake | {} |\n|---:|---|{}\n", PEERS.join(" | "), "---|".repeat(PEERS.len()));
        for (number, title) in &self.titles {
            let cells: Vec<_> =
                PEERS.iter().map(|peer| self.verdict(peer, *number).map_or(String::new(), Verdict::cell)).collect();
            table += &format!("| {number} | {title} | {} |\n", cells.join(" | "));
        }
        for (title, counts) in COUNTS {
            let cells: Vec<_> = PEERS.iter().map(|peer| self.count(peer, counts).to_string()).collect();
            table += &format!("| | *{title}* | {} |\n", cells.join(" | "));
        }
        table
    }

    /// What the compiler or the program says first about each mistake.
    fn list(&self) -> String {
        let mut list = format!(
            "# What was seen\n\nWritten by `peers/run --write`, with {}. “(elsewhere)” is an error that points at no line of \
             the change, or at a whole macro.\n",
            self.compiler
        );
        for peer in PEERS {
            list += &format!("\n## {peer}\n\n");
            for number in self.titles.keys() {
                if let Some(verdict) = self.verdict(peer, *number) {
                    list += &format!("{number}. {}: {}\n", verdict.cell(), verdict.line());
                }
            }
        }
        list
    }

    fn verdict(&self, peer: &'static str, number: usize) -> Option<&Verdict> {
        self.verdicts.get(&(peer, number))
    }

    fn count(&self, peer: &'static str, counts: fn(&Verdict) -> bool) -> usize {
        self.titles.keys().filter_map(|number| self.verdict(peer, *number)).filter(|verdict| counts(verdict)).count()
    }
}

type Counts = fn(&Verdict) -> bool;

/// The rows below the table.
const COUNTS: [(&str, Counts); 7] = [
    ("refused by the compiler", |verdict| matches!(own(verdict), Some(Seen::Refused(_)))),
    ("of these, one error that points at the change", |verdict| match own(verdict) {
        Some(Seen::Refused(errors)) => errors.len() == 1 && errors[0].at_the_edit,
        _ => false,
    }),
    ("only a warning", |verdict| matches!(own(verdict), Some(Seen::Warned(_)))),
    ("at the start", |verdict| matches!(own(verdict), Some(Seen::AtStart(_)))),
    ("at run", |verdict| matches!(own(verdict), Some(Seen::AtRun(_)))),
    ("silent", |verdict| matches!(own(verdict), Some(Seen::Silent { .. }))),
    ("no such thing", |verdict| verdict.foreign),
];

fn own(verdict: &Verdict) -> Option<&Seen> {
    verdict.seen.as_ref().filter(|_| !verdict.foreign)
}
