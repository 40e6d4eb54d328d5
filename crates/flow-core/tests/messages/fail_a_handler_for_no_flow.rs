use flow_core::Flow;
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Talk {
    #[state(start, silent, to(Done))]
    Begin,
    #[state(end)]
    Done,
}

struct Host;

fn main() {
    let _ = Talk::engine(Host);
}
