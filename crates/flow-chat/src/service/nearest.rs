//! The name that an operator may have meant: [`nearest`].

/// The one of these names that is most like `name`, if one is like it at all.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    let like = names.clone().map(|known| (edits(name, known), known)).min()?;
    // One letter in four may be wrong, and two of a short name.
    if like.0 <= (name.chars().count() / 4).max(2) {
        return Some(like.1);
    }
    // The group was forgotten, or is another one.
    let last = |name: &'n str| name.rsplit('.').next().unwrap_or(name);
    let own = name.rsplit('.').next().unwrap_or(name);
    let mut same = names.filter(|known| known.contains('.') && last(known) == own);
    same.next().filter(|_| same.next().is_none())
}

/// How many letters have to be changed, put in or left out to make one name the other (the Levenshtein distance).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (changed, letter) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = changed + 1;
        for (place, with) in other.iter().enumerate() {
            let replaced = before + usize::from(letter != *with);
            before = row[place + 1];
            row[place + 1] = replaced.min(before + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_strange_word_finds_none() {
        let names = ["store", "expiry.idle", "expiry.absolute", "limits.turns_at_once", "redis.call", "postgres.call"];
        for (written, meant) in [
            ("stroe", Some("store")),
            ("expiry.idel", Some("expiry.idle")),
            ("expiry.absolut", Some("expiry.absolute")),
            ("turns_at_once", Some("limits.turns_at_once")),
            ("limit.turns_at_once", Some("limits.turns_at_once")),
            // There are two of that name.
            ("a_long_way_from_here.call", None),
            ("pigeons_of_the_park", None),
        ] {
            assert_eq!(nearest(written, names.into_iter()), meant, "{written}");
        }
    }

    #[test]
    fn an_edit_is_one_letter() {
        for (one, other, edited) in [("", "", 0), ("", "abc", 3), ("store", "stroe", 2), ("kitten", "sitting", 3)] {
            assert_eq!(edits(one, other), edited);
            assert_eq!(edits(other, one), edited);
        }
    }
}
