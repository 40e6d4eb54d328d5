//! The words of `#[answer(...)]` on the enum. On a variant, the attribute holds strings.

use syn::{
    Error, LitStr, Path, Result,
    parse::{Parse, ParseStream},
};

use crate::items::{Named, path, unknown, word};

/// One item of `#[answer(...)]` on the enum.
pub(super) enum AnswerWord {
    Crate(Path),
    OwnSpeak,
}

impl Parse for Named<AnswerWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return Err(Error::new(input.span(), "what is understood as a choice is written on its variant"));
        }
        let word = word(input)?;
        let item = match word.to_string().as_str() {
            "crate" => AnswerWord::Crate(path(input, &word)?),
            "own_speak" => AnswerWord::OwnSpeak,
            _ => return Err(unknown(&word, &["own_speak", "crate"])),
        };
        Ok(Self { word, item })
    }
}
