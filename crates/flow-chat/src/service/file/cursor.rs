//! A place in the text of a settings file, which goes forward: [`Cursor`].

use crate::service::{mistake::Fault, written::Written};

/// A place in a text.
pub(super) struct Cursor<'t> {
    rest: &'t str,
    line: usize,
}

/// What a value may be.
const VALUES: &str = "a value is a text in quotes such as `\"24h\"`, a whole number, `true`, `false` or a list such as \
                      `[\"a\", \"b\"]`";

impl<'t> Cursor<'t> {
    pub(super) fn at_the_beginning_of(text: &'t str) -> Self {
        Self { rest: text, line: 1 }
    }

    /// The number of the line.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn is_at(&self, start: char) -> bool {
        self.rest.starts_with(start)
    }

    /// Goes on to what is neither space nor comment, on this line or a later one; false at the end.
    pub(super) fn find_something(&mut self) -> bool {
        loop {
            self.skip_spaces();
            if self.rest.is_empty() || !(self.is_at_end_of_line() || self.is_at('#')) {
                return !self.rest.is_empty();
            }
            // A comment that is not well-formed is a mistake that the caller finds.
            if self.is_at('#') && !self.skip_comment() {
                return true;
            }
            self.skip_line();
        }
    }

    /// Goes on behind the end of the line.
    pub(super) fn skip_line(&mut self) {
        match self.rest.split_once('\n') {
            Some((_, rest)) => (self.rest, self.line) = (rest, self.line + 1),
            None => self.rest = "",
        }
    }

    /// `[name.name]`, with the end of its line.
    pub(super) fn group(&mut self) -> Result<String, Fault> {
        self.takes("[");
        let fault = || Fault::new("no group", "a group is written `[expiry]`, on a line of its own");
        let name = self.name(|letter| is_of_name(letter) || letter == '.');
        if name.split('.').any(str::is_empty) || !self.takes("]") {
            return Err(fault());
        }
        self.end_of_line().map_err(|_| fault())?;
        Ok(name.to_owned())
    }

    /// `name = value`, with the end of its line.
    pub(super) fn setting(&mut self) -> Result<(String, Written), Fault> {
        let name = self.name(is_of_name).to_owned();
        if !name.is_empty() && self.is_at('.') {
            let right = format!("write `[{name}]` on a line of its own, and the setting below it");
            return Err(Fault::new("a setting with its group on one line", right));
        }
        self.skip_spaces();
        if name.is_empty() || !self.takes("=") {
            return Err(Fault::new("no setting", "a setting is written `name = value`"));
        }
        self.skip_spaces();
        let value = self.value()?;
        self.end_of_line()?;
        Ok((name, value))
    }

    fn value(&mut self) -> Result<Written, Fault> {
        if self.is_at('[') {
            return self.list().map(Written::List);
        }
        if self.is_at('"') || self.is_at('\'') {
            return self.text().map(Written::Text);
        }
        let word = self.name(|letter| !letter.is_whitespace() && !['#', ',', ']'].contains(&letter));
        match word {
            "true" => Ok(Written::Switch(true)),
            "false" => Ok(Written::Switch(false)),
            "" => Err(Fault::new("no value", VALUES)),
            word if word.starts_with(|letter: char| letter.is_ascii_digit() || ['+', '-'].contains(&letter)) => {
                whole_number(word).map(Written::Number).ok_or_else(|| Fault::new("no whole number", VALUES))
            }
            _ => Err(Fault::new("no value", VALUES)),
        }
    }

    /// `["a", "b"]`, on as many lines as it likes.
    fn list(&mut self) -> Result<Vec<String>, Fault> {
        let fault = || Fault::new("no list", "a list is written `[\"a\", \"b\"]`");
        self.takes("[");
        let mut list = Vec::new();
        loop {
            if !self.find_something() {
                return Err(fault());
            }
            if self.takes("]") {
                return Ok(list);
            }
            if !(self.is_at('"') || self.is_at('\'')) {
                return Err(fault());
            }
            list.push(self.text()?);
            if !self.find_something() || !(self.takes(",") || self.is_at(']')) {
                return Err(fault());
            }
        }
    }

    /// `"text"` with escapes, or `'text'` without.
    fn text(&mut self) -> Result<String, Fault> {
        if self.rest.starts_with("\"\"\"") || self.rest.starts_with("'''") {
            return Err(Fault::new("a text on several lines", "a text stands on one line; `\\n` breaks it"));
        }
        let quote = self.next().unwrap_or('"');
        let open = || Fault::new("a text that does not end", "a text stands in quotes, on one line");
        let mut text = String::new();
        loop {
            if self.is_at_end_of_line() {
                return Err(open());
            }
            match self.next() {
                None => return Err(open()),
                Some(letter) if letter == quote => return Ok(text),
                Some('\\') if quote == '"' => text.push(self.escaped()?),
                Some(letter) if letter.is_ascii_control() && letter != '\t' => {
                    return Err(Fault::plain("a text with a control character"));
                }
                Some(letter) => text.push(letter),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Fault> {
        let fault =
            || Fault::new("an unknown `\\…` in a text", "`\\\\` is a backslash, and texts in `'…'` have no escapes");
        match self.next() {
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some(letter @ ('"' | '\\')) => Ok(letter),
            Some('u') => self.unicode(4).ok_or_else(fault),
            Some('U') => self.unicode(8).ok_or_else(fault),
            _ => Err(fault()),
        }
    }

    fn unicode(&mut self, digits: usize) -> Option<char> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        let is_hexadecimal = number.bytes().all(|digit| digit.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(number, 16).ok().filter(|_| is_hexadecimal)?)
    }

    /// Nothing but a comment up to the end of the line.
    fn end_of_line(&mut self) -> Result<(), Fault> {
        self.skip_spaces();
        let is_comment = self.is_at('#') && self.skip_comment();
        if !(self.rest.is_empty() || self.is_at_end_of_line() || is_comment) {
            return Err(Fault::new("more than one value", VALUES));
        }
        self.skip_line();
        Ok(())
    }

    /// Goes on to the end of the line; stays where it is, and answers false, if there is a control character before it.
    fn skip_comment(&mut self) -> bool {
        let comment = self.rest;
        while !self.rest.is_empty() && !self.is_at_end_of_line() {
            if self.next().is_some_and(|letter| letter.is_ascii_control() && letter != '\t') {
                self.rest = comment;
                return false;
            }
        }
        true
    }

    fn is_at_end_of_line(&self) -> bool {
        self.rest.starts_with('\n') || self.rest.starts_with("\r\n")
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn takes(&mut self, start: &str) -> bool {
        self.rest.strip_prefix(start).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn name(&mut self, is_of_it: impl Fn(char) -> bool) -> &'t str {
        let (name, rest) = self.rest.split_at(self.rest.find(|letter| !is_of_it(letter)).unwrap_or(self.rest.len()));
        self.rest = rest;
        name
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
}

/// A number as TOML has it: an underscore stands between two digits, and none but `0` begins with it.
fn whole_number(word: &str) -> Option<i64> {
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let parts_are_digits =
        digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()));
    if !parts_are_digits || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    word.replace('_', "").parse().ok()
}
