use flow_core::{Answer, Speak};

#[derive(Answer)]
enum Size {
    Small,
    Large,
}

impl Speak for Size {
    fn speak(&self) -> String {
        "a pizza".into()
    }
}

fn main() {}
