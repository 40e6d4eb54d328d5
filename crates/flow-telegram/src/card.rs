//! A card as Telegram takes it beside a number: a vCard.

use flow_core::Contact;

/// The largest that Telegram takes (`sendContact`, `vcard`: 0-2048 bytes).
const LARGEST: usize = 2048;

/// What stands on the card besides its name and its first number; none if nothing does, or if it is too large.
pub(crate) fn of(contact: &Contact) -> Option<String> {
    if contact.phones().len() < 2 && contact.emails().is_empty() {
        return None;
    }
    let mut lines = vec!["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned(), format!("FN:{}", escaped(contact.name()))];
    lines.extend(contact.phones().iter().map(|phone| format!("TEL:{}", escaped(phone))));
    lines.extend(contact.emails().iter().map(|email| format!("EMAIL:{}", escaped(email))));
    lines.push("END:VCARD".to_owned());
    Some(lines.join("\r\n")).filter(|card| card.len() <= LARGEST)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ',' | ';' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_what_a_number_does_not_and_nothing_on_it_is_a_line_of_its_own() {
        assert_eq!(of(&Contact::new("Ana").with_phone("+49 30 1")), None);
        let card = Contact::new("Silva, Ana\nEMAIL:eve@example.com").with_phone("+49 30 1").with_email("a@example.com");
        let written = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Silva\\, Ana\\nEMAIL:eve@example.com\r\nTEL:+49 30 1\r\n\
                       EMAIL:a@example.com\r\nEND:VCARD";
        assert_eq!(of(&card).as_deref(), Some(written));
        let long = (0..200).fold(Contact::new("Ana"), |card, _| card.with_phone("+49 30 1234567"));
        assert_eq!(of(&long), None);
    }
}
