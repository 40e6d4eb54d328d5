use std::fmt;

use flow_core::Answer;

#[derive(Answer)]
enum Size {
    Small,
    Large,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pizza")
    }
}

fn main() {}
