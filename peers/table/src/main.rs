//! Makes each of the twenty mistakes in each booking, and tells where it is caught.
//!
//! `run` compares with what is committed, `run --write` writes it anew, and `run statum 3` tells all about one mistake.

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use crate::{mistake::Mistake, peer::Peer, report::Report, verdict::Verdict};

mod compiler;
mod edit;
mod mistake;
mod peer;
mod report;
mod talk;
mod verdict;

type Failure = Box<dyn Error + Send + Sync>;

/// In the order of the table's columns.
const PEERS: [&str; 6] = ["flow", "statum", "teloxide", "statig", "smlang", "rust-fsm"];

fn main() -> Result<ExitCode, Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the folder of the peers")?;
    let wanted: Vec<String> = env::args().skip(1).collect();
    match wanted.first().map(String::as_str) {
        None | Some("--write") => all(here, !wanted.is_empty()),
        Some(name) => some(here, name, &wanted[1..]),
    }
}

/// Every mistake in every booking, compared with what is committed or written in its place.
fn all(here: &Path, write: bool) -> Result<ExitCode, Failure> {
    let mut report = Report::new()?;
    for name in PEERS {
        let peer = Peer::copy(here, name)?;
        for mistake in Mistake::all(here, name)? {
            let verdict = peer.judge(&mistake)?;
            eprintln!("{name} {}: {}", mistake.number, verdict.cell());
            report.add(name, mistake, verdict);
        }
    }
    let mut same = true;
    for (path, text) in report.files(here)? {
        if write {
            fs::write(&path, text)?;
        } else if fs::read_to_string(&path)? != text {
            same = false;
            let seen = here.join("target/seen").join(path.file_name().ok_or("a file")?);
            fs::create_dir_all(seen.parent().ok_or("a folder")?)?;
            fs::write(&seen, text)?;
            eprintln!("not as committed: diff {} {}", path.display(), seen.display());
        }
    }
    println!("{}", report.table());
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Some mistakes in one booking, with all that the compiler and the program say.
fn some(here: &Path, name: &str, numbers: &[String]) -> Result<ExitCode, Failure> {
    let peer = Peer::copy(here, name)?;
    for mistake in Mistake::all(here, name)? {
        if numbers.is_empty() || numbers.contains(&mistake.number.to_string()) {
            let verdict: Verdict = peer.judge(&mistake)?;
            println!("{}. {}: {}\n{}", mistake.number, mistake.title, verdict.cell(), verdict.details());
        }
    }
    Ok(ExitCode::SUCCESS)
}
