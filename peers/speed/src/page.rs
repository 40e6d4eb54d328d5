//! The page of tables and plots.

use std::{fmt::Write, fs, io, path::Path, thread::available_parallelism};

use crate::{
    cluster::AT_ONCE,
    growth::{Crowd, Grown},
    measured::{Candidate, rounds, spell},
    plot::{Line, svg},
};

pub const ONE_CONNECTION: &str = "bare script, one connection";
pub const CONNECTIONS: &str = "bare script, 64 connections";
pub const PIPELINE: &str = "bare script, one connection pipelined by 64";

pub struct Page<'p> {
    pub redis: &'p [Candidate<'p>],
    pub memory: &'p [Candidate<'p>],
    pub file: &'p [Candidate<'p>],
    pub sizes: &'p [Grown],
    pub histories: &'p [Grown],
    pub crowds: &'p [Crowd],
    /// Turns a second over clusters of so many nodes, and their spread.
    pub nodes: &'p [(usize, f64, f64)],
}

impl Page<'_> {
    pub fn write(&self, docs: &Path) -> io::Result<()> {
        let pictures = docs.join("pictures");
        fs::create_dir_all(&pictures)?;
        for (name, title, across, lines) in self.plots() {
            let up = if name == "sessions" { "microseconds a turn" } else { "turns a second" };
            fs::write(pictures.join(format!("speed-{name}.svg")), svg(title, across, up, &lines))?;
        }
        fs::write(docs.join("speed.md"), self.text())
    }

    fn plots(&self) -> [(&'static str, &'static str, &'static str, Vec<Line>); 5] {
        [
            ("redis", "Over Redis", "at once", by_name(self.redis)),
            ("memory", "In memory", "at once", by_name(self.memory)),
            ("sizes", "By the bytes of the state", "bytes", grown(self.sizes)),
            ("histories", "By the steps of the history", "steps", grown(self.histories)),
            (
                "sessions",
                "By the sessions in memory",
                "sessions",
                vec![Line {
                    name: "Flow".into(),
                    points: self.crowds.iter().map(|crowd| (crowd.sessions as f64, crowd.turn)).collect(),
                }],
            ),
        ]
    }

    fn text(&self) -> String {
        let mut text = String::from(INTRODUCTION);
        let cores = available_parallelism().map_or(1, usize::from);
        text += &format!(
            "\nMedians of {} rounds of {} ms each, on {cores} cores that were shared with other work; beside each the spread, from the least\n\
             to the most in percent of the median. Read the ratios.\n",
            rounds(),
            spell().as_millis()
        );
        text += "\n## Beside the goals\n\n| measure | goal | measured |\n| --- | --- | --- |\n";
        for (measure, goal, measured) in self.goals().into_iter().filter(|(_, _, measured)| measured.is_finite()) {
            let _ = writeln!(text, "| {measure} | {goal} | {} |", ratio(measured));
        }
        text += "\nWhat is counted in instructions and allocations is held by `./check budgets`: see\n\
                 [benches/budgets](../benches/budgets/README.md).\n";
        text += "\n## Over Redis\n\nTurns a second.\n\n";
        text += &table(self.redis);
        text += "\n![Turns a second over Redis, by how many are at once](pictures/speed-redis.svg)\n";
        text += "\n## In memory\n\nTurns a second: one at a time on one thread, more at once on two.\n\n";
        text += &table(self.memory);
        text += "\n![Turns a second in memory, by how many are at once](pictures/speed-memory.svg)\n";
        text += "\n## In a SQLite file\n\nTurns a second, each kept when it is answered.\n\n";
        text += &table(self.file);
        text += "\n## What grows\n\nTurns a second of ours, one at a time in memory and eight at once over Redis, with ten steps of history, by what the\n\
                 state holds besides:\n\n";
        text += &growth("bytes", self.sizes);
        text += "\n![Turns a second by the bytes of the state](pictures/speed-sizes.svg)\n\nBy the steps that the record keeps:\n\n";
        text += &growth("steps", self.histories);
        text += "\n![Turns a second by the steps of the history](pictures/speed-histories.svg)\n";
        text += "\nBy the sessions that the memory store holds, each of two turns; what a session takes is what the process grew by:\n\n\
                 | sessions | a turn | a session |\n| ---: | ---: | ---: |\n";
        for Crowd { sessions, turn, bytes } in self.crowds {
            let bytes = bytes.map_or_else(|| "–".into(), |bytes| format!("{} B", thousands(bytes)));
            let _ = writeln!(text, "| {} | {turn:.1} µs | {bytes} |", thousands(*sessions as f64));
        }
        text += "\n![Microseconds a turn by the sessions in memory](pictures/speed-sessions.svg)\n";
        text += &format!(
            "\n## A cluster\n\nTurns a second, {AT_ONCE} at once, over clusters of so many masters. All of them and the turns share the machine's\n\
             {cores} cores, so this shows what a further node costs, and not what it brings.\n\n| nodes | turns a second |\n| ---: | ---: |\n"
        );
        for (nodes, rate, spread) in self.nodes {
            let _ = writeln!(text, "| {nodes} | {} ({spread:.0} %) |", thousands(*rate));
        }
        text + A_HUNDRED_NODES
    }

    fn goals(&self) -> Vec<(String, &'static str, f64)> {
        let redis = |name: &str, at_once| median(self.redis, name, at_once);
        let memory = |name: &str, at_once| median(self.memory, name, at_once);
        let mut goals = Vec::new();
        let many = redis("Flow", 64);
        for (other, goal) in [(CONNECTIONS, "1.2"), (PIPELINE, "0.65"), ("bespoke loop", "0.8")] {
            goals.push((format!("turns on Redis, 64 at once, of: {other}"), goal, many / redis(other, 64)));
        }
        for (other, goal) in [("tower-sessions", "2.4"), ("teloxide", "4.5"), ("aiogram", "35")] {
            goals.push((
                format!("turns on Redis, 64 at once, beside {other}'s storage"),
                goal,
                many / redis(other, 64),
            ));
        }
        for (other, goal) in [(ONE_CONNECTION, "0.65"), ("tower-sessions", "1.3")] {
            goals.push((
                format!("turns on Redis, one at a time, of: {other}"),
                goal,
                redis("Flow", 1) / redis(other, 1),
            ));
        }
        for (what, candidates) in [("in memory", self.memory), ("in a SQLite file", self.file)] {
            let ours = median(candidates, "Flow", 1);
            goals.push((
                format!("turns {what}, one at a time, beside LangGraph"),
                "–",
                ours / median(candidates, "LangGraph", 1),
            ));
        }
        let beside = |at_once| memory("teloxide", at_once) / memory("Flow", at_once);
        goals.push((
            "time of a turn in memory, of teloxide's bare get and update, one at a time".into(),
            "2",
            beside(1),
        ));
        goals.push(("the same, 64 tasks on two threads".into(), "0.3", beside(64)));
        if let [first, .., last] = self.crowds {
            let measure =
                format!("time of a turn with {} sessions in memory, of that with one", thousands(last.sessions as f64));
            goals.push((measure, "flat", last.turn / first.turn));
            if let Some(bytes) = last.bytes {
                goals.push((
                    "bytes a session in memory, all that the process grew by, of 1,146".into(),
                    "0.5",
                    bytes / 1_146.0,
                ));
            }
        }
        goals
    }
}

