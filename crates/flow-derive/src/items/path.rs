//! The path to the framework's crate, as `crate = some::path` gives it.

use proc_macro2::TokenStream;
use syn::{
    Path, Result,
    parse::{Parse, ParseStream, Parser},
};

use super::{Item, string, without_sign};
use crate::errors::Errors;

/// The path after the equals sign. `root` is what users write most often.
pub(crate) fn path(item: &Item, root: &str, errors: &mut Errors) -> Option<Path> {
    let is_path = |text: &str| Path::parse_mod_style.parse_str(text).is_ok();
    let path = |tokens: &TokenStream| {
        let text = string(tokens).unwrap_or_else(|| without_sign(tokens));
        let text = text.trim_matches(['(', ')']).replace('-', "_").replace(' ', "");
        Some(if is_path(&text) { text } else { root.to_owned() })
    };
    let plain = item.value_of("the framework's crate is a path", |_: &Plain| true, path, root, errors)?;
    Some(plain.0)
}

/// A path without generics.
struct Plain(Path);

impl Parse for Plain {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Path::parse_mod_style(input).map(Self)
    }
}
