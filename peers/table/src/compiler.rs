use std::{ops::Range, path::Path, process::Command};

use serde::Deserialize;

use crate::Failure;

/// What the compiler says about a program: its errors, or its warnings if it has none.
pub struct Compiled {
    pub errors: Vec<Complaint>,
    pub warnings: Vec<Complaint>,
}

/// An error or a warning.
pub struct Complaint {
    /// Its first line, with its code.
    pub headline: String,
    /// Whether the crate has worded it, and not rustc.
    pub own_words: bool,
    /// Whether it points at a line that was changed, and at no more than three.
    pub at_the_edit: bool,
    pub rendered: String,
}

/// Builds one package of a workspace.
pub fn compile(workspace: &Path, package: &str, concerned: &[Range<usize>]) -> Result<Compiled, Failure> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--message-format=json", "--package", package])
        .args(["--target-dir".as_ref(), workspace.join("target").as_os_str()])
        .current_dir(workspace)
        .output()?;
    let messages = String::from_utf8(output.stdout)?;
    let mut compiled = Compiled { errors: Vec::new(), warnings: Vec::new() };
    for line in messages.lines() {
        let Ok(Line { message }) = serde_json::from_str(line) else { continue };
        // The last line of rustc counts the others.
        if message.spans.is_empty() && message.code.is_none() && message.message.contains(" emitted") {
            continue;
        }
        match message.level.as_str() {
            "error" if !message.message.starts_with("aborting due to") => {
                compiled.errors.push(message.complaint(concerned));
            }
            "warning" => compiled.warnings.push(message.complaint(concerned)),
            _ => {}
        }
    }
    if !output.status.success() && compiled.errors.is_empty() {
        return Err(format!("cargo failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    // Some of the macros write in the order of a hash map.
    compiled.errors.sort_by(|one, other| one.headline.cmp(&other.headline));
    compiled.warnings.sort_by(|one, other| one.headline.cmp(&other.headline));
    Ok(compiled)
}

#[derive(Deserialize)]
struct Line {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    code: Option<Code>,
    spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    line_end: usize,
    is_primary: bool,
}

impl Message {
    fn complaint(self, concerned: &[Range<usize>]) -> Complaint {
        let own_words = self.own_words();
        let at_the_edit = self.spans.iter().filter(|span| span.is_primary).any(|span| {
            span.file_name.ends_with("main.rs")
                && span.line_end - span.line_start < 3
                && concerned.iter().any(|lines| span.line_start < lines.end && lines.start <= span.line_end)
        });
        let first = self.message.lines().next().unwrap_or_default();
        let headline = match self.code {
            Some(Code { code }) => format!("{code} {first}"),
            None => first.to_owned(),
        };
        Complaint { headline, own_words, at_the_edit, rendered: self.rendered.unwrap_or_default() }
    }

    /// An error without a code comes from a macro. rustc lets a crate word two others.
    fn own_words(&self) -> bool {
        let of_rustc = |words: &[&str]| words.iter().any(|words| self.message.contains(words));
        match self.code.as_ref().map(|code| code.code.as_str()) {
            None => !of_rustc(&["expected", "between threads", "declared defaults"]),
            Some("E0080") => true,
            Some("E0277") => {
                !of_rustc(&["the trait bound", "between threads", "doesn't implement", "the size for", "can't"])
            }
            Some(_) => false,
        }
    }
}
