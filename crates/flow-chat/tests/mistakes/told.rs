//! What rustc tells of a program: [`Told`], read from the JSON that cargo writes.

use std::ops::Range;

use serde::Deserialize;

/// All that is told of one program.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) is_compiled: bool,
    pub(crate) errors: Vec<Message>,
    pub(crate) warnings: Vec<Message>,
}

/// One error or one warning.
pub(crate) struct Message {
    level: String,
    pub(crate) text: String,
    /// Where its token stands in the program; none if it is told of no token of the program.
    pub(crate) token: Option<Range<usize>>,
    /// What stands under the token.
    pub(crate) label: Option<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) helps: Vec<String>,
    /// The edits of the first suggestion that an editor would offer.
    pub(crate) suggestion: Vec<(Range<usize>, String)>,
}

impl Told {
    /// Takes over one message of the program, which stands in a file of this name.
    pub(crate) fn hear(&mut self, diagnostic: &Diagnostic, file: &str) {
        match diagnostic.level.as_str() {
            // It ends the list of errors, and is none.
            "error" if diagnostic.message.starts_with("aborting due to") => {}
            "error" => self.errors.push(diagnostic.message(file)),
            "warning" if diagnostic.message.ends_with("emitted") => {}
            "warning" => self.warnings.push(diagnostic.message(file)),
            _ => {}
        }
    }
}

impl Told {
    /// The error at this place; the first one if there is none.
    pub(crate) fn error_at(&self, place: &Range<usize>) -> Option<&Message> {
        self.errors.iter().find(|error| error.token.as_ref() == Some(place)).or(self.errors.first())
    }

    /// Takes out what is told of this part of the program, as if it were all of the program.
    pub(crate) fn split_off(&mut self, part: &Range<usize>) -> Self {
        let mut told = Self { is_compiled: self.is_compiled, ..Self::default() };
        for (all, of_part) in [(&mut self.errors, &mut told.errors), (&mut self.warnings, &mut told.warnings)] {
            let is_within =
                |message: &mut Message| message.token.as_ref().is_some_and(|token| part.contains(&token.start));
            of_part.extend(all.extract_if(.., is_within).map(|message| message.from(part.start)));
        }
        told
    }
}

impl Message {
    /// The message of a program that begins here.
    fn from(mut self, start: usize) -> Self {
        let places = self.token.iter_mut().chain(self.suggestion.iter_mut().map(|(place, _)| place));
        places.for_each(|place| *place = place.start - start..place.end - start);
        self
    }

    /// All its text.
    pub(crate) fn page(&self) -> String {
        let notes = self.notes.iter().map(|note| format!("note: {note}\n"));
        let helps = self.helps.iter().map(|help| {
            let is_signature = help.starts_with("implement the missing item");
            format!("help: {}\n", if is_signature { without_paths(help) } else { help.clone() })
        });
        format!("{}: {}\n{}", self.level, self.text, notes.chain(helps).collect::<String>())
    }

    /// The n-th text in backticks: of the message for `2`, of its notes for `note2`, of its helps for `help2`; the last of
    /// the message for `last`.
    pub(crate) fn proposal(&self, name: &str) -> Option<&str> {
        let number = name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let texts: Vec<&str> = match &name[..name.len() - number.len()] {
            "" | "last" => vec![&self.text],
            "note" => self.notes.iter().map(String::as_str).collect(),
            "help" => self.helps.iter().map(String::as_str).collect(),
            _ => return None,
        };
        let mut proposals = texts.into_iter().flat_map(|text| text.split('`').skip(1).step_by(2));
        if name == "last" {
            return proposals.last();
        }
        proposals.nth(number.parse::<usize>().ok()?.checked_sub(1)?)
    }
}

/// The text without the modules before the names of types: rustc writes them where another crate of the build has a type of that name, and
/// so the pages would differ by the features that are tested.
fn without_paths(text: &str) -> String {
    let mut rest = text;
    let mut short = String::new();
    while let Some((before, after)) = rest.split_once("::") {
        let module = before.trim_end_matches(|letter: char| letter.is_ascii_lowercase() || letter == '_');
        let is_path = module.len() < before.len() && after.starts_with(|letter: char| letter.is_ascii_uppercase());
        short.push_str(if is_path { module } else { before });
        if !is_path {
            short.push_str("::");
        }
        rest = after;
    }
    short + rest
}

/// One message, as rustc writes it.
#[derive(Deserialize)]
pub(crate) struct Diagnostic {
    message: String,
    level: String,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
    label: Option<String>,
    suggested_replacement: Option<String>,
    /// Of a span in a macro's code: where the macro is called.
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Diagnostic {
    pub(crate) fn is_error(&self) -> bool {
        self.level.starts_with("error")
    }

    /// Whether it speaks of a file of this machine, or counts what the crates of this build have: no page can be compared
    /// with it.
    fn is_of_this_machine(&self) -> bool {
        let text = &self.message;
        text.starts_with("the full name for the type") || text.contains("`--verbose`") || text.ends_with(" others")
    }

    fn message(&self, file: &str) -> Message {
        let primary = self.spans.iter().find(|span| span.is_primary);
        let texts = |level: &str| {
            let children = self.children.iter().filter(|child| child.level == level && !child.is_of_this_machine());
            children.map(|child| child.message.clone()).collect()
        };
        let suggestions = self.children.iter().map(|child| {
            let edits =
                child.spans.iter().filter_map(|span| Some((span.within(file)?, span.suggested_replacement.clone()?)));
            edits.collect::<Vec<_>>()
        });
        Message {
            level: self.level.clone(),
            text: self.message.clone(),
            token: primary.and_then(|span| span.within(file)),
            label: primary.and_then(|span| span.label.clone()),
            notes: texts("note"),
            helps: texts("help"),
            suggestion: suggestions.into_iter().find(|edits| !edits.is_empty()).unwrap_or_default(),
        }
    }
}

impl Span {
    /// The place in this file, if need be that of the macro whose code is meant.
    fn within(&self, file: &str) -> Option<Range<usize>> {
        if self.file_name == file {
            return Some(self.byte_start..self.byte_end);
        }
        self.expansion.as_ref()?.span.within(file)
    }
}
