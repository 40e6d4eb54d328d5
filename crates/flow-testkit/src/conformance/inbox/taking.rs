//! How letters are taken off, by the commit that has taken them up.

use flow_core::{
    SessionId,
    store::{Letter, Post, Posted, Verdict},
};

use super::letter;
use crate::conformance::{
    Subject,
    promise::{broken, kept, succeeded},
    racing::together,
    subject::{FLOW, LETTERS, at, create, follow},
};

const LEFT: &str = "`Done` tells how many letters are left";

/// The first, or the first few; of a session that begins with it, or goes on.
pub async fn a_commit_takes_its_letters_off(subject: Subject) {
    let id = SessionId::random();
    let letters = [letter(b"one"), letter(b"two"), letter(b"three"), letter(b"four")];
    for letter in &letters {
        subject.post(id, letter, 100).await;
    }
    let first = create(id, b"body").takes([letters[0].name]);
    let record = first.record.clone();
    let done = "four letters wait, and a commit took the first";
    kept(done, LEFT, &subject.leaves(first).await, &3);
    subject.keeps(id, &[&letters[1], &letters[2], &letters[3]], done).await;
    let done = "three letters wait, and a commit took two of them";
    let next = follow(id, &record, b"next").takes([letters[1].name, letters[2].name]);
    kept(done, LEFT, &subject.leaves(next).await, &1);
    subject.keeps(id, &[&letters[3]], done).await;
}

/// A turn of another kind leaves them where they are.
pub async fn a_commit_that_takes_none_leaves_them_all(subject: Subject) {
    let id = SessionId::random();
    let waiting = letter(b"one");
    subject.post(id, &waiting, 100).await;
    let done = "a letter waits, and a commit took none";
    kept(done, LEFT, &subject.leaves(create(id, b"body")).await, &1);
    subject.keeps(id, &[&waiting], done).await;
    let nothing = SessionId::random();
    kept("no letter waits, and a commit took none", LEFT, &subject.leaves(create(nothing, b"body")).await, &0);
}

/// Who comes second takes nothing, because its record is not stored.
pub async fn a_conflict_takes_no_letter(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body")).await;
    let waiting = letter(b"one");
    subject.post(id, &waiting, 100).await;
    let winner = subject.write(follow(id, &record, b"the winner")).await;
    let late = follow(id, &record, b"the loser").takes([waiting.name]);
    subject.conflicts(late, Some(&winner), "a letter waits, and a commit that would take it came second").await;
    subject.keeps(id, &[&waiting], "a letter waits, and a commit that would take it came second").await;
}

/// Who has not looked into the inbox lets pass what waits there before what it takes itself.
pub async fn a_commit_in_line_overtakes_no_letter(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body").in_line(true)).await;
    let (own, another) = (letter(b"own"), letter(b"another"));
    subject.post(id, &own, 100).await;
    let done = "a letter waits, and a commit that lets letters pass came";
    subject.conflicts(follow(id, &record, b"too soon").in_line(true), Some(&record), done).await;
    subject.keeps(id, &[&own], done).await;
    let done = "a letter waits, and a commit that lets letters pass has taken it";
    let next = follow(id, &record, b"its own").in_line(true).takes([own.name]);
    let record = next.record.clone();
    kept(done, LEFT, &subject.leaves(next.clone()).await, &0);
    subject.post(id, &another, 100).await;
    subject.post(id, &own, 100).await;
    let done = "two letters wait, and a commit that lets letters pass would take the second";
    let too_soon = follow(id, &record, b"too soon").in_line(true).takes([own.name]);
    subject.conflicts(too_soon, Some(&record), done).await;
    subject.keeps(id, &[&another, &own], done).await;
    let done = "two letters wait, and a commit that let letters pass came again: it was stored before them";
    kept(done, LEFT, &subject.leaves(next).await, &2);
    let done = "two letters wait, and a commit that lets letters pass has taken the first";
    let next = follow(id, &record, b"the first").in_line(true).takes([another.name]);
    kept(done, LEFT, &subject.leaves(next).await, &1);
    subject.keeps(id, &[&own], done).await;
    let new = SessionId::random();
    subject.post(new, &another, 100).await;
    let done = "a letter waits for a session that is not there, and a commit that lets letters pass would begin it";
    subject.conflicts(create(new, b"too soon").in_line(true), None, done).await;
}

