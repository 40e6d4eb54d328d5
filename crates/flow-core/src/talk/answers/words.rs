//! Answers in words: any text, yes or no, and an answer that may be skipped.

use super::Answer;
use crate::{
    Choice, Input, Reask,
    talk::choice::{Words, choose},
};

impl Answer for String {
    fn parse(said: &str) -> Result<Self, Reask> {
        match said.trim() {
            "" => Err(Reask::because("Please write a few words.")),
            said => Ok(said.to_owned()),
        }
    }
}

impl Answer for bool {
    fn parse(said: &str) -> Result<Self, Reask> {
        const YES_OR_NO: [Words; 2] = [
            Words::declared("Yes", &["yes", "y", "yeah", "yep", "yup", "sure", "ok", "okay", "true"]),
            Words::declared("No", &["no", "n", "nope", "nah", "false"]),
        ];
        match choose(&YES_OR_NO, said.trim().trim_end_matches(['.', '!'])) {
            Some(index) => Ok(index == 0),
            None => Err(Reask::because("Please answer yes or no.")),
        }
    }

    fn choices() -> Vec<Choice> {
        vec!["Yes".into(), "No".into()]
    }
}

impl<T: Answer> Answer for Option<T> {
    fn parse(said: &str) -> Result<Self, Reask> {
        if skips(said) {
            return Ok(None);
        }
        T::parse(said).map(Some)
    }

    fn read(input: &Input) -> Result<Self, Reask> {
        if input.calls().any(skips) {
            return Ok(None);
        }
        T::read(input).map(Some)
    }

    fn choices() -> Vec<Choice> {
        T::choices().into_iter().chain(["Skip".into()]).collect()
    }
}

/// Whether this is said to answer nothing.
fn skips(said: &str) -> bool {
    ["skip", "none", "-"].contains(&said.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_trimmed_and_never_empty() {
        assert_eq!(String::parse("  hello \n"), Ok("hello".to_owned()));
        assert!(String::parse(" \t ").is_err());
    }

    #[test]
    fn yes_and_no_are_said_in_many_ways() {
        assert!(["Yes", " y ", "OK!", "sure.", "1"].iter().all(|said| bool::parse(said) == Ok(true)));
        assert!(["no", "NOPE", "2"].iter().all(|said| bool::parse(said) == Ok(false)));
        assert!(["maybe", "", "yes and no", "0"].iter().all(|said| bool::parse(said).is_err()));
    }

    #[test]
    fn what_may_be_skipped_is_skipped_or_read() {
        assert_eq!(Option::<u8>::parse(" Skip "), Ok(None));
        assert_eq!(Option::<u8>::parse("7"), Ok(Some(7)));
        assert!(Option::<u8>::parse("seven").is_err());
    }
}
