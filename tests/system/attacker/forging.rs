//! Promise 5, forged ids: no id from outside, however it is spelt, keeps a bell from ringing.

use std::time::Duration;

use flow_core::Input;
use tokio::time::sleep;

use super::{
    ground::Ground,
    outside::{Outside, works},
    visitor::Visitor,
};

/// Every way that a timer's id of this session was, or might be, written.
pub(super) fn spellings() -> impl Iterator<Item = String> {
    let versions = 1..=6;
    versions.flat_map(|version| {
        let name = format!("reminder Bell/{version}");
        [
            format!("\u{1}{name}"),
            name.clone(),
            format!("{{\"timer\":[{{\"reminder\":\"Bell\"}},{{\"version\":{version}}}]}}"),
        ]
    })
}

async fn attack(ground: Ground) {
    let outside = Outside::default();
    let engine = ground.engine(outside.shop());
    let visitors = Visitor::several(5);
    for visitor in &visitors {
        visitor.enters(&engine).await;
        visitor.says(&engine, "ring 1000").await;
        for id in spellings() {
            // Whether it is refused or taken is the engine's choice.
            drop(visitor.tries(&engine, Input::text("hello").with_id(id)).await);
        }
    }
    sleep(Duration::from_millis(1_050)).await;
    works(&engine).await;
    let silent = visitors.iter().filter(|visitor| outside.rung(visitor.id).len() != 1).count();
    assert_eq!(silent, 0, "{}: of {} bells so many did not ring once", ground.name, visitors.len());
}

#[tokio::test]
async fn a_visitor_who_spells_message_ids_as_a_timers_still_hears_the_bell() {
    Ground::on_each(attack).await;
}
