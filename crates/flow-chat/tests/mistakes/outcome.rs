//! What became of a case: [`Outcome`].

use std::{collections::BTreeMap, ops::Range};

use crate::{
    case::{Case, Expected},
    cases::TOLD_BY_THE_DERIVE,
    check::check,
    told::{Message, Told},
};

/// A case with what rustc tells of it, and what it tells of it once it is mended.
pub(crate) struct Outcome {
    pub(crate) case: Case,
    program: String,
    told: Told,
    /// Of a mistake that was mended. Why it was not is what it fails with.
    mended: Result<Option<Told>, String>,
}

/// Checks all of the cases, and then those that have something to paste, with it.
pub(crate) fn outcomes(cases: Vec<Case>) -> Vec<Outcome> {
    assert!(!cases.is_empty(), "no case has these words in its name");
    let programs: BTreeMap<_, _> = cases.iter().map(|case| (file(case), case.program())).collect();
    assert_eq!(programs.len(), cases.len(), "two cases have one name");
    let mut told = check_written(&cases, &programs);
    let mut mended: BTreeMap<_, _> = cases.iter().map(|case| (file(case), mend(case, &told[&file(case)]))).collect();
    let pasted = mended.iter().filter_map(|(name, mended)| Some((name.clone(), mended.clone().ok()??)));
    let mut mended_told = check_mended(&pasted.collect());
    let outcome = |case: Case| {
        let name = file(&case);
        let mended = mended.remove(&name).expect("each case has one").map(|_| mended_told.remove(&name));
        Outcome { program: case.program(), told: told.remove(&name).expect("each case has one"), mended, case }
    };
    cases.into_iter().map(outcome).collect()
}

/// What is told of each program as its case has it.
///
/// Where only the derive has something to say, many of them are checked as modules of one program, since most of the time
/// goes into loading the crates.
fn check_written(cases: &[Case], programs: &BTreeMap<String, String>) -> BTreeMap<String, Told> {
    let (together, alone): (Vec<_>, Vec<_>) = cases.iter().partition(|case| TOLD_BY_THE_DERIVE.contains(&case.subject));
    let programs_of =
        |cases: Vec<&Case>| cases.into_iter().map(|case| (file(case), programs[&file(case)].clone())).collect();
    let mut told = check("written", &programs_of(alone));
    let groups = groups(&programs_of(together));
    for (mut all, group) in check("written_together", &named(&groups)).into_values().zip(&groups) {
        for (program, place) in &group.places {
            told.insert(program.clone(), all.split_off(place));
        }
        assert!(all.errors.is_empty(), "an error is told of no program");
    }
    told
}

/// What is told of each mended program, which should be nothing.
///
/// Many of them are checked together as well. Only where that has errors, each is checked alone.
fn check_mended(programs: &BTreeMap<String, String>) -> BTreeMap<String, Told> {
    let apart = programs.iter().map(|(name, program)| (name.clone(), with_a_name_of_its_own(name, program)));
    let groups = groups(&apart.collect());
    let told = check("mended_together", &named(&groups));
    let failed = groups.iter().zip(told.values()).filter(|(_, told)| !told.errors.is_empty());
    let failed = failed.flat_map(|(group, _)| group.places.iter().map(|(name, _)| name));
    let mut alone = check("mended", &failed.map(|name| (name.clone(), programs[name].clone())).collect());
    programs.keys().map(|name| (name.clone(), alone.remove(name).unwrap_or_default())).collect()
}

/// The program whose flow is called as it is called itself, since two flows of one crate have different names.
fn with_a_name_of_its_own(name: &str, program: &str) -> String {
    const DERIVE: &str = "#[derive(Flow, Clone, Debug, Serialize, Deserialize)]\n";
    let given = format!("name = \"{name}\"");
    if program.contains("name = \"table\"") {
        return program.replace("name = \"table\"", &given);
    }
    program.replacen(DERIVE, &format!("{DERIVE}#[flow({given})]\n"), 1)
}

