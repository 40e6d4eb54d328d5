//! What an inbox keeps, and how much of it.

use flow_core::{
    SessionId,
    store::{Letter, Post, Posted},
};
use uuid::Uuid;

use super::letter;
use crate::conformance::{
    Subject,
    promise::{kept, succeeded},
    racing::together,
    subject::{ALL_LETTERS, FLOW, LETTERS, REMOVE, create, follow},
};

const POST: &str = "`post` puts a letter at the end of the inbox and answers `First` or `Behind`; `Known` if one of its name waits, \
    and `Full` if there is no room, and then nothing changes";

/// Also where nothing else is stored of the session.
pub async fn letters_wait_in_the_order_of_their_posting(subject: Subject) {
    let (id, other) = (SessionId::random(), SessionId::random());
    let letters = [letter(b"one"), letter(b"two"), letter(b"three")];
    let done = "three letters were posted to a session that has nothing else";
    let mut answers = Vec::new();
    for letter in &letters {
        answers.push(subject.post(id, letter, 100).await);
    }
    kept(done, POST, &answers, &vec![Posted::First, Posted::Behind, Posted::Behind]);
    kept(done, LETTERS, &subject.letters(id, ALL_LETTERS).await, &letters.to_vec());
    subject.loads_nothing(id, done).await;
    subject.keeps(other, &[], "letters were posted to another session").await;
}

/// One by one, or a few together.
pub async fn no_more_letters_are_loaded_than_were_asked_for(subject: Subject) {
    let id = SessionId::random();
    let letters = [letter(b"one"), letter(b"two"), letter(b"three")];
    for letter in &letters {
        subject.post(id, letter, 100).await;
    }
    for limit in [0, 1, 2, 4] {
        let done = format!("three letters wait, and up to {limit} of them were loaded");
        let names: Vec<_> = letters.iter().take(limit).map(|letter| letter.name).collect();
        kept(&done, LETTERS, &subject.names(id, limit).await, &names);
    }
}

/// Whatever stands in it: no text, the marks of other formats, nothing at all.
pub async fn every_letter_comes_back_byte_for_byte(subject: Subject) {
    let id = SessionId::random();
    let all: Vec<u8> = (0..=255).cycle().take(4096).collect();
    let bodies = [vec![], vec![0], vec![0xff; 17], b"{\"text\":\"\\u0000\"}".to_vec(), "Grüße 👋".into(), all];
    let letters: Vec<_> = bodies.into_iter().map(|body| Letter::new(Uuid::new_v4().into_bytes(), body)).collect();
    for letter in &letters {
        subject.post(id, letter, 100).await;
    }
    kept("letters of all kinds of bytes were posted", LETTERS, &subject.letters(id, ALL_LETTERS).await, &letters);
}

/// What its channel delivers twice waits once, as it was first.
pub async fn a_letter_that_waits_is_known_when_it_is_posted_again(subject: Subject) {
    let id = SessionId::random();
    let (first, second) = (letter(b"one"), letter(b"two"));
    for letter in [&first, &second] {
        subject.post(id, letter, 100).await;
    }
    let done = "two letters were posted, and each of them again with another body";
    for name in [first.name, second.name] {
        let again = Letter::new(name, &b"another"[..]);
        kept(done, POST, &subject.post(id, &again, 100).await, &Posted::Known);
    }
    kept(done, LETTERS, &subject.letters(id, ALL_LETTERS).await, &vec![first.clone(), second]);
    let elsewhere = subject.post(SessionId::random(), &first, 100).await;
    kept("a letter that waits in one session was posted to another", POST, &elsewhere, &Posted::First);
}