/// Whoever did not hear the answer asks again, and takes nothing that was posted since.
pub async fn the_same_commit_again_takes_no_letter(subject: Subject) {
    let id = SessionId::random();
    let (first, behind) = (letter(b"one"), letter(b"two"));
    for letter in [&first, &behind] {
        subject.post(id, letter, 100).await;
    }
    let commit = create(id, b"body").takes([first.name]);
    subject.leaves(commit.clone()).await;
    let done = "two letters waited, a commit took the first, and came again";
    kept(done, LEFT, &subject.leaves(commit.clone()).await, &1);
    subject.keeps(id, &[&behind], done).await;
}

/// Whoever is slow takes nothing that it has not seen: a session that was removed meanwhile, and written to again, keeps what
/// came since.
pub async fn a_letter_that_was_not_taken_up_stays(subject: Subject) {
    let id = SessionId::random();
    let (seen, posted_since) = (letter(b"one"), letter(b"two"));
    subject.post(id, &seen, 100).await;
    succeeded("a session was removed", subject.store().remove(id).await);
    subject.post(id, &posted_since, 100).await;
    let done = "a letter was posted, the session was removed, another letter was posted, and then came a commit that takes the first";
    kept(done, LEFT, &subject.leaves(create(id, b"body").takes([seen.name])).await, &1);
    subject.keeps(id, &[&posted_since], done).await;
}

/// Fifty post, and one takes off what it finds, until nothing is left: every letter is taken off once, by a record that has it.
pub async fn no_letter_is_lost_between_posters_and_a_writer(subject: Subject) {
    let id = SessionId::random();
    let done = "fifty letters were posted at the same time, while a writer took off one after the other";
    let posters = together(50, |_| {
        let (store, lease) = (subject.store(), subject.moments(100));
        async move {
            let post = Post::new(id, FLOW, letter(b"body"), lease);
            let name = post.letter.name;
            kept(done, "there is room", &(succeeded(done, store.post(post).await) == Posted::Full), &false);
            name
        }
    });
    let writer = async {
        let (store, mut taken, mut stored) = (subject.store(), Vec::new(), None);
        let mut looks = 0;
        while taken.len() < 50 {
            looks += 1;
            if looks > 100_000 {
                broken(done, LETTERS, "fifty letters", &taken.len());
            }
            let loaded = succeeded(done, store.load(id, 1).await);
            let Some(Letter { name, .. }) = loaded.letters.first().cloned() else {
                tokio::task::yield_now().await;
                continue;
            };
            let commit = match &stored {
                None => create(id, b"body"),
                Some(record) => follow(id, record, b"body"),
            };
            let record = commit.record.clone();
            match succeeded(done, store.commit(commit.takes([name])).await) {
                Verdict::Done { .. } => (taken.push(name), stored = Some(record)),
                Verdict::Conflict(loaded) => broken(done, "there is one writer", "Done", &loaded),
            };
        }
        taken
    };
    let (mut posted, mut taken) = tokio::join!(posters, writer);
    posted.sort_unstable();
    taken.sort_unstable();
    kept(done, LETTERS, &taken, &posted);
    subject.keeps(id, &[], done).await;
}

/// A stale writer, who knows the session by a stamp that is no more, takes nothing either.
pub async fn a_commit_to_a_removed_session_takes_no_letter(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body")).await;
    succeeded("a session was removed", subject.store().remove(id).await);
    let waiting = letter(b"one");
    subject.post(id, &waiting, 100).await;
    let done = "a session was removed, a letter was posted, and a writer who still knew the record came with a commit that takes it";
    let next = follow(id, &record, b"next").record;
    let commit = at(id, record.stamp(), next).takes([waiting.name]);
    subject.conflicts(commit, None, done).await;
    subject.keeps(id, &[&waiting], done).await;
}
