//! All the mistakes of a declaration, each at its token: [`Errors`].

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// Mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Notes a mistake at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Notes a mistake.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The messages, each below the token of the declaration that it is told at.
    #[cfg(test)]
    pub(crate) fn told(&self, declaration: &str) -> String {
        let told = self.0.iter().flatten().map(|error| {
            let (start, end) = (error.span().start(), error.span().end());
            let line = declaration.lines().nth(start.line - 1).unwrap_or_default();
            let token: String = line.chars().skip(start.column).take(end.column - start.column).collect();
            format!("{token}\n    {error}")
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// Each message, with the column of the declaration that it is told at; the declaration is one line.
    #[cfg(test)]
    pub(crate) fn columns(&self) -> Vec<(usize, String)> {
        self.0.iter().flatten().map(|error| (error.span().start().column, error.to_string())).collect()
    }

    /// The mistakes as `compile_error!`s; nothing if there are none.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.map(Error::into_compile_error).unwrap_or_default()
    }
}
