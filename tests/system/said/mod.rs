//! The log of what was said: kept if that is declared, bounded, archived, read in order, and forgotten in time.

mod archived;
mod kept;

use std::{any::Any, sync::Arc, time::Duration};

use flow_core::{Archive, EngineBuilder, Flow, Step, Store, Turn, Utterance, answers::Name, engine::Said};
use flow_memory::MemoryArchive;
use flow_postgres::PostgresArchive;
use flow_proving::PostgresServer;
use flow_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Reception {
    #[state(start, ask = "Who is there?", signals(Bell(u32)), to(Waiting))]
    Door,
    #[state(say = "{name}, please take a seat.", remind("1h", Tea), to(Gone))]
    Waiting { name: Name },
    #[state(end, say = "Bye, {name}.")]
    Gone { name: Name },
}

use reception::*;

struct Porter;

impl ReceptionHandler for Porter {
    async fn door_on_bell(&self, _: Door, rings: u32, turn: Turn<'_, Door>) -> Step<Door> {
        turn.stay(format!("It rang {rings} times."))
    }

    async fn waiting(&self, state: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        match turn.text() {
            "bye" => turn.to(state.gone()),
            said => {
                let answer = format!("You said: {said}");
                turn.stay(answer)
            }
        }
    }

    async fn waiting_on_tea(&self, _: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        turn.stay("Some tea?")
    }
}

fn reception() -> EngineBuilder<Reception> {
    Reception::engine(Porter)
}

fn keeping(said: Said) -> Stage<Reception> {
    Stage::with(reception().keep_said(said))
}

/// A stage whose engine keeps everything, and archives it.
fn archiving(archive: Arc<dyn Archive>) -> Stage<Reception> {
    Stage::with(reception().keep_said(Said::for_days(30)).archive(archive))
}

/// A minute passes, and what is due is done.
async fn a_minute_later(stage: &Stage<Reception>) {
    stage.clock.advance(MINUTE);
    stage.works().await;
}

impl Stage<Reception> {
    async fn all_said(&self) -> Vec<Utterance> {
        self.engine.said(self.id, None, 1_000).await.expect("a transcript")
    }

    /// Who said what, in order.
    async fn transcript(&self) -> Vec<String> {
        self.all_said().await.iter().map(line).collect()
    }

    /// How much of it stands in the record.
    async fn in_record(&self) -> usize {
        let record = self.store.behind().load(self.id, 0).await.expect("a store").record;
        record.map_or(0, |record| record.readable()["said"].as_array().map_or(0, Vec::len))
    }
}

fn line(said: &Utterance) -> String {
    format!("{} in {}: {}", said.by.as_str(), said.state, said.text.as_deref().unwrap_or("…"))
}

/// Every archive that comes with Flow.
async fn archives() -> Vec<(&'static str, Arc<dyn Archive>, Vec<Box<dyn Any>>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("said.db")).expect("a file");
    let server = PostgresServer::start_quick();
    let postgres = PostgresArchive::connect(&server.url("postgres")).await.expect("a database");
    vec![
        ("memory", Arc::new(MemoryArchive::new()), Vec::new()),
        ("SQLite", Arc::new(sqlite), vec![Box::new(folder)]),
        ("Postgres", Arc::new(postgres), vec![Box::new(server)]),
    ]
}
