//! Flows that have one name.

use flow_core::Flow;
use flow_memory::MemoryStore;
use serde::{Deserialize, Serialize};

use crate::log::{listen, logged};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "namesake")]
enum Tea {
    #[state(start, ask = "Which tea?", to(Poured))]
    Begin,
    #[state(end, say = "{kind} it is.")]
    Poured { kind: String },
}

/// In one crate it is of another version, or it would not compile.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "namesake", version = 2)]
enum Taxi {
    #[state(start, ask = "Where to?", to(Gone))]
    Begin,
    #[state(end, say = "To {place}, then.")]
    Gone { place: String },
}

struct Host;

impl TeaHandler for Host {}
impl TaxiHandler for Host {}

#[test]
fn two_flows_of_one_name_in_one_process_are_told_once_with_their_types() {
    listen();
    let _ = (Tea::engine(Host).store(MemoryStore::new()), Tea::engine(Host).store(MemoryStore::new()));
    assert_eq!(logged().matches("two flows").count(), 0, "{}", logged());
    let _ = (Taxi::engine(Host).store(MemoryStore::new()), Taxi::engine(Host).store(MemoryStore::new()));
    let told = logged();
    let line = told.lines().find(|line| line.contains("two flows of this process have one name")).expect("a warning");
    for part in ["WARN", "namesake", "namesakes::Tea", "namesakes::Taxi"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert_eq!(told.matches("two flows").count(), 1, "{told}");
}
