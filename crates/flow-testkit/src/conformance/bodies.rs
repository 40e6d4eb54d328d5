//! What a record holds is not the store's business.

use flow_core::{Record, SessionId};

use super::{
    Subject,
    promise::{broken, kept},
    subject::{LOAD, create, follow},
};

/// Nothing, text in any script, and bytes that are no text: a wrapper around the store may have sealed them.
pub async fn every_body_comes_back_byte_for_byte(subject: Subject) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let text = "Grüße, 你好, שלום, 👩‍👩‍👧, e\u{301}, \u{202e}, \u{0}, \r\n, ' \" \\ % {} ; --";
    for body in [&b""[..], b" ", b"null", text.as_bytes(), &every_byte] {
        let (id, done) = (SessionId::random(), format!("a session was created with the body {body:?}"));
        let first = subject.write(create(id, body)).await;
        subject.loads(id, Some(&first), &done).await;
        // A second write, because a store may insert in one way and update in another.
        let second = subject.write(follow(id, &first, body)).await;
        let done = format!("{done}, and followed by a record with the same body");
        let loaded = subject.load(id).await;
        kept(&done, LOAD, &loaded.as_ref().map(Record::bytes), &Some(second.bytes()));
        kept(&done, LOAD, &loaded.map(|record| record.body().to_vec()), &Some(body.to_vec()));
    }
}

/// A conversation may grow long.
pub async fn a_body_of_a_mebibyte_comes_back_byte_for_byte(subject: Subject) {
    let id = SessionId::random();
    let body: Vec<u8> = (0..1 << 20_u32).map(|index: u32| index.to_le_bytes()[index as usize % 4]).collect();
    subject.write(create(id, &body)).await;
    let loaded = subject.load(id).await.map(|record| record.body());
    if loaded.as_deref() != Some(&body[..]) {
        let came = loaded.map(|body| format!("a changed body of {} bytes", body.len()));
        broken("a session was created with a body of a mebibyte", LOAD, "the same bytes", &came);
    }
}
