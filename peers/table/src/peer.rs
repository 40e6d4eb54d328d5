use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Failure,
    compiler::{self, Compiled},
    mistake::Mistake,
    talk::{self, Said, Talk},
    verdict::{Seen, Verdict},
};

/// A booking, in a copy of the workspace in which mistakes can be made.
pub struct Peer {
    package: String,
    workspace: PathBuf,
    /// The program as it is committed.
    source: PathBuf,
    right: PathBuf,
    /// What the right program says.
    talks: Vec<(Talk, Said)>,
}

/// What is renamed there is met by conversations that an older program began.
const RENAMED: &str = "renamed";

impl Peer {
    /// Copies it, builds it as it is, and hears that it holds every conversation, without a warning.
    pub fn copy(here: &Path, name: &str) -> Result<Self, Failure> {
        let (workspace, package) = (here.join("target/mistaken"), format!("booking-{name}"));
        copy_workspace(here, &workspace)?;
        let scratch = workspace.join("scratch");
        fs::create_dir_all(&scratch)?;
        let source = workspace.join(name).join("src/main.rs");
        let Compiled { errors, warnings } = compiler::compile(&workspace, &package, &[])?;
        if let Some(complaint) = errors.first().or(warnings.first()) {
            return Err(format!("{name} as it is: {}", complaint.rendered).into());
        }
        let right = scratch.join(&package);
        fs::copy(workspace.join("target/debug").join(&package), &right)?;
        let mut talks = Vec::new();
        for talk in Talk::all(here)? {
            let said = talk.play(&right, &right, &scratch)?;
            if !talk.is_held_by(&said) {
                let complaint = said.complaint.map(|complaint| complaint.text);
                return Err(format!("{name} does not hold {}: {:?} {complaint:?}", talk.name, said.replies).into());
            }
            talks.push((talk, said));
        }
        Ok(Self { package, workspace, source, right, talks })
    }

    /// Makes the mistake, and tells where it is caught.
    pub fn judge(&self, mistake: &Mistake) -> Result<Verdict, Failure> {
        let Some(edit) = &mistake.edit else { return Ok(Verdict { foreign: true, seen: None }) };
        let program = fs::read_to_string(&self.source)?;
        let name = || format!("{} {}", self.package, mistake.number);
        let (mistaken, concerned) = edit.apply(&program).map_err(|error| format!("{}: {error}", name()))?;
        fs::write(&self.source, mistaken)?;
        let seen = self.see(mistake, &concerned);
        fs::write(&self.source, program)?;
        Ok(Verdict { foreign: mistake.foreign, seen: Some(seen.map_err(|error| format!("{}: {error}", name()))?) })
    }

    fn see(&self, mistake: &Mistake, concerned: &[std::ops::Range<usize>]) -> Result<Seen, Failure> {
        let Compiled { errors, warnings } = compiler::compile(&self.workspace, &self.package, concerned)?;
        if !errors.is_empty() {
            return Ok(Seen::Refused(errors));
        }
        if !warnings.is_empty() {
            return Ok(Seen::Warned(warnings));
        }
        let (scratch, program) =
            (self.workspace.join("scratch"), self.workspace.join("target/debug").join(&self.package));
        let kept = scratch.join("kept");
        talk::remove_all_beside(&kept)?;
        if let Some(complaint) = talk::run(&program, &kept, "", &scratch)?.complaint {
            return Ok(Seen::AtStart(complaint.text));
        }
        let renamed = mistake.title.contains(RENAMED);
        let mut differs = None;
        for (talk, right) in self.talks.iter().filter(|(talk, _)| !renamed || talk.has_a_restart()) {
            let first = if renamed { &self.right } else { &program };
            let said = talk.play(first, &program, &scratch)?;
            let as_before = said.replies.iter().zip(&right.replies).take_while(|(reply, right)| reply == right).count();
            match said.complaint {
                // One that comes after the visitor was told something else comes too late.
                Some(complaint) if complaint.after <= as_before => return Ok(Seen::AtRun(complaint.text)),
                _ if said.replies != right.replies && differs.is_none() => {
                    differs = Some((talk.name.clone(), said.replies));
                }
                _ => {}
            }
        }
        Ok(Seen::Silent { differs })
    }
}

fn copy_workspace(here: &Path, workspace: &Path) -> Result<(), Failure> {
    let root = here.parent().ok_or("the folder of the project")?;
    for entry in fs::read_dir(here)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.path().join("Cargo.toml").exists() {
            let copy = workspace.join(entry.file_name());
            fs::create_dir_all(copy.join("src"))?;
            let manifest = fs::read_to_string(entry.path().join("Cargo.toml"))?;
            fs::write(copy.join("Cargo.toml"), manifest.replace("../..", &root.to_string_lossy()))?;
            for file in fs::read_dir(entry.path().join("src"))? {
                let file = file?;
                write_if_new(&copy.join("src").join(file.file_name()), &fs::read(file.path())?)?;
            }
        }
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(here.join(name), workspace.join(name))?;
    }
    Ok(())
}

/// Nothing that is as it was is built again.
fn write_if_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::write(path, bytes)?;
    }
    Ok(())
}
