//! What a state says, with its `{fields}`: [`Prompt`].

use syn::LitStr;

/// A prompt in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Field(String),
}

/// Takes a prompt apart: `Thanks, {name}.` Doubled braces stand for themselves.
///
/// Fails with what to write instead.
pub(super) fn parts(prompt: &LitStr) -> Result<Vec<Part>, String> {
    let text = prompt.value();
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.peek() == Some(&letter) => {
                letters.next();
                plain.push(letter);
            }
            '{' => {
                let field = field(&mut letters)?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Field(field));
            }
            '}' => return Err("a `}` without its `{`; write `}}` for a brace of its own".into()),
            letter => plain.push(letter),
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// The name up to the brace that closes it.
fn field(letters: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut field = String::new();
    loop {
        match letters.next() {
            Some('}') => break,
            Some(letter) => field.push(letter),
            None => return Err("a `{` is never closed; write `{{` for a brace of its own".into()),
        }
    }
    let is_name = !field.is_empty() && field.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if is_name {
        return Ok(field);
    }
    // What follows a name may be a format or a call.
    let mut names = field.trim().split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let hint = match names.find(|name| *name != "self").unwrap_or_default() {
        "" => "write the name of one of the state's fields into it".into(),
        name => format!("a prompt takes the plain name of a field, as `{{{name}}}`"),
    };
    Err(format!("`{{{field}}}` is no field: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn read(prompt: &str) -> Result<Vec<Part>, String> {
        parts(&LitStr::new(prompt, Span::call_site()))
    }

    #[test]
    fn a_prompt_comes_apart_at_its_fields() {
        let expected = vec![Part::Text("Hi {".into()), Part::Field("name".into()), Part::Text("}!".into())];
        assert_eq!(read("Hi {{{name}}}!"), Ok(expected));
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn a_brace_that_belongs_to_no_field_is_a_mistake() {
        for prompt in ["{name", "{name} and {name", "name}", "{}", "{a.b}", "{a:?}", "{ a }"] {
            assert!(read(prompt).is_err(), "{prompt}");
        }
    }
}