const INTRODUCTION: &str = "\
# How fast a turn is

Turns of ours beside what comes nearest to one with the peers, and beside the bare limit of the same resource: all in one run, in rounds
in which they take turns. This page is written by the program that measures (`peers/speed`):

```sh
peers/fast                                        # some minutes after the first build; it starts a Redis of its own
ROUNDS=3 SPELL=100 SESSIONS=10000 peers/fast      # a shorter look
```

| | one turn is |
| --- | --- |
| Flow | a message handled: loaded, its state changed by a handler, a step of history, the reply kept, committed by compare-and-set |
| teloxide | `get_dialogue` and `update_dialogue` of about a kilobyte, as JSON in its Redis storage: nothing is compared |
| tower-sessions | `load` and `save` of as much with its Redis store: nothing is compared |
| bespoke loop | the client of Redis alone: a state kept in the process is encoded and sent with a script that compares and sets |
| aiogram | state and data read and written with its Redis storage, as its dispatcher does for a message: nothing is compared |
| LangGraph | a graph of one node invoked, and kept by `InMemorySaver` or `SqliteSaver` |
| bare script | the same script with a constant kilobyte, by `redis-benchmark` |

aiogram and LangGraph are Python, and take their rounds in a process of their own; without `python3` and its `venv` they are left out.
";

