//! Slack's own way to write a text: read as a person would, and written so that nothing in it means anything.

use std::borrow::Cow;

/// What a person sees of a text that Slack delivers: links as they were typed, mentions with an `@`, and `&`, `<`, `>` as themselves.
pub(crate) fn read(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, reference)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((reference, after)) = reference.split_once('>') else {
            plain.push('<');
            rest = reference;
            continue;
        };
        plain.push_str(&shown(reference));
        rest = after;
    }
    plain.push_str(rest);
    // Last, so that what was typed as `&lt;` stays that.
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What is shown of what stands between `<` and `>`.
fn shown(reference: &str) -> Cow<'_, str> {
    let (target, label) = match reference.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (reference, None),
    };
    match (target.chars().next(), label) {
        (Some('@' | '#'), None) => target.into(),
        (Some(sign @ ('@' | '#')), Some(label)) => format!("{sign}{}", label.trim_start_matches(sign)).into(),
        (Some('!'), None) => target.replacen('!', "@", 1).into(),
        (_, Some(label)) => label.into(),
        (_, None) => target.strip_prefix("mailto:").or_else(|| target.strip_prefix("tel:")).unwrap_or(target).into(),
    }
}

/// The text without the mention of this user that it begins with, if it does.
pub(crate) fn without_mention<'t>(text: &'t str, user: Option<&str>) -> &'t str {
    let mention = text.trim_start().strip_prefix("<@").and_then(|rest| rest.split_once('>'));
    let Some((mentioned, rest)) = mention else { return text };
    let mentioned = mentioned.split('|').next().unwrap_or_default();
    if user.is_none_or(|user| user == mentioned) { rest.trim_start_matches([' ', ',', ':', '\n']) } else { text }
}

/// The text with nothing in it that Slack would make a mention or a link of: "Escaping text".
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
        escaped
    })
}

/// The text, escaped, in pieces of this many units of UTF-16 at most: no escape is cut in two.
pub(crate) fn escaped_pieces(text: &str, longest: usize) -> Vec<String> {
    let (mut pieces, mut length) = (vec![String::new()], 0);
    for letter in text.chars() {
        let written = escaped(letter.encode_utf8(&mut [0; 4]));
        let more = written.encode_utf16().count();
        if length + more > longest {
            pieces.push(String::new());
            length = 0;
        }
        length += more;
        pieces.last_mut().expect("one at least").push_str(&written);
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// A link to this address that is called so.
pub(crate) fn link(address: &str, label: &str) -> String {
    let address = address.replace('|', "%7C").replace('<', "%3C").replace('>', "%3E").replace('&', "&amp;");
    format!("<{address}|{}>", escaped(label).replace(['|', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_its_writer_sees_it() {
        for (text, plain) in [
            ("hello", "hello"),
            ("me at <mailto:ana@example.com|ana@example.com>", "me at ana@example.com"),
            ("<tel:+49301234567|+49 30 1234567>", "+49 30 1234567"),
            ("<https://a.example/b?c=1&amp;d=2>", "https://a.example/b?c=1&d=2"),
            ("<http://a.example|a.example>", "a.example"),
            ("<@U012A3CDE> and <@U012A3CDE|ana>", "@U012A3CDE and @ana"),
            ("<#C012A3CDE|general> <#C012A3CDE|>", "#general #C012A3CDE"),
            ("<!here> <!subteam^S1|@team> <!date^1^{date}|Monday>", "@here @team Monday"),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
            ("&amp;lt;", "&lt;"),
            ("a < b", "a < b"),
            ("<", "<"),
            ("", ""),
        ] {
            assert_eq!(read(text), plain, "{text}");
        }
    }

    #[test]
    fn what_was_escaped_reads_back() {
        for text in ["<!channel> & <@U1|you>", "&lt;", "é <b>|</b>"] {
            assert_eq!(read(&escaped(text)), text);
            assert!(!escaped(text).contains(['<', '>']));
        }
    }

    #[test]
    fn pieces_are_no_longer_than_they_may_be_and_no_escape_is_cut() {
        let text = "&<>é👩".repeat(40);
        let pieces = escaped_pieces(&text, 17);
        assert!(pieces.iter().all(|piece| piece.encode_utf16().count() <= 17));
        assert_eq!(pieces.iter().map(|piece| read(piece)).collect::<String>(), text);
        assert_eq!(escaped_pieces(" \n", 17), Vec::<String>::new());
    }

    #[test]
    fn a_mention_of_the_bot_is_no_part_of_what_is_said() {
        for (text, user, said) in [
            ("<@U0LAN0Z89> hello", Some("U0LAN0Z89"), "hello"),
            ("<@U0LAN0Z89|bot>: hello", None, "hello"),
            (" <@U0LAN0Z89>", Some("U0LAN0Z89"), ""),
            ("<@UANA> hello", Some("U0LAN0Z89"), "<@UANA> hello"),
            ("hello <@U0LAN0Z89>", Some("U0LAN0Z89"), "hello <@U0LAN0Z89>"),
            ("hello", None, "hello"),
        ] {
            assert_eq!(without_mention(text, user), said);
        }
    }

    #[test]
    fn a_link_leads_where_it_says() {
        assert_eq!(link("https://a.example/?b|c>&d", "e|<f>"), "<https://a.example/?b%7Cc%3E&amp;d|e &lt;f&gt;>");
    }
}
