//! Choosing by words: which of several choices somebody named.

/// The index of the choice that `said` names: by one of its words, without regard to case, or by its number from 1.
pub fn pick(choices: &[&[&str]], said: &str) -> Option<usize> {
    let said = said.trim();
    let lower = said.to_lowercase();
    let named = choices.iter().position(|words| words.iter().any(|word| word.to_lowercase() == lower));
    // A word that is itself a number wins over a place in the list.
    let numbered = || said.parse::<usize>().ok()?.checked_sub(1).filter(|&index| index < choices.len());
    named.or_else(numbered)
}

/// The label among `labels` that `said` names.
pub(crate) fn choose<'l>(labels: &[&'l str], said: &str) -> Option<&'l str> {
    let choices: Vec<[&str; 1]> = labels.iter().map(|label| [*label]).collect();
    let choices: Vec<&[&str]> = choices.iter().map(|words| &words[..]).collect();
    pick(&choices, said).map(|index| labels[index])
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn a_choice_is_taken_by_label_or_number_without_regard_to_case() {
        let labels = ["Book", "Not today"];
        assert_eq!(choose(&labels, " book "), Some("Book"));
        assert_eq!(choose(&labels, "2"), Some("Not today"));
        for other in ["0", "3", "-1", "", "boo", "99999999999999999999"] {
            assert_eq!(choose(&labels, other), None, "{other}");
        }
        assert_eq!(choose(&["2", "1"], "1"), Some("1"));
    }
}
