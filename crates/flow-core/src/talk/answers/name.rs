//! What the visitor is called: [`Name`].

use super::private_text::private_text;
use crate::privacy::MASK;

/// No name has more letters.
const LONGEST: usize = 100;

private_text! {
    /// What the visitor is called. Any script will do; `Debug` and every log show `J***`.
    ///
    /// ```
    /// use flow_core::answers::Name;
    ///
    /// let name: Name = " John  Doe ".parse()?;
    /// assert_eq!((name.as_str(), format!("{name:?}").as_str()), ("John Doe", "J***"));
    /// # Ok::<(), flow_core::answers::NotA>(())
    /// ```
    Name, "a name", "Please tell me your name.", check, check, mask
}

fn check(text: &str) -> Option<String> {
    if text.len() > 16 * LONGEST || text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()) {
        return None;
    }
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_name = name.chars().any(char::is_alphabetic) && name.chars().count() <= LONGEST;
    is_name.then_some(name)
}

fn mask(name: &str) -> String {
    // A letter of two is half of the name.
    let first = name.chars().next().filter(|_| name.chars().count() > 2);
    first.map(String::from).unwrap_or_default() + MASK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_tidied_and_masked() {
        let name: Name = "  John \t Doe ".parse().expect("a name");
        assert_eq!((name.as_str(), format!("{name:?}").as_str()), ("John Doe", "J***"));
        for (given, shown) in [("李小龙", "李***"), ("Al", "***"), ("Ø", "***"), ("Zoë-Marie O'Neil", "Z***")] {
            assert_eq!(format!("{:?}", given.parse::<Name>()), format!("Ok({shown})"));
        }
    }

    #[test]
    fn what_is_no_name_is_refused_without_an_echo() {
        for given in ["", "  ", "12345", "John\u{0}Doe", &"x".repeat(101), &" ".repeat(1 << 20)] {
            assert_eq!(given.parse::<Name>().map_err(|error| error.to_string()), Err("not a name".to_owned()));
        }
    }
}
