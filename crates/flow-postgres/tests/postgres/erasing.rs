//! An erasure and an entry in flight: whichever comes first, nothing is left.

use std::sync::Arc;

use flow_core::{
    Archive,
    archive::{Entry, Kept},
};
use flow_postgres::{PostgresArchive, PostgresStore};
use flow_testkit::conformance::archive::seed;
use tokio_postgres::{Client, NoTls};

use crate::server::{SERVER, in_schema, own_schema, wait_until};

/// An archive, and a connection that holds up others in the middle of their transactions.
struct Scene {
    schema: String,
    store: PostgresStore,
    holder: Client,
}

impl Scene {
    async fn new() -> Self {
        let schema = own_schema();
        let store = in_schema(&schema).connect().await.expect("a store");
        let (holder, connection) = tokio_postgres::connect(&SERVER.url("postgres"), NoTls).await.expect("a client");
        tokio::spawn(connection);
        Self { schema, store, holder }
    }

    fn archive(&self) -> Arc<PostgresArchive> {
        Arc::new(self.store.archive())
    }

    /// Holds up every transaction that writes to the table.
    async fn hold(&self, table: &str) {
        let sql = format!("BEGIN; LOCK TABLE {}.{table} IN SHARE MODE", self.schema);
        self.holder.batch_execute(&sql).await.expect("a lock");
    }

    async fn let_go(&self) {
        self.holder.batch_execute("COMMIT").await.expect("an end");
    }

    /// Waits until so many transactions wait for a lock.
    async fn wait_for(&self, waiting: usize) {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND EXISTS (
                SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                WHERE pg_locks.pid = pg_stat_activity.pid AND relnamespace = '{}'::regnamespace)",
            self.schema
        );
        wait_until(&sql, &waiting.to_string()).await;
    }

    async fn holds_nothing_of(&self, entry: &Entry) {
        let archive = self.archive();
        assert_eq!(archive.latest(entry.id).await.expect("an archive").archived, None);
        for table in ["sessions", "transitions", "checkpoints"] {
            let sql = format!("SELECT count(*) FROM {}.{table} WHERE session = '{}'", self.schema, entry.id);
            assert_eq!(SERVER.ask(&sql), "0", "{table}");
        }
    }
}

/// The seeded session that ends, with a checkpoint.
fn booked() -> Entry {
    seed().remove(0)
}

async fn put(archive: Arc<PostgresArchive>, entry: Entry) -> Kept {
    archive.put(&[entry]).await.expect("an archive").remove(0)
}

async fn erase(archive: Arc<PostgresArchive>, entry: Entry) -> bool {
    archive.erase(entry.id, entry.summary.created_at).await.expect("an archive")
}

#[tokio::test]
async fn an_entry_in_flight_is_waited_for_and_goes() {
    let (scene, entry) = (Scene::new().await, booked());
    scene.hold("checkpoints").await;
    let putting = tokio::spawn(put(scene.archive(), entry.clone()));
    scene.wait_for(1).await;
    let erasing = tokio::spawn(erase(scene.archive(), entry.clone()));
    scene.wait_for(2).await;
    scene.let_go().await;
    assert!(matches!(putting.await.expect("a task"), Kept::Done));
    assert!(erasing.await.expect("a task"), "there was something by then");
    scene.holds_nothing_of(&entry).await;
}

#[tokio::test]
async fn an_erasure_in_flight_is_waited_for_and_heeded() {
    let (scene, entry) = (Scene::new().await, booked());
    scene.hold("transitions").await;
    let erasing = tokio::spawn(erase(scene.archive(), entry.clone()));
    scene.wait_for(1).await;
    let putting = tokio::spawn(put(scene.archive(), entry.clone()));
    scene.wait_for(2).await;
    scene.let_go().await;
    assert!(!erasing.await.expect("a task"));
    assert!(matches!(putting.await.expect("a task"), Kept::Erased));
    scene.holds_nothing_of(&entry).await;
}

#[tokio::test]
async fn an_erasure_that_passes_an_entry_before_its_row_is_heeded() {
    let (scene, entry) = (Scene::new().await, booked());
    // The entry has looked for a tombstone, and waits to write.
    scene.hold("sessions").await;
    let putting = tokio::spawn(put(scene.archive(), entry.clone()));
    scene.wait_for(1).await;
    let tombstone = format!("INSERT INTO {}.tombstones VALUES ('{}', now())", scene.schema, entry.id);
    SERVER.ask(&tombstone);
    scene.let_go().await;
    assert!(matches!(putting.await.expect("a task"), Kept::Erased));
    scene.holds_nothing_of(&entry).await;
}

#[tokio::test]
async fn an_erasure_takes_what_is_kept_while_an_entry_that_follows_waits() {
    let (scene, one) = (Scene::new().await, booked());
    put(scene.archive(), one.clone()).await;
    let mut two = one.clone();
    two.record = flow_core::Record::compose(one.record.stamp().next(), b"{}");
    two.expect = flow_core::store::Expect::At(one.record.prefix());
    scene.hold("transitions").await;
    let erasing = tokio::spawn(erase(scene.archive(), one.clone()));
    scene.wait_for(1).await;
    let putting = tokio::spawn(put(scene.archive(), two));
    scene.wait_for(2).await;
    scene.let_go().await;
    assert!(erasing.await.expect("a task"));
    let kept = putting.await.expect("a task");
    // Where it found the tombstone and where it found nothing to follow, nothing is left.
    assert!(matches!(kept, Kept::Erased | Kept::Moved(None)), "{kept:?}");
    scene.holds_nothing_of(&one).await;
}