const A_HUNDRED_NODES: &str = "
### A hundred nodes, on paper

A million turns a second over a hundred masters are 10,000 a second for each. What is known, and what follows:

| | for a turn | for a million a second |
| --- | --- | --- |
| calls | one, to the node of the session's slot; no call touches two nodes | 10,000 a node |
| the server's work | 54,000 instructions (a commit under callgrind), some 20 µs | a fifth of one core a node |
| bytes over the network | 1.3 kB there, 30 B back | 13 MB/s a node |
| append-only file | 1 kB | 10 MB/s a node, 36 GB an hour before it is rewritten |
| the engine's work | 90,000 instructions with its client of Redis, some 30 µs | 30 cores, in as many processes as one likes |
| connections | one of a process to a node | of 100 processes 10,000, 100 a node |

What breaks first is the assumption that looking for what is due costs nothing. A worker looks once a second into all 256 parts of its flow's wake index
([decision 49](decisions/0049-redis-the-wake-index-is-in-256-parts.md)), which lie on all nodes. With a worker in each of 100 processes that is 256 looks a second and node, a
fortieth of the calls; with 1,000 processes it is a quarter, and it grows with the processes and not with what they do. Then workers belong into a few of the processes, which
is a line of the bot. The next is the disk: 10 MB/s a node without a pause, rewritten beside.
";

fn median(candidates: &[Candidate<'_>], name: &str, at_once: usize) -> f64 {
    let found = candidates.iter().find(|candidate| candidate.name == name && candidate.at_once == at_once);
    found.map_or(f64::NAN, |candidate| candidate.rate.median())
}

/// Two digits that tell something.
fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut told = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// Each name once, in the order in which they come.
fn names<'c>(candidates: &'c [Candidate<'_>]) -> Vec<&'c str> {
    let mut names = Vec::new();
    for candidate in candidates {
        if !names.contains(&candidate.name.as_str()) {
            names.push(&candidate.name);
        }
    }
    names
}

fn table(candidates: &[Candidate<'_>]) -> String {
    let mut levels: Vec<_> = candidates.iter().map(|candidate| candidate.at_once).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut table = String::from("| at once |");
    levels.iter().for_each(|level| table += &format!(" {level} |"));
    table += &format!("\n| --- |{}\n", " ---: |".repeat(levels.len()));
    for name in names(candidates) {
        table += &format!("| {name} |");
        for level in &levels {
            let found = candidates.iter().find(|candidate| candidate.name == name && candidate.at_once == *level);
            table += &found.map_or_else(
                || "  |".into(),
                |one| format!(" {} ({:.0} %) |", thousands(one.rate.median()), one.rate.spread()),
            );
        }
        table.push('\n');
    }
    table
}

fn growth(what: &str, rows: &[Grown]) -> String {
    let mut table = format!("| {what} | in memory | over Redis |\n| ---: | ---: | ---: |\n");
    for Grown { by, memory, redis } in rows {
        let told = |(median, spread): (f64, f64)| format!("{} ({spread:.0} %)", thousands(median));
        let _ = writeln!(table, "| {} | {} | {} |", thousands(*by as f64), told(*memory), told(*redis));
    }
    table
}

fn by_name(candidates: &[Candidate<'_>]) -> Vec<Line> {
    let lines = names(candidates).into_iter().map(|name| {
        let same = candidates.iter().filter(|candidate| candidate.name == name);
        let points = same.map(|candidate| (candidate.at_once as f64, candidate.rate.median())).collect();
        Line { name: name.to_owned(), points }
    });
    // A limit that was measured once is no line.
    lines.filter(|line| line.points.len() > 1).collect()
}

fn grown(rows: &[Grown]) -> Vec<Line> {
    // A logarithm has no nought.
    let across = |row: &Grown| row.by.max(1) as f64;
    let memory = rows.iter().map(|row| (across(row), row.memory.0)).collect();
    let redis = rows.iter().map(|row| (across(row), row.redis.0)).collect();
    vec![Line { name: "in memory".into(), points: memory }, Line { name: "over Redis".into(), points: redis }]
}
