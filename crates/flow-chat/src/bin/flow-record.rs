//! Prints a record from its bytes, whichever flow it is of: names and sizes, and what they hold only if that is asked for.
//!
//! `flow-record [--values] [FILE]`; without a file it reads standard input. The bytes are raw, or in hexadecimal as `sqlite3`, `psql` and
//! the bot's export print them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is what the program is for")]

use std::{
    env, fs,
    io::{self, Read, Write},
    process::ExitCode,
};

use flow_chat::{Record, Unreadable};

const USAGE: &str = "flow-record [--values] [FILE]: prints the record whose bytes are in FILE, or come on standard input, raw or in hexadecimal.
Names and sizes; with --values what was said as well.";

fn main() -> ExitCode {
    let (mut shows_values, mut file) = (false, None);
    for word in env::args().skip(1) {
        match &*word {
            "--values" => shows_values = true,
            "--help" | "-h" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            option if option.starts_with('-') => return fails(&format!("there is no option {option}\n{USAGE}")),
            _ if file.is_some() => return fails(&format!("one file at a time\n{USAGE}")),
            _ => file = Some(word),
        }
    }
    let bytes = match &file {
        Some(file) => fs::read(file),
        None => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        }
    };
    let record = match bytes {
        Ok(bytes) => read(bytes),
        Err(error) => return fails(&format!("{}: {error}", file.as_deref().unwrap_or("standard input"))),
    };
    match record {
        Ok(record) => {
            let shown = if shows_values { record.readable() } else { record.outline() };
            // Whoever reads it may have seen enough.
            match writeln!(io::stdout(), "{shown:#}") {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fails(&error.to_string()),
                _ => ExitCode::SUCCESS,
            }
        }
        Err(unreadable) => fails(&unreadable.to_string()),
    }
}

fn fails(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// The record in these bytes, though a program has put them in hexadecimal, or a line's end behind them.
fn read(bytes: Vec<u8>) -> Result<Record, Unreadable> {
    if let Some(bytes) = from_hexadecimal(bytes.trim_ascii()) {
        return Record::read(bytes);
    }
    let line = bytes.strip_suffix(b"\n").map(<[u8]>::to_vec);
    Record::read(bytes).or_else(|unreadable| line.map_or(Err(unreadable), Record::read))
}

fn from_hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"\\x").unwrap_or(text);
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<_>>>().filter(|bytes| !bytes.is_empty())
}
