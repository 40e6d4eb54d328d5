//! Holds what a dozen operations cost, in instructions and allocations, against the committed `budgets.json`.
//!
//! `./check budgets` runs it, `./check budgets renew` writes the table anew. No timing is looked at: the same code counts the same
//! on a busy machine and on an idle one.

mod callgrind;
mod operations;
mod table;
mod talks;

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use operations::OPERATIONS;
use table::{Counts, Table};

const USAGE: &str = "\
flow-budgets                   counts every operation and compares
flow-budgets renew [name…]     counts every operation, or these, and writes their numbers into budgets.json
flow-budgets perform <name> <times>
                               does an operation: what is counted, for a look with callgrind_annotate";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => compare(),
        ["renew", ref names @ ..] => renew(names),
        ["perform", name, times] if operations::perform(name, times.parse()?) => Ok(ExitCode::SUCCESS),
        _ => Err(USAGE.into()),
    }
}

fn path() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.json"))
}

fn count(names: &[&str]) -> Result<Vec<(String, Counts)>, Box<dyn Error>> {
    if let Some(unknown) = names.iter().find(|name| OPERATIONS.iter().all(|(known, _)| known != *name)) {
        return Err(format!("no operation is called {unknown}").into());
    }
    let wanted = OPERATIONS.iter().filter(|(name, _)| names.is_empty() || names.contains(name));
    wanted.map(|(name, _)| Ok((name.to_string(), callgrind::count(name)?))).collect()
}

fn compare() -> Result<ExitCode, Box<dyn Error>> {
    let table = Table::read(&fs::read_to_string(path())?)?;
    let comparison = table.compare(&count(&[])?);
    println!("{comparison}");
    Ok(if comparison.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn renew(names: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let table = if path().exists() { Table::read(&fs::read_to_string(path())?)? } else { Table::default() };
    let counted = count(names)?;
    println!("{}", table.compare(&counted));
    fs::write(path(), table.renewed(&counted, names.is_empty()).written()?)?;
    println!("\nWritten to {}.", path().display());
    Ok(ExitCode::SUCCESS)
}
