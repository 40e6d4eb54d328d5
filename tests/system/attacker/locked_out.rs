//! Promise 9, a damaged record does not lock its visitor out: where that is declared the talk goes on, and what is unknown stays.

use std::time::Duration;

use flow_core::{Resume, engine::Damage};
use flow_memory::MemoryArchive;

use super::{
    ground::Ground,
    outside::{Outside, works},
    tampering::WAYS,
    visitor::Visitor,
};

const TRIES: usize = 5;

#[tokio::test]
async fn a_visitor_whose_record_was_damaged_in_any_of_eight_ways_begins_anew_by_writing_again() {
    for ground in Ground::with_bytes().await {
        let outside = Outside::default();
        let keep = Duration::from_secs(3600);
        let engine = ground.engine(outside.shop().damage(Damage::Quarantine { keep }).warm(0));
        let (other, mut locked_out) = (Visitor::entered("Max", &engine).await, Vec::new());
        for (way, tampering) in WAYS {
            let visitor = Visitor::entered("Zoe", &engine).await;
            ground.plant(visitor.id, &tampering(&ground.bytes(visitor.id), &ground.bytes(other.id)));
            let mut greeted = false;
            for _ in 0..TRIES {
                greeted |= visitor.tries(&engine, "hi").await.is_ok_and(|said| said.texts() == ["Who is it?"]);
            }
            if !greeted {
                locked_out.push(way);
            }
        }
        assert!(locked_out.is_empty(), "{}: locked out where {locked_out:?}", ground.name);
        other.says(&engine, "mail cake").await;
        works(&engine).await;
        assert_eq!(outside.mailed(), ["cake"], "{}: nobody else was harmed", ground.name);
    }
}

#[tokio::test]
async fn a_visitor_whose_damaged_record_was_archived_goes_on_from_there() {
    for ground in Ground::with_bytes().await {
        let outside = Outside::default();
        let keep = Duration::from_secs(3600);
        let shop =
            outside.shop().damage(Damage::Quarantine { keep }).archive(MemoryArchive::new()).resume(Resume::Unexpired);
        let engine = ground.engine(shop.archival(flow_core::Archival::default().interval(Duration::ZERO)));
        let visitor = Visitor::entered("Zoe", &engine).await;
        works(&engine).await;
        let bytes = ground.bytes(visitor.id);
        ground.plant(visitor.id, &bytes[..bytes.len() - 3]);
        let said = visitor.says(&engine, "mail tea").await;
        assert_eq!(said.texts(), ["Zoe: mail tea"], "{}: as if nothing had been", ground.name);
    }
}
