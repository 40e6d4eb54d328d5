//! The program that prints a record.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

/// A record that is kept in this repository, of a visitor called Ana Silva.
fn record() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/records/first-edition");
    let mut records: Vec<_> =
        fs::read_dir(folder).expect("the records").map(|entry| entry.expect("an entry").path()).collect();
    records.sort_unstable();
    let has_ana = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a record");
        bytes.windows(9).any(|window| window == b"Ana Silva")
    };
    records.into_iter().find(has_ana).expect("one of Ana's")
}

fn printed(words: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flow-record"));
    let program = program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = program.spawn().expect("it starts");
    // One that fails at once has closed it.
    let _ = program.stdin.take().expect("its input").write_all(input);
    program.wait_with_output().expect("it ends")
}

fn text(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    str::from_utf8(&output.stdout).expect("a text")
}

#[test]
fn a_record_is_printed_without_what_was_said_unless_that_is_asked_for() {
    let path = record();
    let path = path.to_str().expect("a path");
    let outline = printed(&[path], b"");
    let outline = text(&outline);
    assert!(outline.contains("\"current\": \"") && outline.contains("\"name\": \"a text of 9 bytes\""), "{outline}");
    assert!(!outline.contains("Ana") && !outline.contains('@'), "{outline}");
    let values = printed(&["--values", path], b"");
    assert!(text(&values).contains("Ana Silva"));
}

#[test]
fn the_bytes_may_come_as_other_programs_print_them() {
    let bytes = fs::read(record()).expect("the record");
    let digit = |digit: u8| char::from_digit(digit.into(), 16).expect("a digit");
    let hexadecimal: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let expected = printed(&[], &bytes);
    let expected = text(&expected);
    for input in [format!("{hexadecimal}\n"), format!("\\x{hexadecimal}"), hexadecimal.to_uppercase()] {
        assert_eq!(text(&printed(&[], input.as_bytes())), expected);
    }
    assert_eq!(text(&printed(&[], &[&bytes[..], b"\n"].concat())), expected, "as redis-cli prints it");
}

#[test]
fn what_is_no_record_is_told_and_is_no_success() {
    let bytes = fs::read(record()).expect("the record");
    for (words, input, told) in [
        (&[][..], &bytes[..bytes.len() - 1], "cut off"),
        (&[], b"hello", "does not begin as a record does"),
        (&["--nonsense"], b"", "there is no option --nonsense"),
        (&["/there/is/none"], b"", "/there/is/none: "),
        (&["a", "b"], b"", "one file at a time"),
    ] {
        let output = printed(words, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(told), "{words:?}: {error}");
        assert!(!error.contains("Ana"), "{error}");
    }
}
