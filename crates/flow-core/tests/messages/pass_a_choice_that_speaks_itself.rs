use std::fmt;

use flow_core::{Answer, Speak};

#[derive(Answer)]
#[answer(own_speak)]
enum Size {
    Small,
    Large,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Small => "a small one",
            Self::Large => "a large one",
        })
    }
}

/// By hand, without a `Display`.
#[derive(Answer)]
#[answer(own_speak)]
enum Drink {
    Water,
}

impl Speak for Drink {
    fn speak(&self) -> String {
        "some water".into()
    }
}

fn main() {
    assert_eq!([Size::Small, Size::Large].map(|size| size.speak()), ["a small one", "a large one"]);
    assert_eq!(Drink::Water.speak(), "some water");
}
