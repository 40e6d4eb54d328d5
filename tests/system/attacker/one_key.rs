//! Promise 1, one key for two effects: a mailer that drops the keys it knows drops no order of a session that begins again.

use std::time::Duration;

use flow_core::{Expiry, Resume};
use flow_memory::MemoryArchive;
use flow_proving::RedisServer;
use tokio::time::sleep;

use super::{
    ground::{Behind, Ground, redis_at},
    outside::{Outside, until, works},
    visitor::Visitor,
};
use crate::stage::by;

#[derive(Clone, Copy, Debug)]
enum Way {
    Expires,
    IsRemoved,
    IsErasedWithItsArchive,
}

async fn begins_again(ground: &Ground, way: Way) {
    let outside = Outside::default();
    let shop = outside.shop();
    let engine = ground.engine(match way {
        Way::Expires => shop.expiry(Expiry::default().idle(Duration::from_secs(1)).grace(Duration::ZERO)),
        Way::IsRemoved => shop,
        Way::IsErasedWithItsArchive => shop.archive(MemoryArchive::new()).resume(Resume::Never),
    });
    let visitor = Visitor::named("Ana");
    for order in ["mail tea", "mail cake", "mail milk"] {
        visitor.enters(&engine).await;
        visitor.says(&engine, order).await;
        works(&engine).await;
        match way {
            Way::Expires => {}
            Way::IsRemoved => assert!(engine.remove(visitor.id).await.expect("it is removed")),
            Way::IsErasedWithItsArchive => {
                assert!(engine.operator(by()).erase(visitor.id).await.expect("it is erased"));
            }
        }
        while ground.has(visitor.id).await {
            sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(
        (outside.mailed(), outside.dropped()),
        (["tea", "cake", "milk"].map(str::to_owned).to_vec(), Vec::new()),
        "{}: the session {way:?}",
        ground.name
    );
}

#[tokio::test]
async fn a_mailer_that_drops_the_keys_it_knows_gets_every_order_of_a_session_that_begins_again() {
    Ground::on_each(async |ground| {
        for way in [Way::Expires, Way::IsRemoved, Way::IsErasedWithItsArchive] {
            begins_again(&ground, way).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_had_not_heard_of_an_order_gives_its_key_to_no_other() {
    let (mut first, replica) = (RedisServer::start(), RedisServer::start());
    replica.ask(&["REPLICAOF", "127.0.0.1", &first.port().to_string()]);
    let outside = Outside::default();
    let over = async |server: &RedisServer| {
        let store = redis_at(&server.url(), "shop").await;
        Ground::over("Redis", store, Behind::None).engine(outside.shop())
    };
    let engine = over(&first).await;
    let visitor = Visitor::entered("Ana", &engine).await;
    // What the replica has of this it has of all before it.
    first.ask(&["SET", "marker", "here"]);
    assert!(until(|| replica.ask(&["GET", "marker"]).trim() == "here").await, "the replica follows");
    replica.ask(&["REPLICAOF", "NO", "ONE"]);
    visitor.says(&engine, "mail tea").await;
    works(&engine).await;
    first.kill();
    let engine = over(&replica).await;
    visitor.says(&engine, "mail cake").await;
    works(&engine).await;
    assert_eq!((outside.mailed(), outside.dropped()), (["tea", "cake"].map(str::to_owned).to_vec(), Vec::new()));
}
