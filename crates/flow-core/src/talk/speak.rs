//! What may be put into a reply: [`Speak`].

use std::fmt::Display;

/// A value that may be said to the visitor it belongs to: every `Display`, every private type, and every
/// derived [`Answer`](macro@crate::Answer).
///
/// The private types speak and have no `Display`, so that a stray name in a log line does not compile:
///
/// ```
/// use flow_core::{Speak, answers::Name};
///
/// let name: Name = "John Doe".parse()?;
/// assert_eq!(format!("Thanks, {}.", name.speak()), "Thanks, John Doe.");
/// # Ok::<(), flow_core::answers::NotA>(())
/// ```
///
/// ```compile_fail,E0277
/// # let name: flow_core::answers::Name = "John Doe".parse().unwrap();
/// println!("booked for {name}");
/// ```
pub trait Speak {
    /// The value in words.
    fn speak(&self) -> String;
}

impl<T: Display> Speak for T {
    fn speak(&self) -> String {
        self.to_string()
    }
}