/// Programs as modules of one, and where each of them stands in it.
#[derive(Default)]
struct Group {
    text: String,
    places: Vec<(String, Range<usize>)>,
}

fn groups(programs: &BTreeMap<String, String>) -> Vec<Group> {
    const TOGETHER: usize = 16;
    let programs: Vec<_> = programs.iter().collect();
    let group = |programs: &[(&String, &String)]| {
        let mut group = Group::default();
        for (name, program) in programs {
            group.text += &format!("mod {name} {{\n");
            let start = group.text.len();
            group.text += program;
            group.places.push(((*name).clone(), start..group.text.len()));
            group.text += "\n}\n";
        }
        group.text += "fn main() {}\n";
        group
    };
    programs.chunks(TOGETHER).map(group).collect()
}

/// Their texts, by the names of their files.
fn named(groups: &[Group]) -> BTreeMap<String, String> {
    groups.iter().enumerate().map(|(number, group)| (format!("group_{number:02}"), group.text.clone())).collect()
}

/// The name of the case's program.
fn file(case: &Case) -> String {
    let name = format!("{} {}", case.subject, case.name);
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

/// The program with what the compiler proposes; none if it is right, or if there is nothing to paste.
fn mend(case: &Case, told: &Told) -> Result<Option<String>, String> {
    let (Some(expected), Some(error)) = (&case.error, told.error_at(&case.token())) else { return Ok(None) };
    expected.mend.apply(&case.program(), case.token(), error)
}

impl Outcome {
    /// What the case is short of; none if all is as it is expected.
    pub(crate) fn shortcomings(&self) -> Option<String> {
        let short = match &self.case.error {
            None if self.told.errors.is_empty() && self.told.warnings.is_empty() => Vec::new(),
            None => vec!["it is not accepted".into()],
            Some(expected) => self.shortcomings_of(expected),
        };
        (!short.is_empty()).then(|| format!("{}  - {}\n", self.page(), short.join("\n  - ")))
    }

    fn shortcomings_of(&self, expected: &Expected) -> Vec<String> {
        let token = self.case.token();
        let Some(error) = self.told.error_at(&token) else {
            return vec!["it compiles".into()];
        };
        let mut short = Vec::new();
        let (count, wanted) = (self.told.errors.len(), 1 + expected.besides);
        if count != wanted {
            short.push(format!("it is {count} errors, not {wanted}"));
        }
        if error.token.as_ref() != Some(&token) {
            short.push(format!("it is not told at `{}`", &self.program[token]));
        }
        let page = error.label.clone().unwrap_or_default() + "\n" + &error.page();
        for words in expected.words.iter().filter(|words| !page.contains(words.as_str())) {
            short.push(format!("it does not say: {words}"));
        }
        match &self.mended {
            Err(why) => short.push(why.clone()),
            Ok(told) => {
                let errors = told.iter().flat_map(|told| &told.errors);
                short.extend(errors.map(|error| format!("when it is mended: {}", error.text)));
            }
        }
        short
    }

    /// The messages as a reader sees them, each below the line that it is told of.
    pub(crate) fn page(&self) -> String {
        let mut page = format!("{}: {}\n", self.case.subject, self.case.name);
        for message in self.told.errors.iter().chain(&self.told.warnings) {
            page += &self.excerpt(message);
            page += &message.page();
        }
        page
    }

    /// The token's line, and below it what is pointed at.
    fn excerpt(&self, message: &Message) -> String {
        let Some(place) = &message.token else { return String::new() };
        let start = self.program[..place.start].rfind('\n').map_or(0, |before| before + 1);
        let line = self.program[start..].lines().next().unwrap_or_default();
        let width = self.program[place.clone()].lines().next().unwrap_or_default().chars().count().max(1);
        let indent = " ".repeat(self.program[start..place.start].chars().count());
        let label = message.label.as_deref().unwrap_or_default();
        let pointer = format!("{indent}{} {label}", "^".repeat(width));
        format!("| {line}\n| {}\n", pointer.trim_end())
    }
}
