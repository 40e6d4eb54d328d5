//! A reply is laid out for a platform's screen.

use flow_core::{Attachment, Choice, FileToSend, Reply, ReplyButton};

use super::{Offer, Part, Screen, screen::Rows, words::pieces};

/// The messages that a reply becomes: what goes with it first, what can be pressed last.
pub(super) fn parts<'r>(screen: &Screen, reply: &'r Reply) -> Vec<Part<'r>> {
    if let Some(template) = reply.attachment().filter(|attachment| attachment.template().is_some() && screen.templates)
    {
        return vec![Part { attachment: Some(template), ..text(String::new()) }];
    }
    let shown = reply.attachment().filter(|attachment| screen.shows(attachment));
    let offer = screen.offer(reply);
    let words = words(screen, reply, shown.is_none(), &offer);
    let mut parts = with_words(screen, &words, shown, &offer);
    if let Some(last) = parts.last_mut() {
        last.offer = offer;
        last.link = reply.link().filter(|_| screen.links);
    }
    parts
}

/// What goes with a reply, and its words: in one message if they fit under it.
fn with_words<'r>(screen: &Screen, words: &str, shown: Option<&'r Attachment>, offer: &Offer<'r>) -> Vec<Part<'r>> {
    let fits_under = shown.and_then(|attachment| screen.caption(attachment)).is_some_and(|caption| {
        let length = if *offer == Offer::Nothing { caption } else { caption.min(screen.asked) };
        let is_apart = screen.list_alone && matches!(offer, Offer::List(_));
        screen.counted.length(words) <= length && !is_apart
    });
    let mut parts: Vec<_> =
        shown.map(|attachment| Part { attachment: Some(attachment), ..text(String::new()) }).into_iter().collect();
    if let (true, Some(part)) = (fits_under, parts.last_mut()) {
        words.clone_into(&mut part.text);
        return parts;
    }
    parts.extend(texts(screen, words, offer).into_iter().map(text));
    parts
}

/// The words as texts that fit. The last of them may be shorter, because something to press stands under it.
fn texts(screen: &Screen, words: &str, offer: &Offer<'_>) -> Vec<String> {
    let mut texts = pieces(words, screen.counted, screen.text);
    if *offer == Offer::Nothing {
        return texts;
    }
    match texts.pop() {
        Some(last) => texts.extend(pieces(&last, screen.counted, screen.asked)),
        // Something stands above what is pressed.
        None => texts.push("…".to_owned()),
    }
    texts
}

fn text<'r>(text: String) -> Part<'r> {
    Part { text, offer: Offer::Nothing, link: None, attachment: None }
}

/// All that stands in words: the text, what goes with it where it cannot be shown, the link where none can be pressed, and what there
/// is to choose from where nothing can be.
fn words(screen: &Screen, reply: &Reply, tells_attachment: bool, offer: &Offer<'_>) -> String {
    let mut paragraphs = vec![reply.text().trim().to_owned()];
    if tells_attachment {
        paragraphs.extend(reply.attachment().and_then(in_words));
    }
    if !screen.links {
        paragraphs.extend(reply.link().map(str::to_owned));
    }
    if *offer == Offer::Nothing {
        paragraphs.push(numbered(reply));
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

/// What there is to choose from, a line each: with the number that counts as an answer, if one does, and what works at any time last.
fn numbered(reply: &Reply) -> String {
    let (menu, answers): (Vec<_>, Vec<_>) =
        reply.choices().iter().zip(reply.numbers()).partition(|(choice, _)| choice.is_menu());
    let line = |(choice, number): (&Choice, Option<usize>)| match number {
        Some(number) => format!("{number}. {}", choice.label),
        None => format!("- {}", choice.label),
    };
    answers.into_iter().chain(menu).map(line).collect::<Vec<_>>().join("\n")
}

/// What an attachment says where it cannot be shown, if words can. The text of a template says the same as it does.
fn in_words(attachment: &Attachment) -> Option<String> {
    match attachment {
        Attachment::Image(file) | Attachment::File(file) => named(file),
        Attachment::Place(place) => {
            let at = format!("{:.5}, {:.5}", place.latitude(), place.longitude());
            Some(lines([place.name(), place.address(), Some(&*at)]))
        }
        Attachment::Contact(contact) => {
            let ways = contact.phones().iter().chain(contact.emails());
            Some(lines([Some(contact.name())].into_iter().chain(ways.map(|way| Some(way.as_str())))))
        }
        _ => None,
    }
}

/// The address of a file. One that a visitor sent has none.
fn named(file: &FileToSend) -> Option<String> {
    file.url().map(|url| lines([file.name(), Some(url)]))
}

fn lines<'l>(lines: impl IntoIterator<Item = Option<&'l str>>) -> String {
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

impl Screen {
    /// Whether it shows this as what it is.
    fn shows(&self, attachment: &Attachment) -> bool {
        match attachment {
            Attachment::Image(_) => self.images.is_some(),
            Attachment::File(_) => self.files.is_some(),
            Attachment::Place(_) => self.places,
            Attachment::Contact(_) => self.contacts,
            _ => false,
        }
    }

    /// How long the text under this may be; none if nothing can stand there.
    fn caption(&self, attachment: &Attachment) -> Option<usize> {
        match attachment {
            Attachment::Image(_) => self.images,
            Attachment::File(_) => self.files,
            _ => None,
        }
        .filter(|caption| *caption > 0)
    }

    /// How the choices of a reply are shown.
    fn offer<'r>(&self, reply: &'r Reply) -> Offer<'r> {
        let buttons = reply.buttons();
        if buttons.is_empty() {
            return Offer::Nothing;
        }
        let fit = |rows: Option<Rows>| rows.is_some_and(|rows| self.fit(&buttons, rows));
        match (fit(self.buttons), fit(self.list)) {
            (true, _) => Offer::Buttons(buttons),
            (_, true) => Offer::List(buttons),
            _ => Offer::Nothing,
        }
    }

    fn fit(&self, buttons: &[ReplyButton<'_>], rows: Rows) -> bool {
        let fits = |button: &ReplyButton<'_>| {
            self.counted.length(button.label()) <= rows.label && button.token().len() <= rows.token
        };
        buttons.len() <= rows.most && buttons.iter().all(fits)
    }
}
