use flow_core::Flow;
use serde::{Deserialize, Serialize};

mod old {
    use super::{Deserialize, Flow, Serialize};

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(name = "my-talk")]
    pub enum Talk {
        #[state(start, ask = "Your name?", to(Done))]
        Begin,
        #[state(end, say = "Bye.")]
        Done,
    }
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "my-talk")]
enum Chat {
    #[state(start, ask = "Your name?", to(Done))]
    Begin,
    #[state(end, say = "Bye.")]
    Done,
}

mod next {
    use super::{Deserialize, Flow, Serialize};

    #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    #[flow(name = "my-talk", version = 2)]
    pub enum Talk {
        #[state(start, ask = "Your name?", to(Done))]
        Begin,
        #[state(end, say = "Bye.")]
        Done,
    }
}

fn main() {
    fn within() {
        #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
        #[flow(name = "my-talk")]
        enum Talk {
            #[state(start, ask = "Your name?", to(Done))]
            Begin,
            #[state(end, say = "Bye.")]
            Done,
        }
    }
    within();
}
