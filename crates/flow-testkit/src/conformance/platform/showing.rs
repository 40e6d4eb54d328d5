//! What a bot says is seen, all of it, within what the platform takes.

use flow_core::{Attachment, Reply};
use flow_http::platform::rendered;

use super::{Counterpart, Shown, broken, kept, random::replies, stage::Stage};

/// Texts, labels, buttons, rows and captions, as the platform's documentation limits them and not as its `Screen` does.
pub async fn every_reply_fits<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for reply in replies() {
        for wire in rendered(stage.platform(), &reply) {
            if let Err(refused) = stage.counterpart.shown(&wire) {
                broken(&told(&reply), "each message of a reply is one that the platform takes", "Ok(…)", &refused);
            }
        }
    }
}

/// What cannot be shown as what it is stands in the text.
pub async fn nothing_of_a_reply_is_lost<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for reply in replies() {
        let shown = stage.shows(&reply);
        let text = solid(&shown.iter().map(|shown| shown.text.as_str()).collect::<String>());
        if shown.iter().any(|shown| shown.attachment.as_deref() == Some("template")) {
            // It goes alone: what is said in the text stands in what the platform has approved.
            continue;
        }
        let needed = words_of(&reply, &shown);
        for words in needed {
            if !text.contains(&solid(&words)) {
                broken(&told(&reply), "all that a reply says is read or seen", &format!("{words:?} in it"), &shown);
            }
        }
        let pressed: Vec<_> = shown.iter().flat_map(|shown| &shown.buttons).map(|(label, _)| label.as_str()).collect();
        if !pressed.is_empty() {
            let labels: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_str()).collect();
            kept(
                &told(&reply),
                "what can be chosen is shown in its order, each once, with its label",
                &pressed,
                &labels,
            );
        }
    }
}

/// A platform is asked for it once when a reply is sent, and again when it is not known whether it was.
pub async fn the_same_reply_looks_the_same<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for reply in replies() {
        let (first, again) = (stage.shows(&reply), stage.shows(&reply));
        kept(&told(&reply), "what a reply looks like is known by the reply alone", &again, &first);
    }
}

impl<C: Counterpart> Stage<C> {
    /// What is seen of a reply: of what the platform would not take, nothing.
    pub(super) fn shows(&self, reply: &Reply) -> Vec<Shown> {
        rendered(self.platform(), reply).iter().filter_map(|wire| self.counterpart.shown(wire).ok()).collect()
    }
}

/// What has to stand in the text, because it is not shown as what it is.
fn words_of(reply: &Reply, shown: &[Shown]) -> Vec<String> {
    let mut words = vec![reply.text().to_owned()];
    if !shown.iter().any(|shown| shown.link.as_deref() == reply.link()) {
        words.extend(reply.link().map(str::to_owned));
    }
    if shown.iter().all(|shown| shown.buttons.is_empty()) {
        // With the number that counts as an answer, where one does.
        let numbered = reply.choices().iter().zip(reply.numbers());
        words.extend(numbered.map(|(choice, number)| match number {
            Some(number) => format!("{number}. {}", choice.label),
            None => choice.label.clone(),
        }));
    }
    if let Some(attachment) = reply.attachment() {
        let is_shown = shown.iter().any(|shown| shown.attachment.as_deref() == Some(attachment.kind()));
        words.extend(words_of_attachment(attachment).into_iter().filter(|_| !is_shown));
    }
    words
}

fn words_of_attachment(attachment: &Attachment) -> Vec<String> {
    match attachment {
        Attachment::Image(file) | Attachment::File(file) => file.url().map(str::to_owned).into_iter().collect(),
        Attachment::Place(place) => {
            let named = place.name().into_iter().chain(place.address()).map(str::to_owned);
            let at = format!("{:.4}", place.latitude());
            named.chain([at]).collect()
        }
        Attachment::Contact(contact) => {
            let ways = contact.phones().iter().chain(contact.emails()).cloned();
            [contact.name().to_owned()].into_iter().chain(ways).collect()
        }
        _ => Vec::new(),
    }
}

/// Without spaces, which stand elsewhere where a text is cut.
fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What was said, for whoever reads that it is wrong.
fn told(reply: &Reply) -> String {
    let labels: Vec<_> = reply.choices().iter().map(|choice| (&*choice.label, choice.payload.len())).collect();
    let text: String = reply.text().chars().take(200).collect();
    let attachment = reply.attachment().map(Attachment::kind);
    format!(
        "a reply was rendered: a text of {} characters, {text:?}; {} choices, with labels and the length of what comes back: {labels:?}; \
         the link {:?}; the attachment {attachment:?}",
        reply.text().chars().count(),
        labels.len(),
        reply.link(),
    )
}
