use flow_core::Flow;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Moon;

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Talk {
    #[state(start, ask = "Which moon?", to(Done))]
    Begin,
    #[state(end)]
    Done { moon: Moon },
}

fn main() {}
