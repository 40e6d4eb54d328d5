use std::{fs, path::Path};

use crate::{Failure, edit::Edit};

/// One of the twenty, as it is made in one booking.
pub struct Mistake {
    pub number: usize,
    pub title: String,
    /// None where it cannot be written at all.
    pub edit: Option<Edit>,
    /// Whether the crate has nothing that this mistake could be made with, so that what happens is the host's own matter.
    pub foreign: bool,
}

impl Mistake {
    /// All of a peer's, from its `mistakes.md`: a heading each, words, and a diff.
    pub fn all(here: &Path, peer: &str) -> Result<Vec<Self>, Failure> {
        let path = here.join(peer).join("mistakes.md");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text.split("\n## ").skip(1).map(|section| Self::read(section, peer)).collect()
    }

    fn read(section: &str, peer: &str) -> Result<Self, Failure> {
        let (heading, body) = section.split_once('\n').ok_or("a heading with nothing below it")?;
        let (number, title) = heading.split_once(". ").ok_or("a heading without a number")?;
        let diff = block(body, "diff").map(Edit::diff);
        let edit = diff.or_else(|| block(body, "text").map(Edit::renaming));
        let foreign = body.contains("No such thing");
        if edit.is_none() && !foreign {
            return Err(format!("{peer} {number}: neither an edit nor `No such thing`").into());
        }
        Ok(Self { number: number.parse()?, title: title.trim().to_owned(), edit, foreign })
    }
}

/// What stands in the first block of a kind.
fn block<'t>(body: &'t str, kind: &str) -> Option<&'t str> {
    body.split_once(&format!("```{kind}\n")).and_then(|(_, rest)| rest.split_once("```")).map(|(block, _)| block)
}