/// In letters and in bytes; what is known already is known in a full inbox too.
pub async fn a_full_inbox_takes_no_letter(subject: Subject) {
    let id = SessionId::random();
    let post = |letter: &Letter, letters, bytes| {
        let post = Post::new(id, FLOW, letter.clone(), subject.moments(100)).room(letters, bytes);
        let store = subject.store();
        async move { succeeded("a letter was posted", store.post(post).await) }
    };
    let (first, second, third) = (letter(b"12345"), letter(b"67890"), letter(b"x"));
    let mut answers = vec![post(&first, 0, 100).await, post(&first, 1, 4).await, post(&first, 1, 5).await];
    answers.extend([post(&second, 1, 100).await, post(&second, 2, 9).await, post(&second, 2, 10).await]);
    answers.extend([post(&third, 2, 100).await, post(&second, 2, 10).await]);
    let done = "letters of five, five and one byte were posted to an inbox with room for so many letters and bytes: 0 and 100, 1 and \
        4, 1 and 5; 1 and 100, 2 and 9, 2 and 10; 2 and 100, and then the second again";
    kept(
        done,
        POST,
        &answers,
        &vec![
            Posted::Full,
            Posted::Full,
            Posted::First,
            Posted::Full,
            Posted::Full,
            Posted::Behind,
            Posted::Full,
            Posted::Known,
        ],
    );
    subject.keeps(id, &[&first, &second], done).await;
}

/// A turn that is under way commits, whatever is posted meanwhile.
pub async fn a_post_leaves_the_record_as_it_is(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body")).await;
    subject.post(id, &letter(b"one"), 100).await;
    let done = "a session was created, and a letter posted to it";
    subject.loads(id, Some(&record), done).await;
    subject.commits(follow(id, &record, b"next"), &format!("{done}, before a writer who had not seen it")).await;
}

/// A letter is no turn: it renews nothing.
pub async fn a_post_does_not_renew_the_time_to_live(subject: Subject) {
    let id = SessionId::random();
    subject.write(create(id, b"body").time_to_live(subject.moments(2))).await;
    subject.pass(1).await;
    subject.post(id, &letter(b"one"), 100).await;
    subject.pass(2).await;
    subject
        .loads_nothing(id, "a session was created for two moments, a letter was posted after one, and two more passed")
        .await;
}

/// They wait for the conversation that begins next.
pub async fn letters_outlive_the_record_that_expires(subject: Subject) {
    let id = SessionId::random();
    subject.write(create(id, b"body").time_to_live(subject.moments(1))).await;
    let waiting = letter(b"one");
    subject.post(id, &waiting, 100).await;
    subject.pass(2).await;
    // Other writers may sweep.
    subject.fill(10).await;
    let done = "a session was created for a moment, a letter was posted to it, and two moments passed";
    subject.loads_nothing(id, done).await;
    subject.keeps(id, &[&waiting], done).await;
}

/// Whether or not there is a record.
pub async fn a_removed_session_has_no_letters(subject: Subject) {
    for has_record in [true, false] {
        let id = SessionId::random();
        if has_record {
            subject.write(create(id, b"body")).await;
        }
        subject.post(id, &letter(b"one"), 0).await;
        let done =
            format!("a session {} a record, with a letter, was removed", if has_record { "with" } else { "without" });
        let removed = succeeded("a session was removed", subject.store().remove(id).await);
        kept(&done, REMOVE, &removed, &true);
        subject.keeps(id, &[], &done).await;
        subject.pass(1).await;
        subject.are_due(10, &[], &done).await;
        let again = succeeded("a session was removed", subject.store().remove(id).await);
        kept(&format!("{done}, and once more"), REMOVE, &again, &false);
    }
}

/// However many post at the same time, one of them is told to go on with it, and every letter is there.
pub async fn of_fifty_racing_posters_one_is_the_first(subject: Subject) {
    let id = SessionId::random();
    let done = "fifty letters were posted to an empty inbox at the same time";
    let answers = together(50, |_| {
        let post = Post::new(id, FLOW, letter(b"body"), subject.moments(100));
        let store = subject.store();
        async move { (post.letter.name, succeeded(done, store.post(post).await)) }
    })
    .await;
    let first: Vec<_> = answers.iter().filter(|(_, posted)| *posted == Posted::First).map(|(name, _)| *name).collect();
    let waiting = subject.names(id, ALL_LETTERS).await;
    kept(&format!("{done}: which of them were the first?"), POST, &first, &waiting[..1.min(waiting.len())].to_vec());
    let sorted = |mut names: Vec<[u8; 16]>| {
        names.sort_unstable();
        names
    };
    let posted = answers.into_iter().map(|(name, _)| name).collect();
    kept(&format!("{done}: which of them wait?"), LETTERS, &sorted(waiting), &sorted(posted));
}
