//! Where the generated code finds the framework: [`Root`].

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Path, parse_quote};

/// The name of the module in `flow-core` that is public for generated code alone.
const SEAM: &str = concat!(
    "__private_",
    env!("CARGO_PKG_VERSION_MAJOR"),
    "_",
    env!("CARGO_PKG_VERSION_MINOR"),
    "_",
    env!("CARGO_PKG_VERSION_PATCH")
);

/// The path to the framework's crate. Generated code names everything of the framework through it.
#[derive(Clone, Debug)]
pub(crate) struct Root(Path);

impl Root {
    /// The crate `flow-core`, whose users have it among their dependencies.
    pub(crate) fn core() -> Self {
        Self(parse_quote!(::flow_core))
    }

    /// The crate `flow-chat`, whose users need no other of the framework.
    pub(crate) fn chat() -> Self {
        Self(parse_quote!(::flow_chat))
    }

    /// The path that the user wrote.
    pub(crate) fn given(path: Path) -> Self {
        Self(path)
    }

    /// The path as users write it.
    pub(crate) fn written(&self) -> String {
        self.0.to_token_stream().to_string().replace(' ', "").trim_start_matches("::").to_owned()
    }

    /// The path to the same crate from the generated module, which lies inside the module where the path is written.
    pub(crate) fn deeper(&self) -> Self {
        Self(deeper(&self.0))
    }

    /// Whether the path begins with a name that may be known only where it is written, as that of a module there.
    pub(crate) fn is_relative(&self) -> bool {
        let first = &self.0.segments[0].ident;
        self.0.leading_colon.is_none() && !["crate", "$crate", "self", "super"].iter().any(|known| first == known)
    }

    /// The path as a user writes it in code.
    pub(crate) fn text(&self) -> String {
        self.0.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
    }

    /// The module that is public for generated code alone.
    ///
    /// Its name has the version in it, so that the code of one version does not compile against a `flow-core` of
    /// another, in whatever way a build came to have both.
    pub(crate) fn seam(&self) -> TokenStream {
        let (path, module) = (&self.0, format_ident!("{SEAM}"));
        quote!(#path::#module)
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The path as it is written one module further in: `self` is `super` there, and `super` is `super::super`.
pub(crate) fn deeper(path: &Path) -> Path {
    let first = &path.segments[0].ident;
    let rest = path.segments.iter().skip(1);
    if path.leading_colon.is_some() {
        path.clone()
    } else if first == "self" {
        parse_quote!(super #(::#rest)*)
    } else if first == "super" {
        parse_quote!(super::#path)
    } else {
        path.clone()
    }
}

/// Generated code as a page of source, without the version, which would change every snapshot.
#[cfg(test)]
pub(crate) fn page(expanded: TokenStream) -> String {
    let file = syn::parse2(expanded).expect("the expansion is items");
    prettyplease::unparse(&file).replace(SEAM, "__private")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_the_same_place_deeper() {
        for (beside, inside) in [
            ("::chat", "::chat"),
            ("chat", "chat"),
            ("crate::chat", "crate::chat"),
            ("self", "super"),
            ("self::chat::inner", "super::chat::inner"),
            ("super", "super::super"),
            ("super::super::chat", "super::super::super::chat"),
        ] {
            let path = syn::parse_str(beside).expect("a path");
            let written = deeper(&path).to_token_stream().to_string().replace(' ', "");
            assert_eq!(written, inside, "{beside}");
        }
    }
}
