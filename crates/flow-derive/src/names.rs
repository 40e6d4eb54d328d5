//! Spellings of a name, and the nearest name to a misspelt one.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// `BookName` → `book_name`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let follows_lower = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (follows_lower || ends_capitals) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `BookName` → `BOOK_NAME`.
pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// `ExtraLarge` → `Extra large`.
pub(crate) fn words(name: &str) -> String {
    let words = snake(name).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The variant whose words these are, as it is declared: `Not today` → `NotToday`, `I'll come` → `IllCome("I'll come")`.
pub(crate) fn variant(label: &str) -> String {
    let letters = label.replace(['\'', '’'], "");
    let parts = letters.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    let capitalised = parts.map(|part| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect::<String>())
    });
    let mut name: String = capitalised.collect();
    if !name.starts_with(char::is_alphabetic) {
        name = format!("Choice{name}");
    }
    if words(&name) == label { name } else { format!("{name}({label:?})") }
}

/// The identifier with this name, raw if the name is a keyword; none for `super` and the few others that cannot be raw.
pub(crate) fn ident(name: &str, span: Span) -> Option<Ident> {
    let mut ident = match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        Err(_) if matches!(name, "self" | "super" | "crate" | "_" | "") => return None,
        Err(_) => Ident::new_raw(name, span),
    };
    ident.set_span(span);
    Some(ident)
}

/// The name of an identifier without the mark of a raw one.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// A variable of the expansion that no name of the user's can be taken for.
pub(crate) fn hygienic(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The nearest of `names` to `given`; none if all are far.
pub(crate) fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names.into_iter().map(|name| (distance(&given.to_lowercase(), &name.to_lowercase()), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + given.chars().count() / 4).then_some(name)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour to make `left` into `right`.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for row in 1..=left.len() {
        let mut next = vec![row];
        for column in 1..=right.len() {
            let change = usize::from(left[row - 1] != right[column - 1]);
            let above: &Vec<usize> = &rows[row - 1];
            let mut least = (above[column] + 1).min(next[column - 1] + 1).min(above[column - 1] + change);
            let swapped =
                row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            next.push(least);
        }
        rows.push(next);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_spelling() {
        for (name, snaked) in [
            ("BookName", "book_name"),
            ("Welcome", "welcome"),
            ("AskURLNow", "ask_url_now"),
            ("Step2Done", "step2_done"),
        ] {
            assert_eq!(snake(name), snaked);
        }
        assert_eq!(screaming("BookName"), "BOOK_NAME");
        assert_eq!(words("ExtraLarge"), "Extra large");
    }

    #[test]
    fn a_label_finds_the_variant_that_is_called_so() {
        for (label, declared) in [
            ("Yes", "Yes"),
            ("Not today", "NotToday"),
            ("Change e-mail", "ChangeEMail(\"Change e-mail\")"),
            ("I'll come", "IllCome(\"I'll come\")"),
            ("7", "Choice7(\"7\")"),
        ] {
            assert_eq!(variant(label), declared);
        }
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour_and_a_strange_one_finds_none() {
        let names = ["BookName", "BookEmail", "Cancelled"];
        assert_eq!(nearest("BookEmial", names), Some("BookEmail"));
        assert_eq!(nearest("bookname", names), Some("BookName"));
        assert_eq!(nearest("Canceled", names), Some("Cancelled"));
        assert_eq!(nearest("Pizza", names), None);
    }
}
