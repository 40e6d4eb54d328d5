//! Where the visitor gets mail: [`Email`].

use email_address::{EmailAddress, Options};

use super::private_text::private_text;
use crate::{Contact, privacy::MASK};

/// No address has more bytes, by RFC 5321.
const LONGEST: usize = 254;

private_text! {
    /// An e-mail address; `Debug` and every log show `jo***@example.com`.
    ///
    /// ```
    /// use flow_core::answers::Email;
    ///
    /// let email: Email = " john@example.com ".parse()?;
    /// assert_eq!((email.as_str(), format!("{email:?}").as_str()), ("john@example.com", "jo***@example.com"));
    /// # Ok::<(), flow_core::answers::NotA>(())
    /// ```
    Email, "an e-mail address", "That does not look like an e-mail address.", check, check, mask, Contact::emails
}

fn check(text: &str) -> Option<String> {
    // `a@b` is an address by the standard, and a typing error in a chat.
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    let text = Some(text.trim()).filter(|text| text.len() <= LONGEST)?;
    EmailAddress::parse_with_options(text, options).ok()?;
    Some(text.to_owned())
}

fn mask(email: &str) -> String {
    let Some((local, domain)) = email.rsplit_once('@') else { return MASK.to_owned() };
    // Two letters of three are most of it.
    let shown: String = local.chars().take(if local.chars().count() > 3 { 2 } else { 0 }).collect();
    format!("{shown}{MASK}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_masked() {
        let email: Email = " john@example.com ".parse().expect("an address");
        assert_eq!((email.as_str(), format!("{email:?}").as_str()), ("john@example.com", "jo***@example.com"));
        for (given, shown) in [("a@b.co", "***@b.co"), ("ana@example.com", "***@example.com")] {
            assert_eq!(format!("{:?}", given.parse::<Email>()), format!("Ok({shown})"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_an_echo() {
        let long = format!("{}@example.com", "x".repeat(65));
        let longer = format!("ana@{}com", "x.".repeat(125));
        let given = ["", "not an email", "a@b", "a@b.", "a@.co", "a b@c.de", "Ana <ana@example.com>", "a@[1.2.3.4]"];
        for given in given.into_iter().chain([long.as_str(), &longer]) {
            let refused = given.parse::<Email>().map_err(|error| error.to_string());
            assert_eq!(refused, Err("not an e-mail address".to_owned()), "{given}");
        }
    }
}
