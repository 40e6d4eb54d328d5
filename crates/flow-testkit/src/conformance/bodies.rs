//! What a record holds is not the store's business.

use flow_core::SessionId;

use super::{
    Subject,
    subject::{create, follow},
};

/// Nothing, text in any script, and bytes that are no text: a codec may have sealed them.
pub async fn every_body_comes_back_byte_for_byte(subject: Subject) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let text = "Grüße, 你好, שלום, 👩‍👩‍👧, e\u{301}, \u{202e}, \u{0}, \r\n, ' \" \\ % {} ; --";
    for body in [&b""[..], b" ", b"null", text.as_bytes(), &every_byte] {
        let id = SessionId::random();
        let first = subject.write(create(id, body)).await;
        assert_eq!(subject.load(id).await.as_ref(), Some(&first));
        // A second write, because a store may insert in one way and update in another.
        let second = subject.write(follow(id, &first, body)).await;
        let loaded = subject.load(id).await.expect("a record");
        assert_eq!(loaded.bytes(), second.bytes());
        assert_eq!(loaded.body(), body);
    }
}

/// A conversation may grow long.
pub async fn a_body_of_a_mebibyte_comes_back_byte_for_byte(subject: Subject) {
    let id = SessionId::random();
    let body: Vec<u8> = (0..1 << 20_u32).map(|index: u32| index.to_le_bytes()[index as usize % 4]).collect();
    subject.write(create(id, &body)).await;
    let loaded = subject.load(id).await.expect("a record");
    assert!(loaded.body() == body, "a body of a mebibyte came back changed");
}
